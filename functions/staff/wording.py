"""What the staff room says in its own words, before translation."""

from portal.audit import Event
from portal.break_glass import Cause
from portal.cards import CardStatus
from portal.methods import Method
from portal.roles import Role


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


ROLES: dict[Role, str] = {
    Role.NURSE: N_("Nurse"),
    Role.CLINICIAN: N_("Clinician"),
    Role.FRONT_DESK: N_("Front desk"),
    Role.BILLER: N_("Biller"),
    Role.PRIVACY_OFFICER: N_("Privacy officer"),
    Role.OPERATOR: N_("Operator"),
}
REVIEWS: dict[str, str] = {
    Event.NEW_DEVICE: N_("A patient signed in on a new device"),
    Event.NEW_COUNTRY: N_("A patient signed in from a new country"),
    Event.IMPOSSIBLE_TRAVEL: N_("A patient signed in from two places too far apart"),
    Event.MANY_REFUSALS: N_("Somebody tried many times to sign in as a patient"),
    Event.RECOVERY_CODE_USED: N_("A patient used a recovery code"),
    Event.PASSKEY_COPIED: N_("Somebody may have a copy of a patient's passkey"),
    Event.FACTOR_CLOSED: N_("A way to sign in was switched off after a hundred wrong codes"),
    Event.REGISTRATION_UNREACHABLE: N_(
        "A patient wants to open their account, and we have no way to reach them"
    ),
    Event.BREAK_GLASS_OPENED: N_("A chart was opened in an emergency"),
    Event.PROXY_ASKED: N_("Somebody asks for access to another person's record"),
    Event.INTERPRETER_ASKED: N_("A patient asks for an interpreter"),
    Event.PROXIES_OF_MERGED: N_("A record was merged, and others had access to it"),
}
OTHER_REVIEW = N_("Something about a patient's account")
CAUSES: dict[Cause, str] = {
    Cause.LIFE_IN_DANGER: N_("The patient's life is in danger"),
    Cause.URGENT_CARE: N_("Urgent care that cannot wait for the hospital's own record"),
    Cause.CANNOT_ANSWER: N_("The patient cannot answer for themselves"),
    Cause.OTHER: N_("Another emergency"),
}
STATUS: dict[CardStatus, str] = {
    CardStatus.REGISTERED: N_("Not ready yet"),
    CardStatus.PRELIMINARY: N_("Early result"),
    CardStatus.FINAL: N_("Final"),
    CardStatus.CORRECTED: N_("Corrected"),
    CardStatus.CANCELLED: N_("Canceled"),
    CardStatus.WITHDRAWN: N_("Withdrawn"),
    CardStatus.UNKNOWN: N_("Status not given"),
}
WAYS: dict[Method, str] = {
    Method.PASSKEY: N_("Passkey"),
    Method.TOTP: N_("Authenticator app"),
    Method.SMS_CODE: N_("Code by text message"),
    Method.RECOVERY_CODE: N_("Recovery codes"),
    Method.PASSWORD: N_("Password"),
    Method.SSO: N_("Sign-in of another hospital"),
}
