"""What the home room answers."""

from portal.model import Model


class NewResult(Model):
    report_id: str
    title: str
    status_words: str
    released_at: str
    outside: int
    is_new: bool = False  # this reader has not opened it


class NextVisit(Model):
    """An appointment to come. `starts_at` is a FHIR instant, `kind` in the reader's words; what
    follows it is as the clinic's schedule sent it, "" where it said nothing."""

    starts_at: str
    days: int  # 0 today, 1 tomorrow, by the reader's clock
    kind: str
    as_sent: str = ""  # what the schedule calls it
    with_whom: str = ""
    where: str = ""
    instruction: str = ""  # what to do before
    is_sure: bool = True  # the clinic confirmed it

    @property
    def is_soon(self) -> bool:
        return self.days <= 1


class Medicine(Model):
    """What is prescribed, as the pharmacy or clinic sent it."""

    name: str
    directions: str = ""
    refills_left: int | None = None  # None: nobody said


class Goal(Model):
    """As the care team wrote it."""

    words: str
    due_on: str = ""  # a FHIR date


class Bill(Model):
    """Not paid yet. `amount` is a decimal number, with `currency` of ISO 4217; both may be ""."""

    on: str = ""  # a FHIR date or dateTime
    amount: str = ""
    currency: str = ""


class FamilyNews(Model):
    """`kind`: ends (somebody's access to the reader's record), invited (not accepted yet),
    held-ends (the reader's own access to somebody's), asked (of the clinic, not answered)."""

    kind: str
    name: str
    on: str = ""  # the last day, as a FHIR date


class InterpreterNews(Model):
    """A request that is not answered. `state`: open, taken."""

    state: str
    due_at: str
    is_late: bool


class WidgetView(Model):
    """One part of home that has something to say. `words` is its title."""

    name: str
    words: str
    results: list[NewResult] = []
    visits: list[NextVisit] = []  # at most three, soonest first
    medicines: list[Medicine] = []  # at most twenty, those that run out first
    bills: list[Bill] = []  # at most three, the oldest first
    goals: list[Goal] = []  # at most three, those due first
    family: list[FamilyNews] = []
    consents: int = 0  # how many are asked again
    security: list[str] = []  # locked, one-way, few-codes, no-codes
    interpreter: InterpreterNews | None = None

    @property
    def is_calm(self) -> bool:
        """Nothing in it is new or waits for the reader."""
        is_new = any(each.is_new for each in self.results)
        is_soon = any(each.is_soon for each in self.visits)
        runs_out = any(each.refills_left == 0 for each in self.medicines)
        is_news = bool(self.family or self.consents or self.security or self.interpreter)
        is_news = is_news or bool(self.bills)
        return not (is_new or is_soon or runs_out or is_news)


class HomeView(Model):
    """What needs the reader today, in their order."""

    given_name: str
    is_locked: bool = False  # signed in by a link only: nothing clinical until the next step
    has_record: bool = True  # false for somebody who only helps others with theirs
    has_results: bool = True  # false for somebody acting who was not given them
    is_demo: bool
    latest: list[NewResult]  # at most three: those not opened yet first, each newest first
    widgets: list[WidgetView] = []
    hidden: int = 0  # how many parts the reader hid
    may_arrange: bool = False  # it is their own home
    has_guide: bool = False

    @property
    def is_calm(self) -> bool:
        """Nothing on it is new or waits for the reader."""
        return all(each.is_calm for each in self.widgets)


class SearchView(Model):
    """`words` as typed. `has_more`: there are more than are shown."""

    words: str = ""
    has_asked: bool = False
    found: list[NewResult] = []
    has_more: bool = False
    errors: dict[str, str] = {}
