from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.adt_messages import folded
from tests.portal.order_messages import (
    DRUG,
    ORC,
    RXE,
    a_message,
    a_segment,
    an_rxe,
    converted,
    converted_or_refused,
    dispensed,
    prescribed,
)

from portal import hl7, medications
from portal.entries import Entry, reference
from portal.errors import Reason, Unusable

RXD = f"RXD|1|{DRUG}|20260302|30|CAP^capsule"


def said(entry: Entry, element: str) -> Any:
    return entry.elements[element]


def orders(*segments: str, kind: str = "RDE^O11") -> list[Entry]:
    found = converted(a_message(kind, *segments), medications.entries)
    return [entry for entry in found if entry.resource_type == "MedicationRequest"]


def test_a_prescription_names_its_drug_with_all_its_codes() -> None:
    both = "308191^amoxicillin 500 MG^RXNORM^0093-3109-01^AMOX^NDC"
    entry = prescribed(ORC, an_rxe({2: both}))

    systems = [coding["system"] for coding in said(entry, "medicationCodeableConcept")["coding"]]
    assert systems == [
        "http://www.nlm.nih.gov/research/umls/rxnorm",
        "http://hl7.org/fhir/sid/ndc",
    ]
    assert said(entry, "medicationCodeableConcept")["text"] == "amoxicillin 500 MG"


@pytest.mark.parametrize("kind", ["RDE^O01", "RDE^O11", "RDE^O25", "ORM^O01"])
def test_each_event_of_an_encoded_order_is_a_prescription(kind: str) -> None:
    assert orders(ORC, RXE, kind=kind)


@pytest.mark.parametrize("kind", ["OMP^O09", "ORM^O01"])
def test_an_order_that_no_pharmacy_has_encoded_is_a_prescription(kind: str) -> None:
    rxo = a_segment("RXO", {1: DRUG, 9: "N", 11: "30", 12: "TAB^tablet", 13: "2"})
    entry = prescribed(ORC, rxo, kind=kind)

    assert said(entry, "medicationCodeableConcept")["text"] == "amoxicillin 500 MG Oral Capsule"
    assert said(entry, "dispenseRequest.quantity")["value"] == 30
    assert said(entry, "dispenseRequest.numberOfRepeatsAllowed") == 2
    substitution = said(entry, "substitution.allowedCodeableConcept")
    assert substitution["coding"][0]["code"] == "N"


def test_what_the_pharmacy_gives_is_named_before_what_was_asked_for() -> None:
    entry = prescribed(ORC, "RXO|1^generic^99|250||mg", RXE)

    assert said(entry, "medicationCodeableConcept")["text"].startswith("amoxicillin")


def test_a_form_is_kept_with_the_drug() -> None:
    entry = prescribed(ORC, an_rxe({6: "CAP^Capsule", 25: "500", 26: "mg"}))

    (drug,) = said(entry, "contained")
    assert drug["form"]["text"] == "Capsule"
    assert drug["ingredient"][0]["strength"]["numerator"]["value"] == 500
    assert said(entry, "medicationReference")["display"] == "amoxicillin 500 MG Oral Capsule"
    assert "medicationCodeableConcept" not in entry.elements


def test_the_parts_of_a_mixture_are_its_ingredients() -> None:
    entry = prescribed(
        ORC,
        an_rxe({2: "MIX1^Drip^99"}),
        "RXC|B|NS^Saline^99|500|mL",
        "RXC|A|KCL^Potassium chloride^99|20|meq",
        "RXC|A||1|mL",
    )

    (drug,) = said(entry, "contained")
    names = [part["itemCodeableConcept"]["text"] for part in drug["ingredient"]]
    assert names == ["Saline", "Potassium chloride"]
    assert drug["ingredient"][1]["strength"]["numerator"]["unit"] == "meq"


def test_a_mixture_without_a_name_is_named_by_its_parts() -> None:
    entry = prescribed(ORC, an_rxe({2: ""}), "RXC|B|NS^Saline^99|500|mL", "RXC|A|K^Potassium^99")

    assert said(entry, "medicationReference")["display"] == "Saline, Potassium"
    assert entry.sources["medicationReference"] == "RXC[1]-2"


def test_a_drug_that_was_a_mixture_before_is_one_drug_now() -> None:
    mixed = prescribed(ORC, RXE, "RXC|B|NS^Saline^99|500|mL")
    plain = prescribed(ORC, RXE)

    assert "medicationReference" not in folded(mixed, plain)
    assert "contained" not in folded(mixed, plain)
    assert "medicationCodeableConcept" not in folded(plain, mixed)


def test_numbers_of_placer_filler_and_prescription_are_identifiers() -> None:
    entry = prescribed(ORC, an_rxe({15: "RX77"}))

    assert [each["value"] for each in said(entry, "identifier")] == ["P1", "F1", "RX77"]
    assert said(entry, "identifier")[0]["type"]["coding"][0]["code"] == "PLAC"


def test_supply_refills_and_pharmacy_are_told() -> None:
    entry = prescribed(
        ORC, an_rxe({9: "G", 10: "30", 11: "CAP^capsule", 12: "3", 16: "0", 40: "^Main pharmacy"})
    )

    assert said(entry, "dispenseRequest.quantity") == {"value": Decimal(30), "unit": "capsule"}
    assert said(entry, "dispenseRequest.numberOfRepeatsAllowed") == 3
    assert said(entry, "dispenseRequest.performer") == {"display": "Main pharmacy"}
    assert said(entry, "extension")[0]["valueUnsignedInt"] == 0
    assert entry.sources["extension"] == "RXE[1]-16"


@pytest.mark.parametrize(
    ("sent", "code"), [("N", "N"), ("1", "N"), ("7", "N"), ("G", "G"), ("T", "TE"), ("0", None)]
)
def test_substitution_is_told_where_the_code_tells_it(sent: str, code: str | None) -> None:
    found = prescribed(ORC, an_rxe({9: sent})).elements.get("substitution.allowedCodeableConcept")

    assert (found["coding"][0]["code"] if found else None) == code


def test_a_number_that_is_none_is_left_out() -> None:
    entry = prescribed(ORC, an_rxe({10: "some", 12: "Q12H", 16: "-1"}))

    assert not [name for name in entry.elements if name.startswith("dispenseRequest")]
    assert "extension" not in entry.elements


def test_who_ordered_and_when_is_told() -> None:
    orc = a_segment("ORC", {1: "NW", 2: "P1", 9: "202603010900-0500", 12: "77^Lee^Ann^^^Dr"})
    entry = prescribed(orc, an_rxe({13: "99^Other^Doc"}))

    assert said(entry, "requester")["display"] == "Dr Ann Lee"
    assert said(entry, "requester")["identifier"] == {"value": "77"}
    assert said(entry, "authoredOn") == "2026-03-01T09:00:00-05:00"


def test_the_prescriber_stands_in_for_an_empty_orc_12() -> None:
    assert said(prescribed(ORC, an_rxe({13: "99^Roe^Jo"})), "requester")["display"] == "Jo Roe"


def test_the_time_of_a_change_is_not_when_it_was_ordered() -> None:
    orc = a_segment("ORC", {1: "DC", 2: "P1", 9: "202603050900-0500"})

    assert "authoredOn" not in prescribed(orc, RXE).elements
    first = said(prescribed(orc, an_rxe({32: "202603010900-0500"})), "authoredOn")
    assert first == "2026-03-01T09:00:00-05:00"


def test_why_it_is_taken_and_why_it_was_stopped_are_two_things() -> None:
    new = a_segment("ORC", {1: "NW", 2: "P1", 16: "^Infection"})
    stopped = a_segment("ORC", {1: "DC", 2: "P1", 16: "^Side effects"})

    assert said(prescribed(new, RXE), "reasonCode") == [{"text": "Infection"}]
    entry = prescribed(stopped, an_rxe({27: "J02^Sore throat^I10"}))
    assert said(entry, "statusReason") == {"text": "Side effects"}
    assert said(entry, "reasonCode")[0]["text"] == "Sore throat"


def test_notes_of_the_order_are_kept_and_those_of_observations_are_not() -> None:
    entry = prescribed(ORC, "NTE|1||one", RXE, "NTE|1||two", "OBX|1|NM|WT||70", "NTE|1||of weight")

    assert said(entry, "note") == [{"text": "one"}, {"text": "two"}]


@pytest.mark.parametrize(("sent", "code"), [("I", "inpatient"), ("O", "outpatient")])
def test_where_it_is_taken_is_its_category(sent: str, code: str) -> None:
    orc = a_segment("ORC", {1: "NW", 2: "P1", 4: "G1", 29: sent})
    entry = prescribed(orc, RXE)

    assert said(entry, "category")[0]["coding"][0]["code"] == code
    assert said(entry, "groupIdentifier") == {"value": "G1"}


@pytest.mark.parametrize(("sent", "told"), [("S", "stat"), ("A", "asap"), ("R", "routine")])
def test_urgency_is_the_priority(sent: str, told: str) -> None:
    assert said(prescribed(ORC, RXE, f"TQ1|1||BID||||||{sent}"), "priority") == told
    assert "priority" not in prescribed(ORC, RXE, "TQ1|1||BID||||||P").elements


def test_an_empty_field_says_nothing_and_a_deleted_one_clears() -> None:
    entry = prescribed(ORC, an_rxe({12: '""'}))

    assert "dispenseRequest.numberOfRepeatsAllowed" in entry.cleared
    assert "dispenseRequest.quantity" not in (*entry.cleared, *entry.elements)


def test_a_change_keeps_what_it_does_not_mention() -> None:
    first = prescribed(ORC, an_rxe({12: "3", 7: "^Take it"}))
    later = prescribed("ORC|DC|P1^EHR", RXE)

    whole = folded(first, later)
    assert whole["dispenseRequest"] == {"numberOfRepeatsAllowed": 3}
    assert whole["status"] == "stopped"


# Which order it is


def test_messages_about_one_order_have_one_key() -> None:
    requested = prescribed(ORC, f"RXO|{DRUG}", kind="OMP^O09")
    encoded, stopped = prescribed(ORC, RXE), prescribed("ORC|DC|P1^EHR", RXE)

    assert requested.key == encoded.key == stopped.key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("P1^EHR", "P2^EHR"),
        ("P1^EHR", "P1^OTHER"),
        ("P1^^1.2.3^ISO", "P1^^1.2.4^ISO"),
        ("|P1^EHR", "P1^EHR"),
    ],
)
def test_orders_of_another_number_or_authority_are_others(one: str, other: str) -> None:
    assert prescribed(f"ORC|NW|{one}", RXE).key != prescribed(f"ORC|NW|{other}", RXE).key


def test_two_drugs_under_one_number_are_two_prescriptions() -> None:
    other = an_rxe({2: "1^ibuprofen^99"})
    together = orders(ORC, RXE, ORC, other)
    turned = orders(ORC, other, ORC, RXE)

    assert len({entry.key for entry in together}) == 2
    assert {entry.key for entry in turned} == {entry.key for entry in together}


def test_two_steps_of_a_taper_are_two_prescriptions() -> None:
    assert len({entry.key for entry in orders(ORC, RXE, ORC, an_rxe({3: "250"}))}) == 2


def test_several_drugs_may_follow_one_orc() -> None:
    first, second = orders(ORC, "NTE|1||both", RXE, "TQ1|1||BID", an_rxe({2: "1^ibuprofen^99"}))

    assert said(first, "status") == said(second, "status") == "active"
    assert "timing" not in said(second, "dosageInstruction")[0]


def test_without_an_order_number_the_prescription_number_tells() -> None:
    assert prescribed("ORC|NW", an_rxe({15: "RX7"})).key != prescribed("ORC|NW", RXE).key
    zeros = prescribed("ORC|NW|0|000", an_rxe({15: "RX7"}))
    assert zeros.key == prescribed("ORC|NW", an_rxe({15: "RX7"})).key


def test_without_number_or_time_two_sendings_are_never_one_prescription() -> None:
    first, later = (
        converted(a_message("OMP^O09", "ORC|OP", f"RXO|{DRUG}", at=at), medications.entries)[0]
        for at in ("20260301120000", "20260501120000")
    )

    assert first.key != later.key


def test_without_any_number_the_drug_and_its_time_tell() -> None:
    one = prescribed(a_segment("ORC", {1: "NW", 9: "20260301"}), RXE)
    same = prescribed(a_segment("ORC", {1: "OK", 9: "20260301"}), RXE)
    later = prescribed(a_segment("ORC", {1: "NW", 9: "20260401"}), RXE)

    assert one.key == same.key != later.key


# What cannot be used


@pytest.mark.parametrize(
    "segments",
    [
        (),
        (ORC,),
        (ORC, "RXE|1"),
        (ORC, an_rxe({2: '""'})),
        (ORC, RXE, "ORC|CA|P2^EHR"),
        (ORC, RXE, "ORC|NW|P2^EHR", "RXE|1"),
    ],
)
def test_an_order_without_a_drug_waits_for_a_person(segments: tuple[str, ...]) -> None:
    with pytest.raises(Unusable) as refused:
        converted(a_message("RDE^O11", *segments), medications.entries)

    assert refused.value.reason is Reason.BAD_VALUE
    assert "RXE-2" in refused.value.detail


def test_the_tests_of_an_orm_are_left_to_others() -> None:
    assert orders(ORC, "OBR|1|P1||CBC", kind="ORM^O01") == []
    assert len(orders(ORC, "OBR|1|P1||CBC", "ORC|NW|P2", f"RXO|{DRUG}", kind="ORM^O01")) == 1


# Dispenses


def test_what_was_handed_over_is_a_dispense() -> None:
    rxd = a_segment(
        "RXD",
        {1: "1", 2: DRUG, 3: "202603021500-0500", 4: "30", 5: "CAP^capsule", 7: "RX7", 8: "2"}
        | {9: "Shake well", 10: "55^Pill^Pat"},
    )
    entry = dispensed("ORC|RE|P1^EHR", rxd, "NTE|1||Keep cold", "RXR|PO^Oral")

    assert said(entry, "status") == "completed"
    assert said(entry, "whenHandedOver") == "2026-03-02T15:00:00-05:00"
    assert said(entry, "quantity") == {"value": Decimal(30), "unit": "capsule"}
    assert said(entry, "identifier")[0]["value"] == "RX7"
    assert said(entry, "extension")[0]["valueUnsignedInt"] == 2
    assert said(entry, "note") == [{"text": "Shake well"}, {"text": "Keep cold"}]
    assert said(entry, "performer")[0]["actor"]["display"] == "Pat Pill"
    assert said(entry, "dosageInstruction")[0]["route"]["text"] == "Oral"


def test_a_note_s_source_is_the_note_that_says_something() -> None:
    assert dispensed(ORC, RXD, "NTE|1||", "NTE|2||Cold").sources["note"] == "NTE[2]-3"


def test_the_parts_of_what_was_dispensed_do_not_name_what_was_ordered() -> None:
    with pytest.raises(Unusable):
        converted(
            a_message("RDS^O13", ORC, an_rxe({2: ""}), "RXD|1", "RXC|A|K^Potassium^99"),
            medications.entries,
        )


def test_a_dispense_is_of_its_prescription() -> None:
    prescription = prescribed(ORC, RXE)
    entry = dispensed("ORC|RE|P1^EHR", RXD)

    expected = reference("MedicationRequest", prescription.key)
    assert said(entry, "authorizingPrescription") == [expected]
    assert "authorizingPrescription" not in dispensed("ORC|RE", RXD).elements


def test_a_message_of_a_dispense_tells_of_its_prescription_too() -> None:
    found = converted(a_message("RDS^O13", ORC, RXE, RXD), medications.entries)

    assert [entry.resource_type for entry in found] == ["MedicationRequest", "MedicationDispense"]


def test_a_dispense_alone_makes_no_prescription() -> None:
    assert orders(ORC, RXD, kind="RDS^O13") == []


def test_each_refill_is_a_dispense_of_its_own() -> None:
    first, second = (
        dispensed("ORC|RE|P1^EHR", f"RXD|1|{DRUG}|{day}") for day in ("20260302", "20260402")
    )
    again = dispensed("ORC|RE|P1^EHR", f"RXD|1|{DRUG}|202603021500")

    assert first.key != second.key
    assert first.key == again.key
    assert first.key != dispensed("ORC|RE|P1^EHR", f"RXD|2|{DRUG}|20260302").key


def test_each_dispense_has_the_route_that_stands_under_it() -> None:
    segments = (RXD, "RXR|PO^oral^HL70162", f"RXD|2|{DRUG}|20260402", "RXR|SC^subcutaneous^HL70162")
    found = converted(a_message("RDS^O13", ORC, *segments), medications.entries)

    told = [entry.elements["dosageInstruction"][0] for entry in found]
    assert [each["route"]["coding"][0]["code"] for each in told] == ["PO", "SC"]
    assert not any("additionalInstruction" in each for each in told)


def test_two_dispenses_of_one_day_are_two() -> None:
    found = converted(a_message("RDS^O13", ORC, RXD, RXD), medications.entries)

    assert len({entry.key for entry in found}) == 2


@pytest.mark.parametrize(
    ("control", "status", "day", "told"),
    [
        ("RE", "", "20260302", "completed"),
        ("NW", "IP", "20260302", "completed"),
        ("RE", "CM", "", "completed"),
        ("RE", "CA", "20260302", "cancelled"),
        ("RE", "DC", "20260302", "stopped"),
        ("RE", "HD", "", "on-hold"),
        ("RE", "ER", "20260302", "entered-in-error"),
        ("CA", "", "20260302", "cancelled"),
        ("OC", "", "", "cancelled"),
        ("CR", "", "", "cancelled"),
        ("DC", "", "", "stopped"),
        ("OD", "", "", "stopped"),
        ("DR", "", "", "stopped"),
        ("HD", "", "", "on-hold"),
        ("OH", "", "", "on-hold"),
        ("HR", "", "", "on-hold"),
        ("RE", "", "", None),
        ("NW", "SC", "", None),
    ],
)
def test_a_dispense_is_done_when_it_has_a_day_unless_it_was_taken_back(
    control: str, status: str, day: str, told: str | None
) -> None:
    entry = dispensed(f"ORC|{control}|P1^EHR|||{status}", f"RXD|1|{DRUG}|{day}")

    assert entry.elements.get("status") == told


# Whatever comes


@given(
    st.binary(max_size=300),
    st.sampled_from(["RDE^O11", "OMP^O09", "RDS^O13", "ORM^O01"]),
    st.lists(st.sampled_from(["ORC", "RXO", "RXE", "RXD", "RXC", "RXR", "TQ1", "NTE"]), max_size=5),
)
def test_no_bytes_raise_anything_but_a_reason(junk: bytes, kind: str, names: list[str]) -> None:
    header = rf"MSH|^~\&|EHR|CLINIC|P|P|20260301||{kind}|M1|P|2.5.1".encode()
    lines = b"".join(b"\r" + name.encode() + b"|" + junk for name in names)
    message = hl7.read(header + lines + b"\r" + junk)

    found = converted_or_refused(message, medications.entries)
    assert all(entry.elements.keys() == entry.sources.keys() for entry in found)
