"""Attacks on whose record a hospital's account opens: nobody else's, and none in doubt."""

from datetime import date
from typing import Any

import pytest
from infra.local.ehr_profiles import EPIC
from infra.local.ehr_sign_in import EhrSignIn
from tests.builders import a_patient
from tests.sign_in.hospital import at_hospital, claimed, is_refused, signs_in
from tests.visitors import a_browser

from portal import patients, sso_links
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

type Patch = pytest.MonkeyPatch


@pytest.mark.parametrize(
    "facts",
    [
        {"born_on": date(1980, 2, 4)},
        {"family": "Other", "given": "Somebody"},
        {"given": "Bea"},
        {"mrn": "T-nobody"},
        {"mrn": ""},
    ],
    ids=str,
)
def test_a_record_that_does_not_agree_opens_none(facts: dict[str, Any], ehr: EhrSignIn) -> None:
    patient = a_patient()
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, patient, **facts))

    assert "We could not find your record" in answer.text
    assert is_refused(browser, answer, "sso-no-match")
    assert patient.given not in answer.text
    assert sso_links.of(patient.patient_id) == []


def test_the_answer_does_not_tell_whether_the_number_is_known(ehr: EhrSignIn) -> None:
    patient = a_patient()
    known = signs_in(a_browser(), at_hospital(ehr, patient, born_on=date(1999, 9, 9)))
    unknown = signs_in(a_browser(), at_hospital(ehr, patient, mrn="T-nobody"))

    assert (known.status, known.text) == (unknown.status, unknown.text)


def record(ehr: EhrSignIn, monkeypatch: Patch, **facts: Any) -> None:
    """The FHIR Patient with these elements; None leaves one out."""
    true = ehr.patient

    def patient(path: str, authorization: str) -> dict[str, Any]:
        found = true(path, authorization) | facts
        return {key: value for key, value in found.items() if value is not None}

    monkeypatch.setattr(ehr, "patient", patient)


@pytest.mark.parametrize(
    "facts",
    [
        {"birthDate": None},
        {"birthDate": "1980"},
        {"birthDate": 7},
        {"name": None},
        {"name": []},
        {"name": [{"use": "old", "family": "Rivera", "given": ["Ana"]}]},
        {"name": [{"text": "Ana Rivera"}]},
        {"name": "Ana Rivera"},
        {"identifier": None},
        {"identifier": "T00001"},
        {"identifier": [{"value": "T00001"}]},
        {"identifier": [{"system": "urn:oid:9.9.9", "value": "T00001"}]},
        {"active": False},
        {"deceasedBoolean": True},
        {"deceasedDateTime": "2026-01-01"},
        {"link": [{"type": "replaced-by", "other": {"reference": "Patient/2"}}]},
        {"id": "another"},
        {"resourceType": "Person"},
    ],
    ids=str,
)
def test_a_record_that_leaves_a_doubt_opens_none(
    facts: dict[str, Any], ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    record(ehr, monkeypatch, **facts)
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, a_patient()))

    assert is_refused(browser, answer, "sso-no-match")


def test_a_former_number_at_the_hospital_does_not_count(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    patient = a_patient()
    number = {"use": "old", "system": EPIC.system, "value": patient.identifiers[0][1]}
    record(ehr, monkeypatch, identifier=[number])
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, patient)), "sso-no-match")


def test_numbers_of_two_patients_open_neither(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    one, other = a_patient(), a_patient()
    numbers = [{"system": EPIC.system, "value": each.identifiers[0][1]} for each in (one, other)]
    record(ehr, monkeypatch, identifier=numbers)
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, one)), "sso-no-match")


def test_a_number_of_another_practice_is_somebody_elses(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    """athenahealth: one server for all practices, and numbers that start again in each."""
    patient = a_patient()
    system = "https://fhir.athena.io/sid/ah-patient"
    for value in (patient.identifiers[0][1], f"a-1.E-{patient.identifiers[0][1]}"):
        record(ehr, monkeypatch, identifier=[{"system": system, "value": value}])
        browser = a_browser()
        answer = signs_in(browser, at_hospital(ehr, patient), "athena-hospital")
        assert is_refused(browser, answer, "sso-no-match")


def test_an_e_mail_address_matches_nobody(ehr: EhrSignIn, monkeypatch: Patch) -> None:
    patient = a_patient()
    email = [{"system": "email", "value": patient.email}]
    record(ehr, monkeypatch, telecom=email, identifier=[])
    claimed(ehr, monkeypatch, email=patient.email, email_verified=True)
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, patient)), "sso-no-match")


def test_a_parent_does_not_become_their_child(ehr: EhrSignIn) -> None:
    child = a_patient()
    at_hospital(ehr, child, sub="a-child")
    parent = at_hospital(ehr, a_patient(), opens="a-child")
    browser = a_browser()

    answer = signs_in(browser, parent)

    assert "Please choose your own record" in answer.text
    assert is_refused(browser, answer, "sso-not-self")
    assert sso_links.of(child.patient_id) == []


@pytest.mark.parametrize(
    "user",
    [None, "", 7, "RelatedPerson/{id}", "Practitioner/{id}", "Patient/another", "{id}", "Patient/"],
)
def test_whoever_is_not_the_patient_opens_no_record(
    user: Any, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    sub = at_hospital(ehr, a_patient())
    said = user.format(id=sub) if isinstance(user, str) else user
    claimed(ehr, monkeypatch, fhirUser=said)
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, sub), "sso-not-self")


@pytest.mark.parametrize("patient_id", [None, 7, "", "../metadata", "a/b", "x" * 65, "a?b"])
def test_a_record_id_that_is_none_is_not_asked_for(
    patient_id: Any, ehr: EhrSignIn, monkeypatch: Patch
) -> None:
    claimed(ehr, monkeypatch, fhirUser=f"Patient/{patient_id}")
    answer = ehr.token_answer
    monkeypatch.setattr(
        ehr, "token_answer", lambda grant, token: answer(grant, token) | {"patient": patient_id}
    )
    browser = a_browser()

    assert is_refused(browser, signs_in(browser, at_hospital(ehr, a_patient())), "sso-not-self")


def test_an_account_that_opened_one_record_does_not_open_another_later(ehr: EhrSignIn) -> None:
    """The hospital moves the account to another of our patients: it still opens the first."""
    first, second = a_patient(), a_patient()
    sub = at_hospital(ehr, first)
    signs_in(a_browser(), sub)
    at_hospital(ehr, second, sub=sub)
    browser = a_browser()

    signs_in(browser, sub)

    assert [each.subject for each in sso_links.of(second.patient_id)] == []
    assert browser.get("/sign-in/step").status in (200, 303)
    assert len(sso_links.of(first.patient_id)) == 1


def test_the_same_sub_at_another_hospital_is_somebody_else(ehr: EhrSignIn) -> None:
    one, other = a_patient(), a_patient()
    signs_in(a_browser(), at_hospital(ehr, one, sub="user-1"))
    at_hospital(ehr, other, sub="user-1")

    signs_in(a_browser(), "user-1", "oracle-hospital")

    assert [each.organisation_id for each in sso_links.of(one.patient_id)] == ["epic-hospital"]
    assert [each.organisation_id for each in sso_links.of(other.patient_id)] == ["oracle-hospital"]


def died(patient: Patient) -> None:
    found = patients.with_id(patient.patient_id)
    assert found
    patients.rewrite(found.model_copy(update={"is_deceased": True}))


def test_nobody_signs_in_for_the_dead(ehr: EhrSignIn) -> None:
    known, unknown = a_patient(), a_patient()
    sub = at_hospital(ehr, known)
    signs_in(a_browser(), sub)
    died(known)
    died(unknown)

    for each in (sub, at_hospital(ehr, unknown)):
        browser = a_browser()
        assert is_refused(browser, signs_in(browser, each), "sso-no-match")
