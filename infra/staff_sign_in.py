"""Which sign-in of the hospital's own staff use, as an operator sets it up.

    python -m infra.staff_sign_in --stack portal-staging               show what is set
    python -m infra.staff_sign_in --stack portal-staging sign-in.toml  check it, and put it in place

What the file says is described in portal/staff_provider.py. Register the portal with the provider
as a web application with the address that this prints to come back to.
"""

import argparse
import os
import sys
from pathlib import Path

from infra.admin import function_environment


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m infra.staff_sign_in")
    asked.add_argument("--stack", required=True, help="name of the CloudFormation stack")
    asked.add_argument("file", type=Path, nargs="?", help="the settings, in TOML")
    options = asked.parse_args()
    os.environ.update(function_environment(options.stack))
    sys.stdout.write((kept(options.file) if options.file else shown()) + "\n")


def kept(file: Path) -> str:
    """Checked before it is stored."""
    from portal import staff_provider
    from portal.settings import settings

    try:
        said = staff_provider.keep(file.read_text("utf-8"))
    except staff_provider.BadSettings as error:
        sys.exit(f"Not stored. {error}")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{file} cannot be read: {error}")
    back = f"{settings().portal_url}/staff/callback"
    return f"Stored: staff sign in at {said.provider.base}, within a minute.\nThey return to {back}"


def shown() -> str:
    from portal import objects, staff_provider

    if staff_provider.KEY not in objects.names(staff_provider.KEY):
        return "Nothing is set: no staff can sign in."
    return objects.get(staff_provider.KEY).decode()


if __name__ == "__main__":
    main()
