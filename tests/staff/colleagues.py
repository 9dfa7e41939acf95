"""Members of staff at their browsers, with a session, and what the trail says of them."""

import itertools
import json

from tests.client import Client, Response
from tests.visitors import a_browser

from portal import audit, reviews, staff_people, staff_sessions
from portal.audit import Event
from portal.moments import now
from portal.patients import Patient
from portal.roles import Role
from portal.tables import AuditRow, CareRow

ISSUER = "https://login.example.org"
JSON = {"accept": "application/json", "content-type": "application/json"}
_count = itertools.count(1)


def a_colleague(*roles: Role, name: str = "Noor Castellano", sub: str = "") -> Client:
    """Signed in at this moment, in a browser."""
    person = staff_people.signed_in(
        staff_people.subject_id(ISSUER, sub or f"person-{next(_count)}"), name, frozenset(roles)
    )
    cookie = staff_sessions.open_for(person, "", now().timestamp())
    return a_browser(cookies={"staff": cookie})


def id_of(colleague: Client) -> str:
    session = staff_sessions.live(colleague.cookies["staff"])
    assert session
    return session.person.subject_id


def is_in(colleague: Client) -> bool:
    return colleague.get("/staff").status == 200


def asked(colleague: Client, method: str, path: str, **fields: str) -> Response:
    """As a program: JSON both ways."""
    body = json.dumps(fields).encode() if method != "GET" else b""
    return colleague.send(method, path, body, JSON)


def a_review(patient: Patient, event: Event = Event.NEW_DEVICE) -> str:
    """The id of a new review."""
    reviews.ask(patient.patient_id, event)
    rows = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    newest = max(rows, key=lambda row: row.received_at or "")
    return f"{patient.patient_id}-{newest.sk.removeprefix('review#')}"


def trail(patient: Patient, event: Event | None = None) -> list[AuditRow]:
    rows = audit.of_patient(patient.patient_id)
    return [row for row in rows if event is None or row.event == event]


def deeds(subject_id: str) -> list[AuditRow]:
    """What a member of staff did to nobody's record, oldest first."""
    rows = AuditRow.query(f"nobody#{now():%Y-%m-%d}")
    return [row for row in rows if row.actor == subject_id]
