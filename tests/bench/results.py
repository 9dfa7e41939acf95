"""tests/bench/RESULTS.md, and one of its parts measured anew."""

import re
from datetime import UTC, datetime
from pathlib import Path

FILE = Path(__file__).with_name("RESULTS.md")


def replaced(title: str, lines: list[str]) -> None:
    """Other parts stay as they were measured; this one says when it was."""
    stamp = f"Measured alone, {datetime.now(UTC):%Y-%m-%d %H:%M} UTC."
    FILE.write_text(with_part(FILE.read_text(), title, [stamp, "", *lines]))


def with_part(text: str, title: str, lines: list[str]) -> str:
    """In its old place, or at the end."""
    part = "\n".join([f"## {title}\n", *lines, ""])
    found = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.M | re.S)
    if found.search(text):
        return found.sub(lambda _: part + "\n", text).rstrip() + "\n"
    return f"{text.rstrip()}\n\n{part}"
