"""How staff opens a patient's account: a link (as a QR code, too) and a code to type, either one.

    kind        made when                                      life      proofs
    desk        an identity card was seen; shown on a screen   30 min    the person
    paper       an identity card was seen; printed for them    14 days   the person
    letter      never seen; by post to the address on file     14 days   a contact on file
    invitation  never seen; by e-mail or text message          7 days    a contact on file

Whoever comes with it types the birth date. Where only a contact is proofed, the record number is
asked as well before anything is shown (portal.proofing). Single use, newest only, five tries.

account#<patient id> / activation           the newest one
activation#<hash of the token> / activation leads there, for those who open the link
activation-code#<first group> / activation  leads there, for those who type the code
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from pynamodb.exceptions import UpdateError

from portal import activation_rows, audit, openings, patients, proofing, typed_codes
from portal.access import Visitor
from portal.activation_rows import MAX_TRIES
from portal.audit import Event
from portal.conditions import is_unmet
from portal.errors import ActivationIsSpent
from portal.methods import Confidence, Method, split
from portal.moments import fresh_id, now
from portal.openings import Opening
from portal.patients import Patient
from portal.secrets_kept import token
from portal.settings import settings
from portal.tables import SessionRow


class Kind(StrEnum):
    DESK = "desk"
    PAPER = "paper"
    LETTER = "letter"
    INVITATION = "invitation"


LIFE = {
    Kind.DESK: timedelta(minutes=30),
    Kind.PAPER: timedelta(days=14),
    Kind.LETTER: timedelta(days=14),
    Kind.INVITATION: timedelta(days=7),
}
PROOFS = {
    Kind.DESK: Confidence.PROOFED,
    Kind.PAPER: Confidence.PROOFED,
    Kind.LETTER: Confidence.ON_FILE,
    Kind.INVITATION: Confidence.ON_FILE,
}


class CannotActivate(Exception):
    """The patient is not here, has died, or is closed."""


class TooYoung(CannotActivate):
    """Under 12 nobody has an account: a parent opens their own, and is given access."""


class WrongAnswer(Exception):
    """What was typed is not what we know. `patient_id` is "" where nobody is meant."""

    def __init__(self, patient_id: str = "") -> None:
        super().__init__()
        self.patient_id = patient_id


@dataclass(frozen=True)
class Activation:
    """Shown once, to be handed on: we keep hashes."""

    token: str = field(repr=False)
    code: str = field(repr=False)  # such as K7W3R-9HZNA-2B5DM
    ends_at: datetime

    @property
    def link(self) -> str:
        return f"{settings().portal_url}/activate/{self.token}"


@dataclass(frozen=True)
class Shown:
    """What somebody comes with: the link's token or the code, and what only they should know."""

    born_on: date
    token: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    identifier: str = field(default="", repr=False)  # the record number; "" where not asked


def new(
    patient_id: str, kind: Kind, made_by: str, *, method: Method = Method.DESK_CODE, to: str = ""
) -> Activation:
    """Any earlier one of this patient is worthless from now on. A merged record's is its
    survivor's. `made_by` is the staff member's id; `method` and `to`: how and where it is sent.
    Raises CannotActivate or TooYoung."""
    patient = patients.current(patient_id)
    if patient is None or not patient.may_sign_in:
        raise TooYoung if patient and patient.is_small_child else CannotActivate
    entry = audit.row(
        Event.ACTIVATION_MADE,
        actor=made_by,
        patient_id=patient.patient_id,
        about=kind,
        request_id=fresh_id(),
    )
    audit.save(entry)
    made = Activation(token(128), typed_codes.new(), now() + LIFE[kind])
    row = SessionRow(
        *activation_rows.key(patient.patient_id),
        name=kind,
        methods=method,
        contact=patients.contact_key(to) if to else None,
        tries=0,
        ends_at=made.ends_at,
    )
    activation_rows.keep(row, patient.patient_id, made.token, made.code)
    return made


def withdraw(patient_id: str) -> None:
    """For one that was printed or sent by mistake."""
    SessionRow(*activation_rows.key(patient_id)).delete()


def asks_number(link_token: str) -> bool:
    """Whether the page should ask for the record number, too. Looking changes nothing."""
    row = activation_rows.by_link(link_token)
    return row is not None and PROOFS[Kind(row.name or "")] < Confidence.PROOFED


def spend(shown: Shown, visitor: Visitor) -> str:
    """The cookie of the session it opens. Raises WrongAnswer, or ActivationIsSpent for a link that
    is no good. Of a code that is no good it says WrongAnswer, too, after as much work as for any
    other: nothing is learnt from a guess."""
    if not shown.code:
        return _opened(activation_rows.by_link(shown.token), shown, True, visitor)
    row = activation_rows.by_code(shown.code)
    is_right = typed_codes.is_right(shown.code, (row.code if row else "") or "")
    try:
        return _opened(row, shown, is_right, visitor)
    except ActivationIsSpent:
        raise WrongAnswer from None


def _opened(row: SessionRow | None, shown: Shown, is_right: bool, visitor: Visitor) -> str:
    """Counts the try before looking, so that parallel guesses cannot outrun the limit."""
    patient = None if row is None else patients.with_id(activation_rows.owner(row))
    if row is None or patient is None or _is_over(row) or not openings.is_for(patient, row):
        raise ActivationIsSpent
    _count(row)
    if not (is_right and proofing.is_born(patient, shown.born_on)):
        raise WrongAnswer(patient.patient_id)
    kind = Kind(row.name or "")
    methods, confidence = split(row.methods or ""), _confidence(kind, patient, shown)
    opening = Opening(patient.patient_id, kind, methods, confidence)
    return openings.opened(opening, row, SessionRow.newest == row.newest, visitor)


def _confidence(kind: Kind, patient: Patient, shown: Shown) -> Confidence:
    if PROOFS[kind] >= Confidence.PROOFED or not shown.identifier.strip():
        return PROOFS[kind]
    if not proofing.has_number(patient, shown.identifier):
        raise WrongAnswer(patient.patient_id)
    return Confidence.PROOFED


def _is_over(row: SessionRow) -> bool:
    return row.ends_at is None or row.ends_at <= now() or int(row.tries or 0) >= MAX_TRIES


def _count(row: SessionRow) -> None:
    is_same = (SessionRow.newest == row.newest) & (SessionRow.tries < MAX_TRIES)
    try:
        row.update([SessionRow.tries.add(1)], is_same)
    except UpdateError as error:
        if not is_unmet(error):
            raise
        raise ActivationIsSpent from error
