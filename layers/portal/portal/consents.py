"""Consents as they are kept: the only door to them. Each decision is one more row, and the newest
of a purpose is what holds.

<patient id> / consent#<purpose>#<number>    sealed; never changed: what was read and answered stays

Whatever asks leave asks `allows` at the moment it acts; an answer is never kept. A store that does
not answer is no yes.
"""

from dataclasses import dataclass

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import audit, consent_rules, keys, wordings
from portal.conditions import is_cancelled
from portal.consent_rules import Decision, Source
from portal.errors import Conflict
from portal.moments import now
from portal.patients import Patient, normal_contact
from portal.settings import settings
from portal.tables import AuditRow, ConsentRow, connection
from portal.wordings import Purpose, Region, Wording

PREFIX = "consent#"
TRIES = 5  # of a no, against others who decide at the same moment


@dataclass(frozen=True)
class Choice:
    """What a person answers, and what they were looking at: `seen` is the number of the decision
    their page showed, 0 for none."""

    wording: Wording
    is_given: bool
    seen: int
    by: str
    title: str
    text: str
    language: str
    source: Source = Source.PERSON
    contact: str = ""


def region() -> Region:
    return Region(settings().law_region)


def allows(patient: Patient, purpose: Purpose, use: str) -> bool:
    """`use` is one of the things a wording covers: ("sms", "reminders")."""
    decision = newest(patient.patient_id, purpose)
    agreed = agreed_to(decision)
    contact = contact_of(patient, agreed.contact) if agreed else ""
    return consent_rules.allows(decision, agreed, use, contact, now())


def agreed_to(decision: Decision | None) -> Wording | None:
    if decision is None:
        return None
    return wordings.find(decision.purpose, decision.region, decision.wording)


def contact_of(patient: Patient, kind: str) -> str:
    """The blind index of the "phone" or "email" on file. "" where there is none."""
    address = {"phone": patient.phone, "email": patient.email}.get(kind, "")
    return keys.blind("consent", normal_contact(address)) if address else ""


def newest(patient_id: str, purpose: Purpose) -> Decision | None:
    rows = ConsentRow.query(
        patient_id,
        ConsentRow.sk.startswith(f"{PREFIX}{purpose}#"),
        scan_index_forward=False,
        consistent_read=True,
        limit=1,
    )
    return next(map(_decision, rows), None)


def history(patient_id: str) -> dict[Purpose, list[Decision]]:
    """Every decision, newest first."""
    rows = ConsentRow.query(patient_id, ConsentRow.sk.startswith(PREFIX), consistent_read=True)
    found: dict[Purpose, list[Decision]] = {}
    for decision in map(_decision, rows):
        found.setdefault(decision.purpose, []).insert(0, decision)
    return found


def decide(patient_id: str, choice: Choice, entry: AuditRow) -> Decision:
    """Keeps it with its audit row, both or none; what holds already is not said twice. A yes is
    worth what its page showed, so one that somebody overtook raises Conflict; a no always gets
    through."""
    for _ in range(TRIES):
        last = newest(patient_id, choice.wording.purpose)
        if last and _says_the_same(last, choice):
            audit.save(entry)
            return last
        number = last.number if last else 0
        if choice.is_given and choice.seen != number:
            raise Conflict
        decision = _decided(choice, number + 1)
        if _is_kept(patient_id, decision, entry):
            return decision
    raise Conflict


def _says_the_same(last: Decision, choice: Choice) -> bool:
    if not choice.is_given or not last.is_given:
        return choice.is_given == last.is_given
    is_alike = (last.region, last.wording, last.contact) == (
        choice.wording.region,
        choice.wording.version,
        choice.contact,
    )
    return is_alike and not consent_rules.is_over(last, agreed_to(last), now())


def _decided(choice: Choice, number: int) -> Decision:
    return Decision(
        purpose=choice.wording.purpose,
        number=number,
        is_given=choice.is_given,
        region=choice.wording.region,
        wording=choice.wording.version,
        title=choice.title,
        text=choice.text,
        language=choice.language,
        decided_at=now(),
        by=choice.by,
        source=choice.source,
        contact=choice.contact,
    )


def _is_kept(patient_id: str, decision: Decision, entry: AuditRow) -> bool:
    """False when somebody else was first."""
    try:
        with TransactWrite(connection=connection()) as write:
            write.save(_row(patient_id, decision), condition=ConsentRow.pk.does_not_exist())
            write.save(entry, condition=AuditRow.pk.does_not_exist())
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return True


def _row(patient_id: str, decision: Decision) -> ConsentRow:
    sk = f"{PREFIX}{decision.purpose}#{decision.number:06d}"
    sealed = keys.seal(patient_id, _address(sk), decision.model_dump(mode="json"))
    return ConsentRow(patient_id, sk, sealed=sealed)


def _decision(row: ConsentRow) -> Decision:
    return Decision.model_validate(keys.unseal(row.pk, _address(row.sk), row.sealed or b""))


def _address(sk: str) -> str:
    return f"consents#{sk}"
