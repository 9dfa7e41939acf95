from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.adt_messages import folded
from tests.portal.order_messages import (
    DRUG,
    OBR,
    ORC,
    a_message,
    a_segment,
    an_obr,
    converted_or_refused,
    ordered,
)

from portal import hl7, order_requests
from portal.entries import Entry, reference
from portal.errors import Reason, Unusable


def requests(*segments: str, kind: str = "OML^O21") -> list[Entry]:
    found = ordered(*segments, kind=kind)
    return [entry for entry in found if entry.resource_type == "ServiceRequest"]


def specimens(*segments: str, kind: str = "OML^O21") -> list[Entry]:
    found = ordered(*segments, kind=kind)
    return [entry for entry in found if entry.resource_type == "Specimen"]


def said(entry: Entry, element: str) -> Any:
    return entry.elements[element]


@pytest.mark.parametrize("kind", ["ORM^O01", "OML^O21", "OML^O33", "OML^O35", "OMG^O19"])
def test_each_order_names_what_is_ordered(kind: str) -> None:
    (entry,) = requests(ORC, OBR, kind=kind)

    assert said(entry, "code")["coding"][0]["code"] == "24323-8"
    assert said(entry, "intent") == "order"
    assert [each["value"] for each in said(entry, "identifier")] == ["P1", "F1"]


def test_each_obr_is_an_order() -> None:
    found = requests(ORC, OBR, "ORC|NW|P2", "OBR|2|P2||718-7^Hemoglobin^LN")

    assert [said(entry, "code")["coding"][0]["code"] for entry in found] == ["24323-8", "718-7"]


def test_two_tests_under_one_number_are_two_orders() -> None:
    second = "OBR|2|P1^EHR||718-7^Hemoglobin^LN"

    assert len({entry.key for entry in requests(ORC, OBR, second)}) == 2
    assert len({entry.key for entry in requests(ORC, OBR, ORC, second)}) == 2


def test_an_order_told_twice_is_one() -> None:
    assert len(requests(ORC, OBR, ORC, OBR)) == 1


def test_the_number_of_the_obr_or_of_its_orc_is_the_same_order() -> None:
    (one,) = requests("ORC|NW|P1^EHR", "OBR|1|||CBC^Count^L")
    (other,) = requests("ORC|NW", "OBR|1|P1^EHR||CBC^Count^L")
    (filled,) = requests("ORC|NW||P1^EHR", "OBR|1|||CBC^Count^L")

    assert one.key == other.key != filled.key


def test_an_orc_alone_speaks_of_an_order_sent_before() -> None:
    (placed,), (ended,) = requests(ORC, OBR), requests("ORC|CA|P1^EHR")

    assert placed.key == ended.key
    whole = folded(placed, ended)
    assert whole["status"] == "revoked"
    assert whole["code"]["coding"][0]["code"] == "24323-8"


@pytest.mark.parametrize("kind", ["ORM^O01", "OML^O21"])
@pytest.mark.parametrize("segments", [(), ("ORC|NW",), ("OBR|1",), (ORC, OBR, "ORC|NW", "OBR|2")])
def test_an_order_of_nothing_waits_for_a_person(kind: str, segments: tuple[str, ...]) -> None:
    with pytest.raises(Unusable) as refused:
        ordered(*segments, kind=kind)

    assert refused.value.reason is Reason.NO_ORDER
    assert "OBR-4" in refused.value.detail


def test_the_drugs_of_an_orm_are_left_to_others() -> None:
    assert ordered(ORC, f"RXO|{DRUG}", kind="ORM^O01") == []
    assert len(requests(ORC, f"RXO|{DRUG}", "ORC|NW|P2", OBR, kind="ORM^O01")) == 1


def test_earlier_results_in_an_order_are_no_orders() -> None:
    earlier = ("ORC|PR|OLD1", "OBR|1|OLD1||718-7^Hemoglobin^LN", "SPM|1|S9")

    assert len(requests(ORC, OBR, *earlier)) == 1
    assert specimens(ORC, OBR, *earlier) == []


def test_who_ordered_is_told_by_the_obr_before_the_orc() -> None:
    orc = a_segment("ORC", {1: "NW", 2: "P1", 12: "1^Lee^Ann"})

    assert said(requests(orc, OBR)[0], "requester")["display"] == "Ann Lee"
    both = requests(orc, an_obr({16: "2^Roe^Jo"}))[0]
    assert said(both, "requester") == {
        "type": "Practitioner",
        "display": "Jo Roe",
        "identifier": {"value": "2"},
    }


@pytest.mark.parametrize(
    ("orc", "obr", "tq1", "at"),
    [
        ("", {6: "20260401"}, "", "2026-04-01"),
        ("", {6: "20260401", 27: "1^^^20260402"}, "", "2026-04-02"),
        ("1^^^20260403", {6: "20260401", 27: "1^^^20260402"}, "", "2026-04-03"),
        ("1^^^20260403", {}, "TQ1|1||||||20260404", "2026-04-04"),
        ("", {36: "20260405"}, "TQ1|1||||||20260404", "2026-04-05"),
    ],
)
def test_when_it_is_due_is_told_by_the_most_definite_field(
    orc: str, obr: dict[int, str], tq1: str, at: str
) -> None:
    lines = (f"ORC|NW|P1^EHR|||||{orc}", an_obr(obr), tq1)

    assert said(requests(*filter(None, lines))[0], "occurrenceDateTime") == at


@pytest.mark.parametrize(
    ("orc", "obr", "tq1", "told"),
    [
        ("", {5: "S"}, "", "stat"),
        ("", {5: "R", 27: "^^^^^A"}, "", "asap"),
        ("^^^^^S", {27: "^^^^^A"}, "", "stat"),
        ("^^^^^S", {}, "TQ1|1||||||||R", "routine"),
        ("^^^^^Urgent", {}, "", "urgent"),
        ("^^^^^E", {}, "", None),
    ],
)
def test_how_soon_is_the_priority(
    orc: str, obr: dict[int, str], tq1: str, told: str | None
) -> None:
    lines = (f"ORC|NW|P1^EHR|||||{orc}", an_obr(obr), tq1)

    assert requests(*filter(None, lines))[0].elements.get("priority") == told


def test_when_it_was_ordered_is_told_by_a_new_order_only() -> None:
    new, changed = (a_segment("ORC", {1: said, 2: "P1", 9: "20260301"}) for said in ("NW", "XO"))

    assert said(requests(new, OBR)[0], "authoredOn") == "2026-03-01"
    assert "authoredOn" not in requests(changed, OBR)[0].elements


def test_why_it_is_ordered_is_the_study_s_reason_with_the_diagnoses() -> None:
    lines = (ORC, an_obr({31: "R05^Cough^I10"}), "DG1|1||J45^Asthma^I10", "DG1|2|||Wheezing")
    (entry,) = requests(*lines)

    assert [each["text"] for each in said(entry, "reasonCode")] == ["Cough", "Asthma", "Wheezing"]
    assert requests(ORC, OBR, "DG1|1|||Wheezing")[0].sources["reasonCode"] == "DG1[1]-4"


def test_a_diagnosis_of_the_visit_is_no_reason_of_an_order() -> None:
    assert "reasonCode" not in requests("DG1|1||J45^Asthma^I10", ORC, OBR)[0].elements


def test_why_it_was_cancelled_is_the_reason_of_its_status() -> None:
    orc = a_segment("ORC", {1: "CA", 2: "P1", 16: "^Patient left"})

    (extension,) = said(requests(orc, OBR)[0], "extension")
    assert extension["url"].endswith("request-statusReason")
    assert extension["valueCodeableConcept"] == {"text": "Patient left"}


@pytest.mark.parametrize(("sent", "told"), [("LAB", "LAB"), ("rad", "RAD"), ("XYZ", None)])
def test_the_department_is_the_category(sent: str, told: str | None) -> None:
    found = requests(ORC, an_obr({24: sent}))[0].elements.get("category")

    assert (found[0]["coding"][0]["code"] if found else None) == told


def test_notes_are_of_the_order_above_them() -> None:
    first, second = requests(
        *(ORC, "NTE|1||of one", OBR, "NTE|1||more", "TQ1|1||||||||||Fasting", "OBX|1|ST|Q||yes"),
        *("NTE|1||of the question", "ORC|NW|P2", "OBR|2|P2||CBC^Count^L", "NTE|1||of two"),
    )

    texts = [[note["text"] for note in said(entry, "note")] for entry in (first, second)]
    assert texts == [["of one", "more", "Fasting"], ["of two"]]


def test_a_note_for_the_patient_is_an_instruction() -> None:
    (entry,) = requests(ORC, OBR, "NTE|1||Do not eat|PI", "NTE|2||Call ward|RE")

    assert said(entry, "patientInstruction") == "Do not eat"
    assert said(entry, "note") == [{"text": "Call ward"}]


# Specimens


def test_a_specimen_is_told_and_its_order_refers_to_it() -> None:
    spm = a_segment(
        "SPM",
        {
            2: "S1&EHR^A1&LAB",
            4: "BLD^Whole blood^HL70487",
            7: "VENIP^Venipuncture",
            8: "LA^Left arm",
        }
        | {14: "two tubes", 17: "202603010800-0500", 18: "202603010900-0500", 20: "Y"}
        | {24: "HEM^Hemolyzed^HL70493"},
    )
    (request,), (specimen,) = requests(ORC, OBR, spm), specimens(ORC, OBR, spm)

    assert said(request, "specimen") == [reference("Specimen", specimen.key)]
    assert [each["value"] for each in said(specimen, "identifier")] == ["S1", "A1"]
    assert said(specimen, "type")["coding"][0]["code"] == "BLD"
    assert said(specimen, "collection.method")["text"] == "Venipuncture"
    assert said(specimen, "collection.bodySite")["text"] == "Left arm"
    assert said(specimen, "collection.collectedDateTime") == "2026-03-01T08:00:00-05:00"
    assert said(specimen, "receivedTime") == "2026-03-01T09:00:00-05:00"
    assert said(specimen, "status") == "available"
    assert said(specimen, "condition")[0]["text"] == "Hemolyzed"
    assert said(specimen, "note") == [{"text": "two tubes"}]


def test_a_collection_over_time_is_a_period_and_takes_the_place_of_a_time() -> None:
    (timed,) = specimens(ORC, OBR, a_segment("SPM", {2: "S1", 17: "20260301"}))
    (ranged,) = specimens(ORC, OBR, a_segment("SPM", {2: "S1", 17: "20260301^20260302"}))

    assert folded(timed, ranged)["collection"] == {
        "collectedPeriod": {"start": "2026-03-01", "end": "2026-03-02"}
    }
    assert folded(ranged, timed)["collection"] == {"collectedDateTime": "2026-03-01"}


@pytest.mark.parametrize(
    ("fields", "told"),
    [({20: "N"}, "unavailable"), ({20: "Y", 21: "RC^Clotted"}, "unsatisfactory"), ({}, None)],
)
def test_a_rejected_specimen_is_unsatisfactory(fields: dict[int, str], told: str | None) -> None:
    (specimen,) = specimens(ORC, OBR, a_segment("SPM", {2: "S1", **fields}))

    assert specimen.elements.get("status") == told


def test_a_specimen_is_known_by_its_number_else_by_its_order() -> None:
    keys = [
        specimens(ORC, OBR, a_segment("SPM", {1: "1", **fields}))[0].key
        for fields in (
            {2: "S1&EHR"},
            {2: "S1&EHR^A1&LAB"},
            {2: "^A1&LAB"},
            {2: "S1^EHR^1.2^ISO"},
            {},
        )
    ]

    assert keys[0] == keys[1] == keys[3]
    assert len(set(keys)) == 3
    assert keys[4] == specimens(ORC, OBR, "SPM|1||")[0].key


def test_a_specimen_that_comes_first_is_of_each_order_under_it() -> None:
    lines = (
        *("SPM|1|S1", "ORC|NW|P1", "OBR|1|P1||A^a^L", "ORC|NW|P2", "OBR|2|P2||B^b^L"),
        *("SPM|2", "ORC|NW|P3", "OBR|3|P3||C^c^L", "ORC|NW|P4", "OBR|4|P4||D^d^L"),
    )
    first, second, third, fourth = (
        said(entry, "specimen") for entry in requests(*lines, kind="OML^O33")
    )

    assert first == second != third
    assert third == fourth
    assert len(specimens(*lines, kind="OML^O33")) == 2


@pytest.mark.parametrize(
    "sent", ["BLD&Blood&HL70070", "BLD^Blood^HL70070", "&Blood", "BLD&Blood^^^LA&Left arm"]
)
def test_before_version_2_5_the_specimen_stands_in_the_obr(sent: str) -> None:
    obr = an_obr({7: "20260301", 14: "20260302", 15: sent})
    (specimen,), (request,) = specimens(ORC, obr), requests(ORC, obr)

    assert said(specimen, "type")["text"] == "Blood"
    assert said(specimen, "collection.collectedDateTime") == "2026-03-01"
    assert said(specimen, "receivedTime") == "2026-03-02"
    assert said(request, "specimen") == [reference("Specimen", specimen.key)]


def test_a_site_without_a_specimen_is_of_the_service() -> None:
    obr = an_obr({15: "^^^LA&Left arm"})

    assert specimens(ORC, obr) == []
    assert said(requests(ORC, obr)[0], "bodySite") == [
        {"coding": [{"code": "LA", "display": "Left arm"}], "text": "Left arm"}
    ]


# Whatever comes


@given(
    st.binary(max_size=300),
    st.sampled_from(["ORM^O01", "OML^O21", "OML^O33", "OMG^O19"]),
    st.lists(st.sampled_from(["ORC", "OBR", "SPM", "TQ1", "NTE", "DG1", "RXO"]), max_size=5),
)
def test_no_bytes_raise_anything_but_a_reason(junk: bytes, kind: str, names: list[str]) -> None:
    header = rf"MSH|^~\&|EHR|CLINIC|P|P|20260301||{kind}|M1|P|2.5.1".encode()
    lines = b"".join(b"\r" + name.encode() + b"|" + junk for name in names)
    message = hl7.read(header + lines + b"\r" + junk)

    found = converted_or_refused(message, order_requests.entries)
    assert all(entry.elements.keys() == entry.sources.keys() for entry in found)


@given(st.permutations(["ORC|NW|P1", "OBR|1|P1||A^a^L", "SPM|1|S1", "NTE|1||x", "TQ1|1||BID"]))
def test_segments_in_any_order_give_valid_resources(lines: list[str]) -> None:
    converted_or_refused(a_message("OML^O21", *lines), order_requests.entries)
