"""What the results room answers: the same models as a page and as JSON."""

from portal.cards import Card, Document, Role
from portal.model import Model


class EarlierValue(Model):
    value: str
    unit: str
    observed_at: str
    same_unit: bool


class Change(Model):
    """What a correction changed, in the lab's own texts; "" where the lab gave nothing."""

    label: str
    before: str
    now: str


class EarlierVersion(Model):
    """What the lab said before it changed the result."""

    value: str
    unit: str
    reference_range: str
    flag: str
    status_words: str
    reported_at: str


class ReadingView(Model):
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
    is_unreadable: bool = False
    moment: str = ""  # FHIR date or dateTime, where the value is one
    panel: str = ""  # the lab's name of the order within the order
    notes: tuple[str, ...]
    observed_at: str
    changed_at: str = ""  # "" for a result that was never changed
    change_words: str = ""
    changes: list[Change] = []
    reasons: tuple[str, ...] = ()  # of the notes, why the lab changed it
    versions: list[EarlierVersion] = []  # newest first
    role: str = ""  # portal.cards.Role
    medicine: str = ""  # of a susceptibility: its name without the method
    rating: str = ""  # S, I, R and their like
    rating_words: str = ""
    rating_meaning: str = ""
    members: list["ReadingView"] = []  # susceptibilities and counts of a germ
    earlier: list[EarlierValue]
    picture: str = ""  # inline SVG, made by portal.pictures
    trend: str = ""  # inline SVG of earlier values, "" with fewer than two


class ResultLine(Model):
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


class ResultsView(Model):
    results: list[ResultLine]
    next: str = ""  # cursor of the next page; "" on the last
    has_record: bool = True  # false for somebody who only helps others with theirs


class ResultView(Model):
    title: str  # everyday name of the panel, or the lab's
    status_words: str
    status_meaning: str
    outside: int
    readings: list[ReadingView]
    card: Card
    kind_words: str = ""
    growth_words: str = ""  # of a culture in which nothing grew
    condition_words: str = ""  # of the sample

    @property
    def germs(self) -> list[ReadingView]:
        return [each for each in self.readings if each.role == Role.GERM]

    @property
    def others(self) -> list[ReadingView]:
        return [each for each in self.readings if each.role != Role.GERM]

    @property
    def changed(self) -> list[ReadingView]:
        every = [*self.readings, *(each for one in self.readings for each in one.members)]
        return [each for each in every if each.changes]

    @property
    def documents(self) -> tuple[Document, ...]:
        return self.card.documents
