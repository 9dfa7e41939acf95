"""What the results room answers: the same models as a page and as JSON."""

from pydantic import BaseModel

from portal.cards import Card, Document


class EarlierValue(BaseModel):
    value: str
    unit: str
    observed_at: str
    same_unit: bool


class ReadingView(BaseModel):
    """One test. `value`, `unit`, `reference_range` and `flag` are exactly the lab's."""

    everyday_name: str  # "" for a test we have no words for: the page then leads with `lab_name`
    lab_name: str
    loinc: str
    value: str
    unit: str
    reference_range: str
    flag: str
    flag_words: str  # OBX-8 in words, in the reader's language
    position: str  # portal.positions.Position
    is_outside: bool
    position_words: str
    status_words: str  # said only where it differs from the report's own
    about: str
    meaning: str  # what a value on this side can mean; "" when within range or unknown
    is_narrative: bool
    notes: tuple[str, ...]
    observed_at: str
    earlier: list[EarlierValue]
    picture: str = ""  # inline SVG, made by portal.pictures
    trend: str = ""  # inline SVG of earlier values, "" with fewer than two


class ResultLine(BaseModel):
    """One row of a list. `outside` counts the readings the lab flagged or that lie outside."""

    report_id: str
    title: str
    lab_title: str
    status: str
    status_words: str
    collected_at: str
    released_at: str
    ordered_by: str
    readings: int
    outside: int


class ResultsView(BaseModel):
    results: list[ResultLine]
    next: str = ""  # cursor of the next page; "" on the last


class ResultView(BaseModel):
    title: str  # everyday name of the panel, or the lab's
    status_words: str
    status_meaning: str
    outside: int
    readings: list[ReadingView]
    card: Card

    @property
    def documents(self) -> tuple[Document, ...]:
        return self.card.documents
