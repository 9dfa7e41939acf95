"""What staff may do: roles give scopes, and nothing else does (45 CFR 164.308(a)(3)-(4)).

Pure rules, as `portal.access` is for patients. A staff session is never a patient's: it opens no
chart by itself, only a break-glass grant does (`portal.break_glass`).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from portal import access
from portal.access import Subject, Verdict, Visitor
from portal.granting import Item, Relation
from portal.moments import now
from portal.roles import Role
from portal.scopes import Scope


class StaffScope(StrEnum):
    READ_ROOM = "staff.room.read"
    END_SESSION = "staff.session.end"
    WORK_REVIEWS = "staff.reviews.work"
    FIND_PATIENTS = "staff.patients.find"
    GIVE_ACTIVATION = "staff.patients.activate"
    RECOVER_ACCOUNT = "staff.patients.recover"
    OPEN_BREAK_GLASS = "staff.break-glass.open"
    READ_IN_EMERGENCY = "staff.break-glass.read"  # with a grant for that patient
    END_BREAK_GLASS = "staff.break-glass.end"
    READ_PEOPLE = "staff.people.read"
    END_PEOPLE = "staff.people.sign-out"
    CORRECT_LABELS = "staff.labels.correct"  # a clinician: with a grant for that patient
    DECIDE_PROXIES = "staff.proxies.decide"
    READ_PROXIES = "staff.proxies.read"
    SUSPEND_PROXIES = "staff.proxies.suspend"  # 45 CFR 164.502(g)(5): abuse, neglect, endangerment


EVERYBODY = frozenset(Role)
BEDSIDE = frozenset({Role.NURSE, Role.CLINICIAN})
WATCH = frozenset({Role.PRIVACY_OFFICER, Role.OPERATOR})
DESK = frozenset({Role.FRONT_DESK})

HOLDERS: dict[StaffScope, frozenset[Role]] = {
    StaffScope.READ_ROOM: EVERYBODY,
    StaffScope.END_SESSION: EVERYBODY,
    StaffScope.WORK_REVIEWS: WATCH | DESK,
    StaffScope.FIND_PATIENTS: BEDSIDE | DESK | {Role.PRIVACY_OFFICER},
    StaffScope.GIVE_ACTIVATION: DESK,
    StaffScope.RECOVER_ACCOUNT: DESK,
    StaffScope.OPEN_BREAK_GLASS: BEDSIDE,
    StaffScope.READ_IN_EMERGENCY: BEDSIDE,
    StaffScope.END_BREAK_GLASS: BEDSIDE | {Role.PRIVACY_OFFICER},
    StaffScope.READ_PEOPLE: WATCH,
    StaffScope.END_PEOPLE: WATCH,
    StaffScope.CORRECT_LABELS: frozenset({Role.CLINICIAN, Role.PRIVACY_OFFICER}),
    StaffScope.DECIDE_PROXIES: DESK | {Role.PRIVACY_OFFICER},
    StaffScope.READ_PROXIES: BEDSIDE | DESK | {Role.PRIVACY_OFFICER},
    StaffScope.SUSPEND_PROXIES: BEDSIDE | {Role.PRIVACY_OFFICER},
}
FRESH = frozenset(  # signed in just now
    {StaffScope.RECOVER_ACCOUNT, StaffScope.OPEN_BREAK_GLASS, StaffScope.DECIDE_PROXIES}
)


@dataclass(frozen=True)
class StaffStanding:
    """How a session stands. Two factors need no word here: none is opened with less."""

    is_fresh: bool = False


@dataclass(frozen=True)
class StaffCaller(Visitor):
    """A visitor with a live staff session."""

    subject_id: str = ""
    roles: frozenset[Role] = frozenset()
    standing: StaffStanding = StaffStanding()
    name: str = field(default="", repr=False)

    def may(self, scope: StaffScope) -> bool:
        """Whether it is theirs to do, perhaps after one more step."""
        return decided(self.roles, self.standing, scope) is not Verdict.NO

    def may_see(self, scope: Scope, item: Item) -> bool:
        """What their role may see in a record that a grant has opened to them."""
        subject = Subject(Relation.STAFF, None, "", roles=self.roles)
        return access.decided(subject, scope, item, at=now()) is Verdict.YES


def decided(roles: Iterable[Role], standing: StaffStanding, scope: StaffScope) -> Verdict:
    if HOLDERS[scope].isdisjoint(roles):
        return Verdict.NO
    is_met = standing.is_fresh or scope not in FRESH
    return Verdict.YES if is_met else Verdict.STEP_UP


def joined(roles: Iterable[Role]) -> str:
    return "|".join(sorted(roles))


def split(text: str) -> frozenset[Role]:
    """A role that is no more is nobody's."""
    known = {role.value for role in Role}
    return frozenset(Role(each) for each in text.split("|") if each in known)
