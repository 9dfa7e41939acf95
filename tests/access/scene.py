"""People, cards and grants of a plan, put into the stores, and browsers that stand as it says."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.access.asking import moment, segments
from tests.access.oracle import Cell, Paper
from tests.access.visits import Plan
from tests.access.walking import Shelf
from tests.builders import a_link_session, a_patient
from tests.client import Client
from tests.clock import Clock
from tests.granting import a_grant
from tests.visitors import a_browser

from portal import acting, chart, published, sessions, user_accounts
from portal.cards import Card, CardStatus, Document
from portal.granting import Category, Grant, GrantKind, GrantState
from portal.methods import Confidence, Method
from portal.moments import fresh_id, instant
from portal.patients import Patient

STALE = timedelta(minutes=11)  # a factor shown so long ago was not shown just now
PDF = {"content_type": "application/pdf", "data": "JVBERi0xLjQK"}


def a_document(document_id: str) -> Document:
    return Document(
        document_id=document_id, title="", content_type=PDF["content_type"], size_bytes=9
    )


@dataclass
class Scene:
    """One record with its cards, a helper with a record of their own, and their sessions."""

    shelf: Shelf
    patient: Patient
    helper: Patient
    clock: Clock
    cookies: dict[tuple[object, ...], str] = field(default_factory=dict)
    grants: dict[Paper, Grant] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return self.shelf.plan

    def browser(self, visit: Cell, accept: str) -> Client:
        """In the session that the cell tells of, at the record it tells of."""
        is_patients = visit.relation == "self" or visit.preview
        person = self.patient if is_patients else self.helper
        cookie = self._session(person, visit)
        confidence = Confidence(visit.confidence)
        user_accounts.set_confidence(person.patient_id, confidence)
        if visit.paper:
            acting.begin(cookie, self._grant(visit.paper), is_preview=visit.preview)
        return a_browser(cookies={"session": cookie}, accept=accept)

    def _session(self, person: Patient, visit: Cell) -> str:
        key = (person.patient_id, visit.factors, visit.fresh, visit.begins)
        if key not in self.cookies:
            self.clock.advance(seconds=0 if visit.fresh else -STALE.total_seconds())
            self.cookies[key] = a_standing(person, visit)
            self.clock.advance(seconds=0 if visit.fresh else STALE.total_seconds())
        return self.cookies[key]

    def _grant(self, paper: Paper) -> Grant:
        if paper not in self.grants:
            self.grants[paper] = a_grant(
                self.patient,
                self.helper,
                kind=GrantKind(paper.kind),
                state=GrantState(paper.state),
                categories=frozenset(map(Category, paper.categories)),
                segments=segments(paper.segments),
                may_change=paper.may_change,
                has_part2_consent=paper.part2,
                by_teen=paper.by_teen,
                starts_at=moment(paper.starts),
                ends_at=moment(paper.ends) if paper.ends else None,
            )
        return self.grants[paper]


def a_standing(person: Patient, visit: Cell) -> str:
    cookie = a_link_session(person)
    if visit.factors == 2:
        cookie = sessions.rise(cookie, Method.TOTP)
    return sessions.rise(cookie, None) if visit.begins else cookie


def a_scene(plan: Plan, clock: Clock) -> Scene:
    person = plan.person
    patient = a_patient(
        birth_on=date.fromisoformat(person.born), is_deceased=person.dead, state=person.state
    )
    helper = a_patient(given="Helper")
    document_id = fresh_id()
    own_card_id = _publish(helper, "", (), clock.moment, document_id)
    cards = [
        _publish(patient, day, labels, clock.moment - timedelta(minutes=turn), document_id)
        for turn, (labels, day) in enumerate(plan.cards)
    ]
    return Scene(Shelf(plan, cards, document_id, own_card_id), patient, helper, clock)


def _publish(
    patient: Patient, day: str, labels: tuple[str, ...], signed_at: datetime, document_id: str
) -> str:
    """A card with a document, published at once."""
    report_id = fresh_id()
    card = Card(
        report_id=report_id,
        lab_title="A panel",
        status=CardStatus.FINAL,
        sender="LAB",
        collected_at=day,
        resulted_at=instant(signed_at),
        released_at=instant(signed_at),
        documents=(a_document(document_id),),
        segments=labels,
    )
    chart.keep(patient.patient_id, f"document#{report_id}#{document_id}", PDF)
    row, condition = published.row_of(patient.patient_id, card, None)
    row.save(condition)
    return report_id
