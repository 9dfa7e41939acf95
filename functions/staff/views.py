"""What the staff room answers. Times are FHIR instants."""

from portal.cards import Card
from portal.model import Model


class SignInView(Model):
    """`because`: needed, idle, step (once more), out, or why somebody was refused."""

    because: str = ""
    return_to: str


class GoingView(Model):
    """Where the browser goes on to: the provider's own page."""

    name: str
    url: str


class EnteredView(Model):
    next: str


class ReviewLine(Model):
    """Something to look at. It names no patient: that is for whoever takes it."""

    review_id: str
    words: str
    state: str
    asked_at: str
    due_at: str
    is_overdue: bool
    owner_name: str
    is_mine: bool


class RoomView(Model):
    name: str
    role_words: list[str]
    reviews: list[ReviewLine]  # the most urgent first
    next: str = ""  # place of the next page; "" on the last
    after: str = ""  # of this page; "" on the first
    may_work: bool
    may_find: bool
    may_read_people: bool
    authority: str = ""  # as typed, as the next
    number: str = ""
    errors: dict[str, str] = {}


class ReviewView(Model):
    line: ReviewLine
    patient_id: str
    patient_name: str
    staff_name: str = ""  # of staff it is about
    cause_words: str = ""
    words: str = ""  # theirs
    spoken: str = ""  # of an interpreter that was asked for, as the next
    how: str = ""
    grant_id: str = ""  # while it lasts
    grant_ends_at: str = ""
    finding: str = ""
    may_find: bool
    more: str = ""  # the page where it is decided
    may_take: bool
    may_close: bool
    errors: dict[str, str] = {}


class StaffStayView(Model):
    seconds: int  # from now until the session ends by itself


class DoneView(Model):
    """`next` is where to go on."""

    next: str


class PersonLine(Model):
    subject_id: str
    name: str
    is_readable: bool  # False: the name is not known, the rest may be wrong
    role_words: list[str]
    signed_in_at: str  # "" when nobody knows


class PeopleView(Model):
    people: list[PersonLine]  # by name; first those who cannot be read
    next: str = ""  # whom the next page comes after; "" on the last


class PatientView(Model):
    """`state`: active, child (under 12: no account), closed or deceased."""

    patient_id: str
    name: str
    born_on: str
    state: str
    may_activate: bool
    may_recover: bool
    may_break_glass: bool
    may_read_proxies: bool = False
    may_label: bool = False
    emergency_ends_at: str = ""
    done: str = ""
    seen: bool = False  # as chosen, as the next
    kind: str = "desk"
    errors: dict[str, str] = {}


class DeskCodeView(Model):
    """To hand on; it is shown this once. `qr` is inline SVG; the code is typed at `address`."""

    patient_id: str
    name: str
    link: str
    address: str
    code: str
    qr: str
    ends_at: str
    is_paper: bool


class WayLine(Model):
    way_id: str
    words: str
    name: str
    since: str


class RecoveryView(Model):
    patient_id: str
    name: str
    born_on: str
    ways: list[WayLine]
    lost: str = ""  # as chosen, as the next
    seen: bool = False
    errors: dict[str, str] = {}


class CauseLine(Model):
    cause: str
    words: str


class BreakGlassView(Model):
    patient_id: str
    name: str
    born_on: str
    minutes: int
    causes: list[CauseLine]
    cause: str = ""  # as typed, as the next
    words: str = ""
    errors: dict[str, str] = {}


class ChartFrame(Model):
    """Around all that is seen in an emergency."""

    patient_id: str
    name: str
    born_on: str
    ends_at: str


class StaffResultLine(Model):
    report_id: str
    title: str
    lab_title: str
    status: str
    status_words: str
    collected_at: str
    outside: int


class StaffResultsView(Model):
    chart: ChartFrame
    results: list[StaffResultLine]  # newest first
    next: str = ""  # cursor of the next page; "" on the last


class StaffResultView(Model):
    chart: ChartFrame
    title: str
    status_words: str
    card: Card
    may_label: bool = False
