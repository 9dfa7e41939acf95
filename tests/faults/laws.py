"""What must be true after any run, whatever went wrong in it."""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError
from tests.faults import charts, families
from tests.faults.runs import Run, left_by, undisturbed
from tests.faults.scenarios import DIED
from tests.memory_aws import clinic

from portal import arrivals, objects, outbox
from portal.audit import Event

FINAL = arrivals.FINISHED | {arrivals.QUARANTINED}


def broken(run: Run) -> list[str]:
    """In words; empty when all is well."""
    laws = (
        _of_charts,
        _of_messages,
        _of_acknowledgements,
        _of_cards,
        _of_patients,
        _of_birthdays,
        _of_holders,
    )
    return [wrong for law in laws for wrong in law(run)]


def _of_charts(run: Run) -> Iterator[str]:
    wanted, found = undisturbed(run.scenario).charts, left_by(run.scenario).charts
    for patient_id, rows in wanted.items():
        if found[patient_id] != rows:
            yield f"the chart of {patient_id} differs{_where(rows, found[patient_id])}"


def _where(wanted: Any, found: Any) -> str:
    if not isinstance(wanted, dict):
        return ""
    kinds = {kind for kind in wanted.keys() | found.keys() if wanted.get(kind) != found.get(kind)}
    return f" in {', '.join(sorted(kinds))}"


def _of_messages(run: Run) -> Iterator[str]:
    """Kept as they came, and each at rest where it would be without faults."""
    for raw, wanted in zip(run.scenario.messages, undisturbed(run.scenario).ledger, strict=True):
        raw_id = run.scenario.raw_id(raw)
        found = charts.ledger_of(raw_id)
        if found != wanted or found is None or found.state not in FINAL:
            yield f"the arrival is {found} instead of {wanted}"
        elif found.state == arrivals.QUARANTINED and not _quarantine_is_audited(raw_id):
            yield "a quarantine without its audit row"
        if not _is_kept(raw, raw_id):
            yield "the raw bytes are not as they came"
    if run.memory.queue(clinic.LAB_MESSAGES) or clinic.overdue(run.memory):
        yield "something is still waiting"
    if bad := set(run.answers) - {run.scenario.answer, 503, DIED}:
        yield f"an outage is answered with {sorted(bad)}"
    if run.scenario.is_hopeless and not run.given_up:
        yield "what never works was not given up"
    if run.given_up and not _may_give_up(run):
        yield f"{run.given_up} messages were given up"


def _is_kept(raw: bytes, raw_id: str) -> bool:
    try:
        return objects.raw(raw_id)[0] == raw
    except ClientError:
        return False


def _of_acknowledgements(run: Run) -> Iterator[str]:
    """One for each message that asks for it; a repeat has the same MSH-10."""
    wanted = len(run.scenario.messages) if run.scenario.is_acknowledged_later else 0
    sent = {each.body.split("|")[9] for each in run.memory.queue("Acknowledgements")}
    if len(sent) != wanted:
        yield f"{len(sent)} messages are acknowledged later, and not {wanted}"


def _may_give_up(run: Run) -> bool:
    """After three tries of its own; several faults may use up a try in more ways than we count."""
    is_storm = len(set(run.plan.fired) - set(run.scenario.given)) > 1
    return run.scenario.is_hopeless or is_storm or run.plan.tries_spent > arrivals.MAX_TRIES


def _quarantine_is_audited(raw_id: str) -> bool:
    """A FHIR push is refused in the exchange: its audit row says that, and why."""
    events = (Event.MESSAGE_QUARANTINED, Event.MESSAGE_REFUSED)
    return any(charts.trail_about(raw_id, event) for event in events)


def _of_cards(run: Run) -> Iterator[str]:
    """Each piece of news is released once, with one audit row; no message is news twice."""
    usual, most = undisturbed(run.scenario).releases, len(run.scenario.messages)
    for patient in run.scenario.everybody:
        for report_id, (revision, released) in charts.releases_to(patient).items():
            once = usual[patient.patient_id].get(report_id, (0, 0))[1]
            if not 1 <= released <= min(revision, most) or (most == 1 and released != once):
                yield f"revision {revision} of a card has {released} audit rows"


def _of_patients(run: Run) -> Iterator[str]:
    """Told once of each piece of news. After a merge the survivor is told what the other is owed,
    so all are counted together."""
    everybody = run.scenario.everybody
    owed = [row for patient in everybody for row in charts.owed_to(patient)]
    if any(row.state == outbox.PENDING for row in owed):
        yield "a message to a patient is still pending"
    addresses = {patient.email or patient.phone for patient in everybody}
    sent = sum(row.state == outbox.SENT for row in owed)
    told = sum(each.to in addresses for each in run.memory.sent)
    if not bool(sent) <= told <= sent + run.plan.retold:
        yield f"told {told} times of {sent} pieces of news"
    noted = sum(len(charts.trail_of(each, Event.PATIENT_NOTIFIED)) for each in everybody)
    if bool(sent) != bool(noted):
        yield "a notification without its audit row"
    yield from _of_news(run, len(owed))


def _of_news(run: Run, owed: int) -> Iterator[str]:
    """Each transaction with news owes one notification: no more of them than messages."""
    news = undisturbed(run.scenario).owed
    if bool(owed) != bool(news) or owed > max(news, len(run.scenario.messages)):
        yield f"{owed} notifications are owed"


def _of_birthdays(run: Run) -> Iterator[str]:
    """The parent is told, once of each day that was known, in the end of the right one."""
    if run.scenario.prepared is not families.a_parents_grant:
        return
    rows = families.owed_to_the_parent()
    told = sum(each.to == families.PARENT.email for each in run.memory.sent)
    if not families.is_told_of_the_right_day():
        yield "a parent is not told of the right birthday"
    if any(row.state != outbox.SENT for row in rows):
        yield "a message to a parent is still pending"
    if not 1 <= len(rows) <= told <= len(rows) + run.plan.retold or len(rows) > 2:
        yield f"a parent is told {told} times of {len(rows)} birthdays"


def _of_holders(run: Run) -> Iterator[str]:
    """A parent hears once of a child's result."""
    if run.scenario.prepared is not families.a_parent_who_listens:
        return
    states = [row.state for row in families.owed_to_the_parent(outbox.Audience.HOLDER)]
    told = sum(each.to == families.PARENT.email for each in run.memory.sent)
    if states != [outbox.SENT]:
        yield f"what a parent is owed of a result is {states}"
    if not 1 <= told <= 1 + run.plan.retold:
        yield f"a parent is told {told} times of one result"
