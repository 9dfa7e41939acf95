import pytest
from tests.portal.adt_messages import (
    a_message,
    a_pv1,
    a_segment,
    code_of,
    converted,
    folded,
    of_type,
)

from portal import diagnoses
from portal.entries import Entry, entry_id

_DG1 = {1: "1", 3: "J45.909^Asthma^I10C", 5: "20260228", 6: "F"}
_PR1 = {1: "1", 3: "45378^Colonoscopy^C4", 5: "20260301090000-0500"}
LATER = "20260302120000-0500"


def found_in(*segments: str, at: str = "20260301120000-0500", event: str = "A08") -> list[Entry]:
    return converted(diagnoses.entries, a_message(f"ADT^{event}", a_pv1(), *segments, at=at))


def conditions(*dg1: dict[int, str], at: str = "20260301120000-0500") -> list[Entry]:
    segments = [a_segment("DG1", {**_DG1, **each}) for each in dg1]
    return of_type(found_in(*segments, at=at), "Condition")


def a_procedure(pr1: dict[int, str] | None = None) -> Entry:
    found = found_in(a_segment("PR1", {**_PR1, **(pr1 or {})}))
    return of_type(found, "Procedure")[0]


def test_a_diagnosis_is_a_condition_of_its_visit() -> None:
    (said,) = conditions({4: "Asthma, uncomplicated", 16: "55^Okafor^Ada", 19: "20260301"})

    assert said.elements["code"] == {
        "coding": [
            {
                "system": "http://hl7.org/fhir/sid/icd-10-cm",
                "code": "J45.909",
                "display": "Asthma",
            }
        ],
        "text": "Asthma, uncomplicated",
    }
    assert code_of(said.elements["category"][0]) == "encounter-diagnosis"
    assert said.elements["onsetDateTime"] == "2026-02-28"
    assert said.elements["recordedDate"] == "2026-03-01"
    assert said.elements["asserter"]["display"] == "Ada Okafor"
    visit = entry_id("Encounter", "CLINIC\nV1")
    assert said.elements["encounter"] == {"reference": f"Encounter/{visit}"}
    assert "clinicalStatus" not in said.elements


@pytest.mark.parametrize(
    ("kind", "status"), [("A", "provisional"), ("W", "provisional"), ("F", "confirmed")]
)
def test_the_kind_of_diagnosis_says_how_sure_it_is(kind: str, status: str) -> None:
    (said,) = conditions({6: kind})

    assert code_of(said.elements["verificationStatus"]) == status


def test_a_diagnosis_taken_back_was_an_error() -> None:
    (said,) = conditions({20: "D1^EHR"})
    (gone,) = conditions({20: "D1^EHR", 21: "D"}, at=LATER)

    assert code_of(folded(said, gone)["verificationStatus"]) == "entered-in-error"
    assert gone.sources["verificationStatus"] == "DG1[1]-21"


def test_an_admitting_diagnosis_that_is_confirmed_is_one_condition() -> None:
    (said,) = conditions({6: "A"}, {1: "2", 6: "F"})

    assert code_of(said.elements["verificationStatus"]) == "confirmed"


def test_a_diagnosis_is_known_by_its_number_else_by_code_and_time() -> None:
    (numbered,) = conditions({20: "D1^EHR"})
    (recoded,) = conditions({3: "J45.901^Asthma attack^I10C", 20: "D1^EHR"})
    (plain,) = conditions({1: "1"})
    (moved,) = conditions({1: "4"})
    (again,) = conditions({5: "20260301"})

    assert numbered.key == recoded.key
    assert plain.key == moved.key != again.key


def test_a_diagnosis_of_another_visit_is_another() -> None:
    dg1 = a_segment("DG1", _DG1)
    here = converted(diagnoses.entries, a_message("ADT^A08", a_pv1(), dg1))[0]
    there = converted(diagnoses.entries, a_message("ADT^A08", a_pv1({19: "V2"}), dg1))[0]

    assert here.key != there.key


@pytest.mark.parametrize(
    ("method", "system"), [("I9", "icd-9-cm"), ("ICD10", "icd-10"), ("I10C", "icd-10-cm")]
)
def test_old_senders_name_the_coding_system_in_dg1_2(method: str, system: str) -> None:
    (said,) = conditions({2: method, 3: "493.90", 4: "Asthma"})

    coding = {"system": f"http://hl7.org/fhir/sid/{system}", "code": "493.90"}
    assert said.elements["code"] == {"coding": [coding], "text": "Asthma"}


def test_a_diagnosis_in_words_stays_words() -> None:
    (said,) = conditions({3: "", 4: "Sore throat"})

    assert said.elements["code"] == {"text": "Sore throat"}
    assert said.sources["code"] == "DG1[1]-4"


def test_an_empty_dg1_is_no_condition() -> None:
    assert conditions({3: ""}) == []


def test_a_note_belongs_to_the_diagnosis_above_it() -> None:
    segments = (a_segment("DG1", _DG1), "NTE|1||Worse at night", a_segment("PR1", _PR1))
    found = found_in(*segments, "NTE|1||Well tolerated")

    notes = {each.resource_type: each.elements["note"] for each in found}
    assert notes == {
        "Condition": [{"text": "Worse at night"}],
        "Procedure": [{"text": "Well tolerated"}],
    }


def test_a_person_update_has_diagnoses_of_no_visit() -> None:
    (said,) = of_type(found_in(a_segment("DG1", _DG1), event="A31"), "Condition")

    assert "encounter" not in said.elements


def test_a_procedure_says_what_was_done_when_and_by_whom() -> None:
    doctors = {8: "1^Gas^Al", 11: "2^Knife^Bo", 12: "3^Help^Cy", 6: "D", 15: "K63.5^Polyp^I10C"}
    said = a_procedure(doctors | {19: "P9^EHR"}).elements

    assert code_of(said["code"]) == "45378"
    assert said["performedDateTime"] == "2026-03-01T09:00:00-05:00"
    assert said["category"]["text"] == "Diagnostic procedure"
    named = [
        (code_of(each["function"]) if "function" in each else "", each["actor"]["display"])
        for each in said["performer"]
    ]
    assert named == [("88189002", "Al Gas"), ("304292004", "Bo Knife"), ("", "Cy Help")]
    assert code_of(said["reasonCode"][0]) == "K63.5"
    assert said["identifier"][0]["value"] == "P9"


def test_a_procedure_is_completed_when_its_time_has_passed() -> None:
    assert a_procedure().elements["status"] == "completed"
    assert a_procedure({5: "20260301"}).elements["status"] == "completed"
    assert "status" not in a_procedure({5: "20260401"}).elements
    assert folded(a_procedure({5: ""}))["status"] == "unknown"


def test_a_procedure_taken_back_was_an_error() -> None:
    assert a_procedure({20: "D"}).elements["status"] == "entered-in-error"


def test_a_date_in_the_place_of_a_description_is_no_name() -> None:
    assert a_procedure({4: "20241210083000"}).elements["code"]["text"] == "Colonoscopy"
