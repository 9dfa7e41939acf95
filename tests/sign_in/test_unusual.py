"""Where somebody signs in from, told by an edge before the API: a new country, and two places too
far apart. A new device and many refusals are in test_passkey.py."""

from collections.abc import Iterator

import pytest
from tests.builders import a_patient
from tests.clock import Clock, held
from tests.visitors import a_browser

from portal import audit, links, outbox_delivery
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.settings import settings
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal", "edge")

WORD = "w" * 43
NEW_YORK, NEWARK, PARIS = ("US", "40.7", "-74.0"), ("US", "40.7", "-74.2"), ("FR", "48.9", "2.4")
COUNTRY, TRAVEL = "sign-in.new-country", "sign-in.impossible-travel"


@pytest.fixture
def edge(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("EDGE_DIGESTS", hashed(WORD))
        settings.cache_clear()
        yield
    settings.cache_clear()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return held(monkeypatch)


def signs_in(patient: Patient, place: tuple[str, str, str] | None) -> None:
    """By a link, from there; None: what told places was not there yet."""
    headers = {"content-type": "application/x-www-form-urlencoded"}
    if place:
        headers["x-edge-token"] = WORD
        for name, value in zip(("country", "latitude", "longitude"), place, strict=True):
            headers[f"cloudfront-viewer-{name}"] = value
    browser = a_browser(cookies={"browser": "a browser"})
    link = links.new(patient.patient_id, hashed("a browser"))
    assert browser.send("POST", f"/sign-in/{link.token}", b"", headers).status == 303


def told(patient: Patient) -> list[str]:
    """The patient is told, staff are asked to look, and it is in the trail: each, or none."""
    rows = audit.of_patient(patient.patient_id)
    found = [row.event for row in rows if row.event in (COUNTRY, TRAVEL)]
    looks = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    assert sorted(row.reason or "" for row in looks) == sorted(found)
    for event in found:
        assert outbox_delivery.deliver_for(patient.patient_id, event) == 1
    return found


def test_a_country_they_never_signed_in_from_is_told_once(clock: Clock) -> None:
    patient = a_patient()
    for place in (NEW_YORK, PARIS, NEW_YORK, PARIS):
        signs_in(patient, place)
        clock.advance(days=2)

    assert told(patient) == [COUNTRY]


def test_the_first_country_that_is_known_at_all_is_no_news() -> None:
    """On the day that the edge is switched on, nobody has moved."""
    patient = a_patient()
    signs_in(patient, None)
    signs_in(patient, NEW_YORK)

    assert told(patient) == []


def test_two_places_nobody_can_travel_between_are_told(clock: Clock) -> None:
    patient = a_patient()
    signs_in(patient, PARIS)
    clock.advance(days=2)
    signs_in(patient, NEW_YORK)
    clock.advance(hours=3)
    signs_in(patient, PARIS)

    assert told(patient) == [COUNTRY, TRAVEL]


@pytest.mark.parametrize(("there", "hours"), [(NEWARK, 0), (PARIS, 8)], ids=["near", "flight"])
def test_a_journey_somebody_can_make_is_no_news(
    clock: Clock, there: tuple[str, str, str], hours: int
) -> None:
    patient = a_patient()
    signs_in(patient, PARIS)
    clock.advance(days=2)
    signs_in(patient, NEW_YORK)
    clock.advance(hours=hours)
    signs_in(patient, there)

    assert TRAVEL not in told(patient)
