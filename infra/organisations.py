"""Hospitals whose sign-in patients may use, in a deployed portal.

    python -m infra.organisations --stack portal-staging                          who they are
    python -m infra.organisations --stack portal-staging put riverbend-hospital.toml
    python -m infra.organisations --stack portal-staging show riverbend-hospital

What a file says is described in portal/organisations.py. One that does not count is not stored.
`--local` does the same to the stack of make run.
"""

import argparse
import os
import sys
from pathlib import Path

from infra.admin import function_environment
from infra.quarantine import local_environment


def main(arguments: list[str] | None = None) -> None:
    options = parsed(arguments)
    if options.local:
        os.environ.update(local_environment())
    os.environ.update(function_environment(options.stack))
    sys.stdout.write(done(options) + "\n")


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m infra.organisations")
    asked.add_argument("--stack", default="portal", help="name of the CloudFormation stack")
    asked.add_argument("--local", action="store_true", help="the stack of make run")
    what = asked.add_subparsers(dest="what")
    what.add_parser("put", help="store a hospital's settings").add_argument("file", type=Path)
    what.add_parser("show", help="print them").add_argument("organisation_id")
    return asked.parse_args(arguments)


def done(options: argparse.Namespace) -> str:
    from portal import organisations

    if options.what == "put":
        return put(options.file)
    if options.what == "show":
        return shown(options.organisation_id)
    found = organisations.everyone().values()
    return "\n".join(f"{each.organisation_id}  {each.name}" for each in found) or "None yet."


def put(file: Path) -> str:
    """Checked before it is stored."""
    from portal import organisations

    try:
        kept = organisations.keep(file.name, file.read_text("utf-8"))
    except organisations.BadSettings as error:
        sys.exit(f"Not stored. {error}")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{file} cannot be read: {error}")
    return f"Stored for {kept.name}; it counts within a minute."


def shown(organisation_id: str) -> str:
    from portal import objects, organisations

    key = f"{organisations.PREFIX}{organisation_id}.toml"
    if key not in objects.names(key):
        sys.exit("There is no such hospital. Without a command, all of them are listed.")
    return objects.get(key).decode()


if __name__ == "__main__":
    main()
