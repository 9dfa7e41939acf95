"""Telling people of a new result in a record that they may open: that there is one, and no more.

<holder's id> / outbox#news#<patient id>#<grant id>#<key>    `detail`: ids of the reports

Written with the cards, asked of the policy when it is sent: what a reader would not see, or would
no longer, sends nothing, so silence and a hidden result are the same.
"""

from collections.abc import Iterable

from portal import acting, grants, outbox, patients, published, reaching, seen
from portal.access import Standing, Subject, Verdict, decided
from portal.granting import Grant, GrantState, Relation
from portal.methods import Assurance
from portal.moments import now
from portal.outbox import Audience
from portal.patients import Patient
from portal.preferences import Topic
from portal.reaching import News
from portal.scopes import Scope
from portal.settings import settings
from portal.tables import CareRow

MOST = 15  # readers of one record; a transaction holds 100 rows
NEWS = "news"


def owed(patient_id: str, key: str, report_ids: Iterable[str]) -> list[CareRow]:
    """To be saved with the cards."""
    listening = [each for each in grants.of_patient(patient_id) if is_listening(each)]
    return [_row(each, key, list(report_ids)) for each in listening[:MOST]]


def is_listening(grant: Grant) -> bool:
    return grant.state is GrantState.ACTIVE and grant.is_told


def tell(rows: list[CareRow]) -> bool:
    """Once for all that is new to the same reader, whoever's it is."""
    to = reaching.reader(rows[0].pk)
    if to is None or to.patient.patient_id != rows[0].pk or not any(map(_is_seen, rows)):
        return False
    facts: dict[str, str | int] = {
        "portal_name": settings().portal_name,
        "link": f"{settings().portal_url}/family",
    }
    return reaching.tell(to, News(Topic.FAMILY, "helped_result", facts, "results"), rows)


def _row(grant: Grant, key: str, report_ids: list[str]) -> CareRow:
    where = f"{NEWS}#{grant.patient_id}#{grant.grant_id}#{key}"
    row = outbox.row(grant.holder_id, where, Audience.HOLDER)
    row.detail = "|".join(report_ids)
    return row


def _is_seen(row: CareRow) -> bool:
    patient_id, grant_id = row.sk.split("#")[2:4]
    grant, patient = grants.find(patient_id, grant_id), patients.with_id(patient_id)
    if grant is None or patient is None or patient.replaced_by:
        return False
    if grant.holder_id != row.pk or not is_listening(grant):
        return False
    return any(_sees(grant, patient, each) for each in (row.detail or "").split("|"))


def _sees(grant: Grant, patient: Patient, report_id: str) -> bool:
    """As the reader would, signed in."""
    found = published.find(patient.patient_id, report_id)
    record, standing = acting.record_of(patient), Standing(Assurance.TWO_FACTOR)
    relation = Relation(grant.kind.value)
    subject = Subject(relation, record, patient.patient_id, grant, standing)
    item = seen.item_of(found.card) if found else None
    return item is not None and (
        decided(subject, Scope.READ_RESULTS, item, at=now()) is Verdict.YES
    )
