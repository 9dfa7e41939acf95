"""What the pages on the labels of results answer. Times are FHIR instants."""

from collections.abc import Callable, Iterable

from portal import analytes, segment_words, staff_people
from portal.cards import Card
from portal.labels import Correction
from portal.model import Model
from portal.patients import Patient
from portal.published import Summary
from portal.sensitivity import Segment

type Word = Callable[[str], str]


class LabelLine(Model):
    field: str
    words: str
    is_on: bool


class LabelledLine(Model):
    """`title`: only for who has opened the chart; a privacy officer goes by day and number."""

    report_id: str
    title: str
    collected_at: str
    released_at: str
    label_words: list[str]


class LabelsView(Model):
    patient_id: str
    name: str
    born_on: str
    results: list[LabelledLine]  # newest first
    next: str = ""  # cursor of the next page; "" on the last


class CorrectionLine(Model):
    name: str  # of who did it
    at: str
    added_words: list[str]
    removed_words: list[str]
    why: str


class ResultLabelsView(Model):
    """`seen` is the card's revision: whoever corrects says what they looked at."""

    patient_id: str
    name: str
    born_on: str
    result: LabelledLine
    labels: list[LabelLine]
    corrections: list[CorrectionLine]  # newest first
    seen: int
    is_open: bool  # they have opened the chart
    is_empty: bool  # another patient's: there is nothing to label
    why: str = ""  # as typed
    errors: dict[str, str] = {}


def whose(patient: Patient) -> dict[str, str]:
    return {
        "patient_id": patient.patient_id,
        "name": f"{patient.given} {patient.family}",
        "born_on": patient.birth_on.isoformat(),
    }


def line(result: Card | Summary, word: Word, *, has_title: bool) -> LabelledLine:
    title = analytes.title(result.panel_code, result.lab_title, word) if has_title else ""
    return LabelledLine(
        report_id=result.report_id,
        title=title,
        collected_at=result.collected_at,
        released_at=result.released_at,
        label_words=_words(map(Segment, result.segments), word),
    )


def correction(made: Correction, word: Word) -> CorrectionLine:
    by = staff_people.of(made.by)
    return CorrectionLine(
        name=by.name if by else "",
        at=made.at,
        added_words=_words(made.added, word),
        removed_words=_words(made.removed, word),
        why=made.why,
    )


def _words(segments: Iterable[Segment], word: Word) -> list[str]:
    return [word(segment_words.WORDS[each]) for each in segments]
