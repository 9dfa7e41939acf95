"""What is said outside the marks of the pseudo-locale: words that were never to be translated."""

import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple

from tests.accessibility.pseudo import CLOSES, OPENS
from tests.html_tree import VOID

SPOKEN = {"alt", "aria-label", "aria-description", "aria-roledescription", "aria-valuetext"}
SPOKEN |= {"label", "placeholder", "title"}
BUTTONS = {"submit", "button", "reset"}
SILENT = {"style", "script"}
# Besides this, a part with a `lang` of its own speaks that language: names of languages, the offer
# of an interpreter, and the English that stands beside what nobody reviewed.
MAY_STAND = {
    "Test clinic": "the portal's name",
    "(Ana|Noah|Noor|Priya|Rosa|Sam) (Castellano|Delgado|Raman|Rivera)": "people's names",
    r"\w+@example\.org": "an address",
    "mg/dL|mmol/L": "units, as the lab sent them",
    "Glucose|RIVERBEND|HH?": "the lab's own names and marks",
    "Follow-up diabetes|Telehealth|Dr Ada Okafor|Room 4|Bring your meter": "as a schedule has it",
    "(lisinopril 10 MG Oral Tablet|metformin 500 MG|Take 1 tablet once a day)": "a pharmacy's",
    "Walk 30 minutes a day": "a care team's words",
    r"T\d{5}|test-request": "numbers of a record and of a request",
    "mother": "typed by who asked for a child's record",
    "What I say here is true, and I may act for this person by law": "in the words it was signed",
    "Components": "the title of a page in English, for who builds pages",
}
DATA = re.compile(rf"\b(?:{'|'.join(MAY_STAND)})\b")


class Open(NamedTuple):
    tag: str
    is_foreign: bool
    depth: int  # of marks, where it begins


class Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.language = ""
        self.stack = [Open("", False, 0)]
        self.depth = 0
        self.unmarked: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        own = attributes.get("lang", "")
        self.language = self.language or own
        is_foreign = own != self.language if own else self.stack[-1].is_foreign
        for name in [] if is_foreign else attributes:
            if is_said(tag, name, attributes):
                found = words_outside(attributes[name])
                self.unmarked += [f"<{tag} {name}>: {each}" for each in found]
        if tag not in VOID:
            self.stack.append(Open(tag, is_foreign, self.depth))

    def handle_endtag(self, tag: str) -> None:
        ended = self.stack.pop()
        if ended.depth != self.depth:
            self.unmarked.append(f"<{tag}>: a mark without its other half")
            self.depth = ended.depth

    def handle_data(self, data: str) -> None:
        within = self.stack[-1]
        for text, depth in parts(data, self.depth):
            self.depth = depth
            if not (depth or within.is_foreign or within.tag in SILENT) and has_words(text):
                self.unmarked.append(f"<{within.tag}>: {' '.join(text.split())}")


def is_said(tag: str, name: str, attributes: dict[str, str]) -> bool:
    """Seen, read aloud, or kept in `data-` for a script to say."""
    if name == "value":
        return tag == "input" and attributes.get("type") in BUTTONS
    return name in SPOKEN or (name.startswith("data-") and " " in attributes[name])


def words_outside(text: str) -> list[str]:
    return [part.strip() for part, depth in parts(text, 0) if not depth and has_words(part)]


def parts(text: str, depth: int) -> Iterator[tuple[str, int]]:
    """What stands between two marks, and within how many."""
    for mark, part in re.findall(f"([{OPENS}{CLOSES}]?)([^{OPENS}{CLOSES}]*)", text):
        depth += {OPENS: 1, CLOSES: -1}.get(mark, 0)
        yield part, depth


def has_words(text: str) -> bool:
    """Dates, times and places are Cyrillic here, numbers are numbers: what is left is Latin."""
    left = DATA.sub("", text)
    return any(each.isalpha() and "LATIN" in unicodedata.name(each) for each in left)
