"""What a route may be for, and what each asks of a session. A route names one scope."""

from dataclasses import dataclass
from enum import StrEnum

from portal.granting import Category
from portal.methods import Assurance, Confidence


class Scope(StrEnum):
    READ_HOME = "home.read"
    STEP_UP = "session.step-up"
    END_SESSION = "session.end"
    SWITCH_PERSON = "person.switch"
    READ_SECURITY = "security.read"
    CHANGE_SECURITY = "security.change"
    READ_FAMILY = "family.read"
    CHANGE_FAMILY = "family.change"
    READ_CONSENTS = "consents.read"
    CHANGE_CONSENTS = "consents.change"
    READ_TRAIL = "trail.read"
    READ_SETTINGS = "settings.read"
    CHANGE_SETTINGS = "settings.change"
    CHANGE_CONTACTS = "contacts.change"
    READ_RESULTS = "results.read"
    CHANGE_RESULTS = "results.change"
    READ_RECORDS = "records.read"
    CHANGE_RECORDS = "records.change"
    READ_APPOINTMENTS = "appointments.read"
    CHANGE_APPOINTMENTS = "appointments.change"
    READ_MEDICATIONS = "medications.read"
    CHANGE_MEDICATIONS = "medications.change"
    READ_MESSAGES = "messages.read"
    CHANGE_MESSAGES = "messages.change"
    READ_BILLS = "bills.read"
    CHANGE_BILLS = "bills.change"
    READ_HEALTH = "health.read"
    CHANGE_HEALTH = "health.change"

    @property
    def category(self) -> Category | None:
        part = self.value.partition(".")[0]
        return Category(part) if part in set(Category) else None

    @property
    def is_change(self) -> bool:
        return self.value.endswith(".change")


@dataclass(frozen=True)
class Need:
    """What a scope asks of a session."""

    assurance: Assurance = Assurance.LINK
    confidence: Confidence = Confidence.CLAIMED  # of the patient themselves: others hold a grant
    is_fresh: bool = False  # shown again a few minutes ago


TWO_FACTORS = Need(Assurance.TWO_FACTOR)
JUST_NOW = Need(Assurance.TWO_FACTOR, is_fresh=True)
CLINICAL = Need(Assurance.TWO_FACTOR, Confidence.PROOFED)
GENERAL = frozenset({Scope.READ_HOME, Scope.STEP_UP, Scope.END_SESSION, Scope.SWITCH_PERSON})
NEEDED: dict[Scope, Need] = {
    **dict.fromkeys(GENERAL, Need()),
    Scope.READ_SECURITY: TWO_FACTORS,
    Scope.CHANGE_SECURITY: JUST_NOW,
    Scope.READ_FAMILY: TWO_FACTORS,
    Scope.CHANGE_FAMILY: JUST_NOW,
    Scope.READ_CONSENTS: TWO_FACTORS,
    Scope.CHANGE_CONSENTS: TWO_FACTORS,
    Scope.READ_TRAIL: TWO_FACTORS,
    Scope.READ_SETTINGS: TWO_FACTORS,
    Scope.CHANGE_SETTINGS: TWO_FACTORS,
    Scope.CHANGE_CONTACTS: JUST_NOW,
    **{scope: CLINICAL for scope in Scope if scope.category},
}
TO_BEGIN = frozenset({Scope.READ_SECURITY, Scope.CHANGE_SECURITY})  # to set up the first factor
