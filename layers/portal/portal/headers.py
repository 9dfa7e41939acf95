"""What MSH must say before a message may change a chart, however it came."""

import re
from dataclasses import dataclass

from portal.hl7 import Message

_VERSION = re.compile(r"2\.[1-9](\.\d+)*", re.ASCII)
OTHER_VERSION = "MSH-12 names a version other than 2.1 to 2.9."
NOT_PRODUCTION = "MSH-11 does not say P: tests and training have no place in patients' charts."


@dataclass(frozen=True)
class Fault:
    place: str
    words: str


def fault(message: Message) -> Fault | None:
    """MSH-11 and MSH-12 may be empty, as they are in every tenth real message."""
    header = message.first("MSH")
    version, mode = header.text(12).strip(), header.text(11).strip()
    if version and not _VERSION.fullmatch(version):
        return Fault("MSH-12", OTHER_VERSION)
    return Fault("MSH-11", NOT_PRODUCTION) if mode not in ("", "P") else None
