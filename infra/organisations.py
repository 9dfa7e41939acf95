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
    asked = argparse.ArgumentParser(prog="python -m infra.organisations")
    asked.add_argument("--stack", default="portal", help="name of the CloudFormation stack")
    asked.add_argument("--local", action="store_true", help="the stack of make run")
    what = asked.add_subparsers(dest="what")
    what.add_parser("put", help="store a hospital's settings").add_argument("file", type=Path)
    what.add_parser("show", help="print them").add_argument("organisation_id")
    options = asked.parse_args(arguments)
    if options.local:
        os.environ.update(local_environment())
    os.environ.update(function_environment(options.stack))
    sys.stdout.write(done(options) + "\n")


def done(options: argparse.Namespace) -> str:
    from portal import objects, organisations

    if options.what == "put":
        try:
            kept = organisations.keep(options.file.name, options.file.read_text("utf-8"))
        except organisations.BadSettings as error:
            sys.exit(f"Not stored. {error}")
        return f"Stored for {kept.name}; it counts within a minute."
    if options.what == "show":
        return objects.get(f"{organisations.PREFIX}{options.organisation_id}.toml").decode()
    found = organisations.everyone().values()
    return "\n".join(f"{each.organisation_id}  {each.name}" for each in found) or "None yet."


if __name__ == "__main__":
    main()
