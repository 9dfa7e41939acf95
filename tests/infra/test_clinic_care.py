"""What the demo clinic's schedule and pharmacy send ends on its patients' homes."""

from datetime import UTC, datetime
from typing import Any

import pytest
from infra.local.clinic import people
from infra.local.clinic.care import care
from tests.builders import a_patient, released
from tests.visitors import signed_in

pytestmark = pytest.mark.usefixtures("portal")


def home(person: people.Patient, mrn: str) -> dict[str, Any]:
    """Of whoever the demo person `person` is here, under a record number of this test's own."""
    known = a_patient(
        given=person.given,
        family=person.family,
        birth_on=person.birth_on,
        identifiers=((person.assigning_authority, mrn),),
    )
    for raw in care(datetime.now(UTC)):
        if f"|{person.mrn}^^^".encode() in raw:
            released(raw.replace(person.mrn.encode(), mrn.encode()))
    view = signed_in(known, accept="application/json").get("/").json
    return {each["name"]: each for each in view["widgets"]}


def test_the_main_demo_patient_has_visits_and_medicines_of_which_one_runs_out() -> None:
    parts = home(people.patient(people.MAIN_MRN), "RBTEST1")

    visits = [(each["kind"], each["days"]) for each in parts["visits"]["visits"]]
    assert visits == [("Follow-up visit", 12), ("Video visit", 40)]
    assert [each["refills_left"] for each in parts["medicines"]["medicines"]] == [0, 3]
    assert parts["visits"]["visits"][0]["with_whom"] == "Priya Raman"


def test_each_message_is_of_a_demo_patient_and_of_its_own() -> None:
    sent = list(care(datetime(2026, 11, 21, 15, tzinfo=UTC)))
    known = {each.mrn.encode() for each in people.patients()}

    assert len({raw.split(b"|")[9] for raw in sent}) == len(sent) >= 10
    assert all(any(mrn in raw for mrn in known) for raw in sent)
