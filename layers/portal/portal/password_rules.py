"""Which passwords are good enough (NIST SP 800-63B-4 section 3.1.1, OWASP ASVS 5.0 V6.2).

15 to 128 characters of any kind. Refused is what is guessed first: a password that is hardly more
than words of the common list, words about this person and this portal, runs (`12345`, `qwerty`,
`aaaa`) and repetitions, with a little around them. What a password is worth is counted in
characters that somebody has to guess: a common word counts as two however long, a run as one, a
word about the person as none.
"""

import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

LEAST, MOST = 15, 128
LEAST_WORTH = 8
COMMON = Path(__file__).with_name("common_passwords.txt")
SHORTEST_WORD, LONGEST_WORD, SHORTEST_RUN = 3, 24, 3
WORD, RUN, YEAR = 2, 1, 2
OF_A_PORTAL = ("portal", "patient", "clinic", "health", "hospital", "doctor", "medical", "mychart")
LOOK_ALIKES = str.maketrans("@4301!$57", "aaeoiisst")
LOCAL_NUMBERS = (10, 7)  # digits of a phone number without country, without area
ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class Fault(StrEnum):
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"
    TOO_EASY = "too-easy"


class Piece(NamedTuple):
    """A part of a password, and what it adds in characters to guess."""

    text: str
    worth: int


def normal(password: str) -> str:
    """One spelling of what looks the same, whatever keyboard it was typed on. Nothing is cut off,
    no case is changed."""
    return unicodedata.normalize("NFKC", password)


def fault_of(password: str, about: Iterable[str]) -> Fault | None:
    """`about`: words about the person and the portal."""
    password = normal(password)
    if len(password) < LEAST:
        return Fault.TOO_SHORT
    if len(password) > MOST:
        return Fault.TOO_LONG
    is_common = bool({folded(password), *parts(password)} & common_whole())
    is_easy = is_common or worth(password, about) < LEAST_WORTH
    return Fault.TOO_EASY if is_easy else None


def about_person(names: Iterable[str], contacts: Iterable[str], birth_on: date) -> set[str]:
    """Names in parts, contacts in parts, and the birth date as people write it."""
    found = {part for text in (*names, *contacts) for part in parts(text)}
    formats = ("%Y", "%m%d", "%d%m", "%m%d%Y", "%d%m%Y", "%Y%m%d", "%m%d%y", "%d%m%y", "%y%m%d")
    dates = {birth_on.strftime(each) for each in formats}
    numbers = {each[-length:] for each in found if each.isdigit() for length in LOCAL_NUMBERS}
    return found | dates | numbers | set(OF_A_PORTAL)


def parts(text: str) -> set[str]:
    """The words of a text, and the text without what stands between them."""
    plain = "".join(each if each.isalnum() else " " for each in folded(text))
    return {*plain.split(), plain.replace(" ", "")}


def worth(password: str, about: Iterable[str]) -> int:
    """In characters somebody has to guess. Spelled with dots between the letters it is no more."""
    known = frozenset(word for each in about if len(word := folded(each)) >= SHORTEST_WORD)
    text = unrepeated(folded(password))
    letters = "".join(filter(str.isalnum, text))
    signs = len(set(text) - set(letters))
    return min(_worth(text, known), _worth(letters, known) + signs)


def folded(text: str) -> str:
    """Without case and accents."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each))


def unrepeated(text: str) -> str:
    """`abcabcab` is `abc`."""
    for length in range(1, len(text) // 2 + 1):
        if (text[:length] * (len(text) // length + 1))[: len(text)] == text:
            return text[:length]
    return text


@cache
def common() -> frozenset[str]:
    return frozenset(COMMON.read_text("utf-8").split())


@cache
def common_whole() -> frozenset[str]:
    """Those of the list that are long enough to be one."""
    return frozenset(each for each in common() if len(each) >= LEAST)


def _worth(text: str, known: frozenset[str]) -> int:
    """Of the cheapest way to put it together. What comes again is free, but for single letters and
    digits: random digits come again, too."""
    pieces = _cheapest(text, known)
    again = [each for each in pieces if len(each.text) == 1 and each.text.isalnum()]
    return sum(each.worth for each in {*pieces} - {*again}) + len(again)


def _cheapest(text: str, known: frozenset[str]) -> tuple[Piece, ...]:
    best: list[tuple[int, tuple[Piece, ...]]] = [(0, ())]
    for end in range(1, len(text) + 1):
        ways = []
        for start in range(max(0, end - LONGEST_WORD), end):
            if piece := _piece(text[start:end], known):
                cost, before = best[start]
                ways.append((cost + piece.worth, (*before, piece)))
        best.append(min(ways, key=lambda way: way[0]))
    return best[-1][1]


def _piece(text: str, known: frozenset[str]) -> Piece | None:
    """None for what is neither one character nor easy."""
    if len(text) == 1:
        return Piece(text, 1)
    spellings = {text, text.translate(LOOK_ALIKES)}
    if spellings & known:
        return Piece(text, 0)
    if len(text) >= SHORTEST_RUN and _is_run(text):
        return Piece(text, RUN)
    if len(text) > SHORTEST_WORD and spellings & common():
        return Piece(text, WORD)
    is_year = len(text) == 4 and text.isascii() and text.isdigit() and text[:2] in {"19", "20"}
    return Piece(text, YEAR) if is_year else None


def _is_run(text: str) -> bool:
    """The same again, or along the alphabet, the digits or a row of the keyboard."""
    is_along = any(text in row or text[::-1] in row for row in ROWS)
    return is_along or len(set(text)) == 1
