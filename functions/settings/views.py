"""What the settings pages answer; those of signing in are in `security_views`."""

from portal.display import Look
from portal.model import Model


class SavedView(Model):
    """It is kept; `next` is where to go on."""

    next: str


class LanguageView(Model):
    language: str


class OverviewView(Model):
    """What holds now, in the reader's words; "" where nothing was chosen."""

    called: str
    email: str
    phone: str
    language_name: str
    zone: str
    quiet_from: str
    quiet_to: str


class NameView(Model):
    """`given` and `family` are the clinic's, which the person cannot change here."""

    given: str
    family: str
    preferred_name: str
    pronouns: str
    done: str = ""
    errors: dict[str, str] = {}


class ZoneChoice(Model):
    time_zone: str  # IANA
    words: str


class LanguagesView(Model):
    """`time_zone` is the one in use; `is_clinics`: nobody chose another."""

    language: str
    is_saved: bool
    time_zone: str
    is_clinics: bool
    zones: list[ZoneChoice]
    done: str = ""
    errors: dict[str, str] = {}


class LookView(Model):
    look: Look
    done: str = ""
    errors: dict[str, str] = {}


class TopicView(Model):
    topic: str
    words: str
    about: str
    channels: list[str]  # portal.topics.Channel, those that are on
    is_needed: bool = False  # one that reaches must stay on
    is_silent: bool = False  # nothing is on
    error: str = ""


class NoticesView(Model):
    topics: list[TopicView]
    has_email: bool
    has_phone: bool
    quiet_from: str
    quiet_to: str
    zone: str
    done: str = ""
    errors: dict[str, str] = {}


class WidgetLine(Model):
    name: str
    words: str
    is_shown: bool
    is_first: bool
    is_last: bool


class WidgetsView(Model):
    widgets: list[WidgetLine]
    done: str = ""


class ContactPoint(Model):
    kind: str  # email, phone
    address: str  # "" for none
    is_confirmed: bool


class ContactView(Model):
    """`typed` survives an error, by kind."""

    points: list[ContactPoint]
    may_change: bool
    typed: dict[str, str] = {}
    done: str = ""
    errors: dict[str, str] = {}


class ContactCodeView(Model):
    """`address` is where the code went; "" when nothing waits."""

    address: str
    kind: str = ""
    minutes: int
    errors: dict[str, str] = {}


class InterpreterRequest(Model):
    """`state`: open, taken, closed. Times are FHIR instants, "" where there is none."""

    language_name: str
    how_words: str
    state: str
    asked_at: str
    due_at: str
    is_late: bool


class Choice(Model):
    name: str
    words: str


class Notice(Model):
    """One sentence in another language than the page's."""

    language: str
    direction: str
    words: str


class HelpView(Model):
    phone: str = ""  # the clinic's, "" where it named none
    may_ask: bool = False  # signed in with two steps, as oneself
    notices: list[Notice] = []  # of free language help: 45 CFR 92.11
    requests: list[InterpreterRequest] = []
    spoken: list[Choice] = []
    ways: list[Choice] = []
    language: str = ""
    how: str = ""
    note: str = ""
    done: str = ""
    errors: dict[str, str] = {}
