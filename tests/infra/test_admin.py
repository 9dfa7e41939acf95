"""The operator's own tool."""

import re
from argparse import Namespace
from typing import Any

import pytest
from tests.activate.openings import events, number, open_link, register
from tests.builders import a_patient
from tests.sign_in.mail import deliver, requested
from tests.stores import sent_to
from tests.visitors import a_browser

from infra import admin
from portal import audit, keys, patient_search, patients
from portal.activations import Activation
from portal.moments import now
from portal.patients import Patient
from portal.tables import ChartRow

pytestmark = pytest.mark.usefixtures("portal")

ROW = {
    "family": "Okafor",
    "given": "Ada",
    "birth_on": "1990-05-06",
    "sex": "F",
    "email": "ada.admin@example.org",
    "phone": "",
    "language": "",
    "authority": "CSV",
    "identifier": "A-1",
}


def test_patients_of_a_table_are_enrolled_and_each_problem_is_named_by_its_line() -> None:
    second = ROW | {"email": "other.admin@example.org", "identifier": "A-2", "birth_on": "soon"}

    said = admin.enrolled([ROW, ROW, second])

    assert said.splitlines()[0] == "1 of 3 enrolled."
    assert "line 3: the identifier belongs to a patient" in said
    assert "line 4: look at birth_on" in said
    assert "soon" not in said
    patient_id = patients.id_by_identifier("CSV", "A-1")
    assert patient_id
    found = patients.with_id(patient_id)
    assert found is not None
    assert (found.given, found.language) == ("Ada", "en")


def ran(what: str, patient: Patient, **options: Any) -> str:
    """As the command line would."""
    authority, record_number = patient.identifiers[0]
    dull = {"paper": False, "letter": False, "invite": False, "by": "operator#AIDA1"}
    asked = {"what": what, "authority": authority, "record_number": record_number}
    return admin.done(Namespace(**(dull | asked | options)))


def printed(said: str) -> Activation:
    token = re.search(r"/activate/([\w-]{22})$", said, re.MULTILINE)
    code = re.search(r"^Code: (\S+)$", said, re.MULTILINE)
    assert token
    assert code
    return Activation(token[1], code[1], now())


def test_a_family_may_share_an_address_and_a_placeholder_is_refused() -> None:
    rows = [
        ROW | {"email": "none@example.org", "identifier": f"P-{n}"}
        for n in range(patient_search.MOST_AT_ONE_CONTACT + 1)
    ]

    said = admin.enrolled(rows)

    assert said.splitlines() == [
        f"{len(rows) - 1} of {len(rows)} enrolled.",
        f"line {len(rows) + 1}: too many patients have this e-mail or phone",
    ]


def test_an_activation_is_printed_as_a_picture_a_link_and_a_code() -> None:
    patient = a_patient()

    said = ran("activation", patient)

    assert "\u2588" in said.splitlines()[0]
    assert open_link(a_browser(), printed(said), patient).status == 303
    made = audit.of_patient(patient.patient_id)[0]
    assert (made.event, made.actor, made.about) == ("activate.made", "operator#AIDA1", "desk")


@pytest.mark.parametrize("kind", ["paper", "letter"])
def test_what_is_printed_to_be_carried_lives_longer(kind: str) -> None:
    patient = a_patient()

    ran("activation", patient, **{kind: True})

    assert audit.of_patient(patient.patient_id)[0].about == kind


def test_an_invitation_is_sent_and_shows_the_operator_no_secret() -> None:
    patient = a_patient()

    said = ran("activation", patient, invite=True)

    assert said == "Invited by email."
    assert "/activate/" in sent_to(patient.email)[0].text


def test_who_cannot_be_invited_or_activated_is_told_so() -> None:
    closed, unreachable = a_patient(is_closed=True), a_patient(email="")
    unknown = Patient.model_validate(closed.model_dump() | {"identifiers": (("NO", "BODY"),)})

    assert ran("activation", closed).startswith("This patient cannot sign in")
    assert ran("activation", unreachable, invite=True).startswith("There is no e-mail")
    assert ran("activation", unknown) == "No patient has this identifier."


def test_an_address_is_corrected_and_an_account_closed_and_opened_again() -> None:
    patient = a_patient()

    ran("contacts", patient, email=f"new.{patient.email}", phone="")
    ran("close", patient)
    after_closing = patients.with_id(patient.patient_id)
    ran("reopen", patient)

    found = patients.with_id(patient.patient_id)
    assert found is not None
    assert after_closing is not None
    assert found.email == f"new.{patient.email}"
    assert (after_closing.is_closed, found.is_closed) == (True, False)
    assert events(patient) == [
        "account.contacts-corrected",
        "account.closed",
        "account.reopened",
    ]


def test_patients_of_an_earlier_version_are_indexed_anew() -> None:
    patient = a_patient()
    ChartRow(patients.number_key(number(patient)), f"patient#{patient.patient_id}").delete()
    assert patient_search.with_number(number(patient)) == []

    damaged = a_patient()
    key_row = ChartRow.get(damaged.patient_id, "key")
    own, others = key_row.sealed, ChartRow.get(patient.patient_id, "key").sealed
    key_row.update([ChartRow.sealed.set(others)])
    keys.forget()

    said = ran("reindex", patient)
    key_row.update([ChartRow.sealed.set(own)])

    assert re.fullmatch(r"[1-9]\d* patients indexed\. [1-9]\d* cannot be read: .*", said)
    requested()
    register(a_browser(), patient)
    deliver()
    assert len(sent_to(patient.email)) == 1


def test_a_patients_state_is_corrected_and_recorded() -> None:
    patient = a_patient()

    assert ran("state", patient, state="new jersey") == "Lives in New Jersey."
    assert ran("state", patient, state="Bayern") == "There is no such US state."

    found = patients.with_id(patient.patient_id)
    assert found is not None
    assert found.state == "NJ"
    assert events(patient) == ["account.state-corrected"]
    assert ran("state", patient, state="") == "No state is known."


@pytest.mark.parametrize(("said", "state"), [("", ""), (" ny", "NY"), ("California", "CA")])
def test_a_table_of_patients_may_say_their_state(said: str, state: str) -> None:
    assert admin.patient_of(ROW | {"state": said}).state == state


def test_a_state_that_is_none_is_named_by_its_line() -> None:
    row = ROW | {"identifier": "A-9", "email": "nine.admin@example.org", "state": "Bayern"}

    assert "line 2: look at state" in admin.enrolled([row])
