"""Who wrote a translation: a line of comment in the catalogue, `machine 2026-11-21` or
`reviewed 2026-11-21 by Ana Ruiz, certified translator (1f0c9d3a)`.

The mark at the end is of the words that were reviewed: words changed since are a machine's again.
"""

import re
from collections.abc import Iterable
from datetime import date
from gettext import NullTranslations
from hashlib import sha256
from typing import Any

MACHINE = re.compile(r"machine (\d{4}-\d{2}-\d{2})")
REVIEWED = re.compile(r"reviewed (\d{4}-\d{2}-\d{2}) by (.+), (.+) \(([0-9a-f]{8})\)")
CONTEXT = "reviewed"  # a compiled catalogue keeps a text's review as an entry in this context
YES = "yes"


def by_machine(on: date) -> str:
    return f"machine {on}"


def by_person(on: date, name: str, qualification: str, texts: Iterable[str]) -> str:
    return f"reviewed {on} by {name}, {qualification} ({mark(texts)})"


def mark(texts: Iterable[str]) -> str:
    return sha256("\0".join(texts).encode()).hexdigest()[:8]


def is_said(comments: Iterable[str]) -> bool:
    return any(MACHINE.fullmatch(each) or REVIEWED.fullmatch(each) for each in comments)


def was_reviewed(comments: Iterable[str], texts: Iterable[str]) -> bool:
    expected = mark(texts)
    found = (REVIEWED.fullmatch(each) for each in comments)
    return any(each is not None and each[4] == expected for each in found)


def with_reviews(catalogue: Any) -> Any:
    """The Babel catalogue with an entry for each reviewed text of one form: what
    `is_reviewed` asks."""
    for message in list(catalogue):
        one = message.string
        if isinstance(one, str) and one and was_reviewed(message.user_comments, [one]):
            catalogue.add(message.id, YES, context=CONTEXT)
    return catalogue


def is_reviewed(texts: NullTranslations, text: str) -> bool:
    return texts.pgettext(CONTEXT, text) == YES
