"""Who is registered by an EHR's messages, and what waits until then."""

from datetime import date

import pytest
from tests import stores
from tests.builders import a_message, a_patient, released, walked
from tests.lab_release.test_merging import an_adt, now, who

from portal import arrivals, fhir_claims, objects, patient_search, patients, published, senders
from portal.errors import Reason, Unusable
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")


def a_stranger(number: str) -> Patient:
    """Known to the EHR, not yet here."""
    return Patient(
        patient_id="",
        family="Okafor",
        given="Ben",
        birth_on=date(1975, 5, 6),
        identifiers=(("RIVERBEND", number),),
    )


def found(number: str) -> Patient | None:
    patient_id = patients.id_by_identifier("RIVERBEND", number)
    return patients.with_id(patient_id) if patient_id else None


def test_a_new_patient_is_registered_without_a_way_to_sign_in() -> None:
    released(an_adt("A28", who(a_stranger("R1")) + "|||||||ben@example.org"))

    patient = found("R1")
    assert patient is not None
    assert patient.family == "Okafor"
    assert patient.email == ""


def test_a_new_patient_needs_a_name_and_a_birth_date() -> None:
    with pytest.raises(Unusable) as refused:
        released(an_adt("A28", "R2^^^RIVERBEND^MR||Okafor^Ben"))

    assert refused.value.reason is Reason.PATIENT_UNMATCHED


def test_a_result_that_came_too_early_goes_on_when_its_patient_comes() -> None:
    stranger = a_stranger("R3")
    raw = a_message(stranger)
    with pytest.raises(Unusable):
        released(raw)
    stores.queued("LabMessages")

    released(an_adt("A04", who(stranger)))

    assert {"raw_id": objects.raw_id(raw)} in stores.queued("LabMessages")
    walked(objects.raw_id(raw))
    patient = found("R3")
    assert patient is not None
    assert len(published.listed(patient.patient_id, 5, "")[0]) == 1
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.CARDED


def test_a_married_name_is_taken_over() -> None:
    patient = a_patient(family="Rivera", given="Ana")
    released(an_adt("A08", who(patient).replace("Rivera^Ana", "Stone^Ana")))

    assert now(patient).family == "Stone"


def test_an_older_word_on_the_name_changes_nothing() -> None:
    patient = a_patient(family="Rivera", given="Ana")
    released(an_adt("A08", who(patient).replace("Rivera^Ana", "Stone^Ana"), at=900))
    released(an_adt("A08", who(patient).replace("Rivera^Ana", "Brook^Ana"), at=800))

    assert now(patient).family == "Stone"


def test_another_name_and_another_birth_date_are_another_person() -> None:
    patient = a_patient(family="Rivera", given="Ana")
    pid = who(patient).replace("Rivera^Ana", "Okafor^Ben").replace("1980", "1975")

    with pytest.raises(Unusable) as refused:
        released(an_adt("A08", pid))

    assert refused.value.reason is Reason.PATIENT_MISMATCH


def test_a_second_number_of_the_same_patient_is_learnt() -> None:
    patient = a_patient()
    number = patient.identifiers[0][1]
    both = who(patient).replace(
        f"{number}^^^RIVERBEND^MR", f"{number}^^^RIVERBEND^MR~X7{number}^^^OTHER^PI"
    )
    released(an_adt("A08", both))

    assert patients.id_by_identifier("OTHER", f"X7{number}") == patient.patient_id


def test_an_address_in_a_feed_does_not_change_where_sign_in_links_go() -> None:
    patient = a_patient()
    released(an_adt("A08", who(patient) + "|||||||thief@example.org"))

    assert patient_search.at_contact("thief@example.org") == []
    assert now(patient).email == patient.email


HOME = "|||1 Main St^^Hoboken^NJ^07030^USA^H"


def test_a_patients_state_is_that_of_their_home_address() -> None:
    released(an_adt("A28", who(a_stranger("R20")) + HOME))

    patient = found("R20")
    assert patient is not None
    assert patient.state == "NJ"


def test_who_moves_is_in_another_state_and_who_moves_abroad_in_none() -> None:
    stranger = a_stranger("R21")
    states = []

    for home in (HOME, HOME.replace("NJ", "NY"), "", "|||1 Weg^^Bonn^NW^53111^DE^H"):
        released(an_adt("A31", who(stranger) + home))
        patient = found("R21")
        states.append(patient.state if patient else "?")

    assert states == ["NJ", "NY", "NY", ""]


def test_a_state_is_read_from_a_fhir_patient_too() -> None:
    address = [{"use": "old", "state": "TX"}, {"use": "home", "state": "New Jersey"}]

    assert fhir_claims.claim({"address": address}, senders.UNKNOWN).state == "NJ"
