"""Members of staff at their browsers, with a session, and what the trail says of them."""

import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

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


def pages_of(colleague: Client, path: str) -> Iterator[Any]:
    """What a program is told, page by page: others have rows on them, too."""
    page = asked(colleague, "GET", path).json
    yield page
    while page["next"]:
        page = asked(colleague, "GET", f"{path}?after={quote(page['next'])}").json
        yield page


def waiting(colleague: Client) -> list[dict[str, Any]]:
    return [each for page in pages_of(colleague, "/staff") for each in page["reviews"]]


def people_seen(colleague: Client) -> list[dict[str, Any]]:
    return [each for page in pages_of(colleague, "/staff/people") for each in page["people"]]


def card_of(colleague: Client, review_id: str) -> str:
    """What the staff room's page says of one review, as a browser is shown it."""
    for page in pages_of(colleague, "/staff"):
        if review_id in [each["review_id"] for each in page["reviews"]]:
            text = colleague.get(f"/staff?after={quote(page['after'])}").text
            return text.partition(f"/staff/reviews/{review_id}")[2].partition("</li>")[0]
    raise AssertionError("no page lists it")


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
