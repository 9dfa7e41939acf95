"""The rules on care that minors consent to alone (docs/minor_consent.md), before they are deployed.

    python -m infra.minor_consent check layers/portal/portal/minor_consent.toml

Says how many there are, or which row does not count and why.
"""

import argparse
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> None:
    asked = argparse.ArgumentParser(prog="python -m infra.minor_consent")
    what = asked.add_subparsers(dest="what", required=True)
    what.add_parser("check", help="whether a file counts").add_argument("file", type=Path)
    options = asked.parse_args(arguments)
    sys.stdout.write(checked(options.file.read_text("utf-8")) + "\n")


def checked(text: str) -> str:
    from portal import minor_consent

    try:
        found = minor_consent.read(text)
    except minor_consent.BadRules as error:
        sys.exit(f"Does not count. {error}")
    states = {each.state for each in found}
    return f"{_count(len(found), 'rule')} of {_count(len(states), 'state')}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


if __name__ == "__main__":
    main()
