"""A language nobody speaks (en-XA, as CLDR calls it): each text of the catalogues' template between
marks, accented and two fifths longer. What stands outside marks was never to be translated; what
has no room is cut off.

Its dates and times are Russian, so that one put together in English is found, too.
"""

import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from pathlib import Path

import pytest
from infra.catalogues import PLACEHOLDER
from infra.messages import messages

from portal import languages, pages, provenance
from portal.languages import Language

ROOT = Path(__file__).resolve().parents[2]
OPENS, CLOSES = "⟦", "⟧"
GROWTH = 0.4
KEPT = re.compile(rf"({PLACEHOLDER.pattern}|%%|<[^>]*>|&#?\w+;)")
ACCENTS = str.maketrans(
    "aceiknorsuyzACEIKNORSUYZ",
    "áçéíķñóřšúýžÁÇÉÍĶÑÓŘŠÚÝŽ",
)
PSEUDO = Language("en-XA", f"{OPENS}en-XA{CLOSES}", "ru")


def pseudo(text: str) -> str:
    """Placeholders, markup and entities stay as they are."""
    parts = KEPT.split(text)
    parts[::2] = ["".join(longer(each)).translate(ACCENTS) for each in parts[::2]]
    return OPENS + "".join(parts) + CLOSES


def longer(text: str) -> Iterator[str]:
    """Some letters twice, so that words grow and not their number alone."""
    owed = 0.0
    for each in text:
        owed += GROWTH
        twice = each.isalpha() and owed >= 1
        owed -= twice
        yield each * (1 + twice)


class PseudoTranslations(NullTranslations):
    """Knows what the template knows: a text that no catalogue can hold comes back as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.known = template_texts()
        self.critical: set[str] = set()  # whose review was asked for; nobody reviewed any

    def gettext(self, message: str) -> str:
        return pseudo(message) if message in self.known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        if context != provenance.CONTEXT:
            return self.gettext(message)
        self.critical.add(message)
        return message


@cache
def template_texts() -> frozenset[str]:
    """Singulars and plurals."""
    return frozenset(
        each
        for text, _comments, _context in messages(ROOT)
        for each in ([text] if isinstance(text, str) else text)
    )


def installed(patch: pytest.MonkeyPatch) -> PseudoTranslations:
    """Until the patch is undone, the portal answers who asks for en-XA."""
    real, made = pages.catalogue, PseudoTranslations()
    patch.setitem(languages.BY_TAG, PSEUDO.code.lower(), PSEUDO)
    patch.setattr(pages, "catalogue", lambda code: made if code == PSEUDO.code else real(code))
    pages.environment.cache_clear()
    return made
