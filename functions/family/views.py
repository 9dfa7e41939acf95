"""What the family room answers."""

from datetime import date

from portal.model import Model


class FamilyPersonLine(Model):
    """Somebody whose record the reader can open."""

    grant_id: str
    name: str
    kind_words: str
    sees: list[str]
    ends_on: str  # the last day; "" without an end
    is_told: bool


class WatcherLine(Model):
    """Somebody who can open the reader's record, or is invited to. `state`: invited, active,
    suspended."""

    grant_id: str
    name: str
    kind_words: str
    state: str
    sees: list[str]
    ends_on: str
    may_preview: bool
    may_edit: bool
    may_revoke: bool


class RequestLine(Model):
    """What the reader asked the clinic for. `state`: waiting, denied."""

    name: str
    kind_words: str
    asked_at: str
    state: str
    reason: str


class PastLine(Model):
    at: str
    words: str
    sees: list[str]


class FamilyView(Model):
    has_record: bool
    people: list[FamilyPersonLine]
    watchers: list[WatcherLine]
    requests: list[RequestLine]
    past: list[PastLine]  # newest first
    done: str = ""


class GrantChangedView(Model):
    """`next` is where to go on."""

    next: str


class Box(Model):
    """One thing to choose."""

    name: str
    words: str
    is_on: bool


class Part2View(Model):
    """A written consent to share what is about substance use, to be signed: 42 CFR 2.31. The
    numbers are its paragraphs in (a)."""

    patient: str  # 1
    discloser: str  # 2
    information: str  # 3
    recipient: str  # 4
    purpose: str  # 5
    how_to_revoke: str  # 6
    ends: str  # 7


class ChoicesView(Model):
    """What may be shared, as boxes; nothing sensitive is ticked unless it is shared already."""

    categories: list[Box]
    segments: list[Box]
    may_change: bool = False
    ends_on: str = ""
    part2: Part2View
    is_signed: bool = False  # the consent of `part2` stands already


class InviteView(Model):
    name: str = ""
    email: str = ""
    preset: str = "everything"
    choices: ChoicesView
    errors: dict[str, str] = {}


class InvitedView(Model):
    """Shown once: the code is told to the invited by another way than e-mail."""

    grant_id: str
    name: str
    email: str
    code: str
    days: int


class GrantView(Model):
    """One grant, to change: all of it, or only the sensitive parts a teen shares with a parent."""

    watcher: WatcherLine
    is_whole: bool
    choices: ChoicesView
    errors: dict[str, str] = {}


class RevokeView(Model):
    grant_id: str
    name: str
    sees: list[str]
    is_mine: bool  # the reader holds it, and would give it back


class JoinView(Model):
    """The same for every link, also one of nobody's."""

    token: str
    days: int
    is_signed_in: bool
    given: str = ""
    family: str = ""
    born_on: str = ""
    errors: dict[str, str] = {}


class JoinedView(Model):
    """`number` is shown this once: with it and the birth date they show later who they are."""

    next: str
    number: str = ""


class ChildView(Model):
    """The form that asks for access to somebody else's record, with what was typed."""

    kind: str = "parent"
    given: str = ""
    family: str = ""
    born_on: str = ""
    identifier: str = ""
    relationship: str = ""
    statement: str = ""
    errors: dict[str, str] = {}


class AskedView(Model):
    """The same whether or not there is such a record."""

    next: str


class Signed(Model):
    """A written consent as it was signed, kept with the grant."""

    patient: str
    discloser: str
    information: str
    recipients: tuple[str, ...]
    uses: tuple[str, ...]
    how_to_revoke: str
    signature: str
    signed_on: date
    ends_on: date | None
    ends_with: str
