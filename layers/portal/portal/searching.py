"""Results found by the names of their tests: everyday words in the reader's language and in
English, the lab's own, and LOINC codes. Accents and case do not matter.

There is no index to keep: the summaries that the reader may see are read and compared, so what is
hidden is found no more than what is missing. 500 reports of 15 tests each take about as long as
reading them from the store (a quarter of a second on a developer's machine).
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from portal import analytes, pages, published, seen
from portal.languages import ENGLISH
from portal.published import Summary
from portal.seen import Sees

_OTHER_LETTERS = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe"})
_TERM = re.compile(r"\w+(?:-\w+)*")


def terms_of(words: str) -> list[str]:
    """Each must be in a result for it to be found; "2345-7" is one."""
    return list(dict.fromkeys(_TERM.findall(folded(words).replace("_", " "))))


def found(sees: Sees, patient_id: str, words: str, language: str, limit: int) -> list[Summary]:
    """The newest first."""
    terms = terms_of(words)
    matching = (
        summary
        for summary in seen.every(sees, patient_id)
        if _has(_text_of(patient_id, summary, language), terms)
    )
    return [summary for summary, _ in zip(matching, range(limit), strict=False)]


def folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c)).translate(_OTHER_LETTERS)


def _has(text: str, terms: list[str]) -> bool:
    return all(term in text for term in terms)


def _text_of(patient_id: str, summary: Summary, language: str) -> str:
    return "\n".join(_names(patient_id, summary, language))


def _names(patient_id: str, summary: Summary, language: str) -> Iterator[str]:
    yield folded(summary.lab_title)
    yield _everyday(summary.panel_code, language)
    for name in _tests(patient_id, summary):
        loinc, _, lab_name = name.partition("|")
        yield folded(lab_name)
        yield _everyday(loinc, language)


def _tests(patient_id: str, summary: Summary) -> tuple[str, ...]:
    """A summary of before they were kept in it has none: its card knows them."""
    if summary.tests is not None:
        return summary.tests
    card = published.find(patient_id, summary.report_id)
    return published.tests_of(card.card) if card else ()


@cache
def _everyday(loinc: str, language: str) -> str:
    """Panel, test and what it belongs to, in both languages, with the code."""
    if not loinc:
        return ""
    analyte = analytes.find(loinc)
    ours = [analytes.panel(loinc) or "", *([analyte.name, analyte.group] if analyte else [])]
    word, english = pages.words(language), pages.words(ENGLISH.code)
    both = (said(each) for each in ours for said in (word, english))
    return folded("\n".join([loinc, *both]))
