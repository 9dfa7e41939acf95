import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.adt_messages import ZONE

from portal import hl7
from portal.business_identifiers import entity_identifier, identifiers, practitioner
from portal.code_tables import code_in, tabled
from portal.contacts import addresses, date, first_said, names
from portal.hl7_segments import Segment
from portal.telecoms import telecoms


def a_field(sent: str) -> Segment:
    """A segment whose first field holds this."""
    return hl7.read(f"MSH|^~\\&|\rZZZ|{sent}".encode()).first("ZZZ")


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ("1 Elm St^^Springfield", "1 Elm St"),
        ("1 Elm St&Elm St&1^^Springfield", "1 Elm St"),
        ("&Elm St&1^^Springfield", "Elm St 1"),
        ("1000&Hospital Lane^^Ann Arbor", "1000 Hospital Lane"),
        ("Elm St & Oak Ave^^Springfield", "Elm St & Oak Ave"),
    ],
)
def test_a_street_is_one_line_however_it_is_cut(sent: str, line: str) -> None:
    assert addresses(a_field(sent), 1, ZONE)[0]["line"] == [line]


def test_an_address_of_nowhere_is_none() -> None:
    assert addresses(a_field("^^^^^^H"), 1, ZONE) == []


@pytest.mark.parametrize(
    ("authority", "system"),
    [
        ("CLINIC&2.16.840.1.113883.19&ISO", "urn:oid:2.16.840.1.113883.19"),
        ("&2.16.840.1.113883.19&ISO", "urn:oid:2.16.840.1.113883.19"),
        ("CLINIC&2.16.840.01&ISO", None),
        ("CLINIC&2.16.840.1.113883.19", None),
        ("CLINIC&https://clinic.example/mrn&URI", "https://clinic.example/mrn"),
        (
            "CLINIC&0F8FAD5B-D9CB-469F-A165-70867728950E&GUID",
            "urn:uuid:0f8fad5b-d9cb-469f-a165-70867728950e",
        ),
        ("CLINIC&clinic.example&DNS", None),
    ],
)
def test_an_authority_is_a_system_only_where_its_kind_is_said(
    authority: str, system: str | None
) -> None:
    (said,) = identifiers(a_field(f"77^^^{authority}^MR"), 1, ZONE)

    assert said.get("system") == system
    assert said["assigner"]["display"]


def test_a_number_of_nothing_is_no_identifier() -> None:
    assert identifiers(a_field("^^^CLINIC^MR"), 1, ZONE) == []
    assert entity_identifier(a_field("^EHR").value(1)) == {}
    assert practitioner(a_field("^^^").value(1)) == {}


def test_an_identifier_says_when_it_is_valid() -> None:
    (said,) = identifiers(a_field("77^^^CLINIC^MR^^20200101^20251231"), 1, ZONE)

    assert said["period"] == {"start": "2020-01-01", "end": "2025-12-31"}


@pytest.mark.parametrize(
    ("sent", "points"),
    [
        ("555-0100", [("phone", "555-0100", "home")]),
        ("555-0100^PRN^CP", [("phone", "555-0100", "mobile")]),
        ("555-0100^WPN^FX", [("fax", "555-0100", "work")]),
        ("555-0100^BPN^BP", [("pager", "555-0100", None)]),
        ("^^^^^206^4465080", [("phone", "206 4465080", "home")]),
        ("(206)446-5080^^^^^260^4465080", [("phone", "(206)446-5080", "home")]),
        ("^^^^^^^^^^^555 0100", [("phone", "555 0100", "home")]),
        ("555-0100^^^^^^^^^^^+1 206 555 0100", [("phone", "+1 206 555 0100", "home")]),
        ("a@b.example", [("email", "a@b.example", "home")]),
        ("^NET^Internet^a@b.example", [("email", "a@b.example", None)]),
        (
            "555-0100^PRN^PH^a@b.example",
            [("phone", "555-0100", "home"), ("email", "a@b.example", "home")],
        ),
        ("^^Internet^https://b.example/me", [("url", "https://b.example/me", "home")]),
        ("unknown", []),
        ("^PRN^PH", []),
    ],
)
def test_a_telephone_or_address_is_read_in_every_versions_way(
    sent: str, points: list[tuple[str, str, str | None]]
) -> None:
    said = telecoms(a_field(sent), {1: "home"}, ZONE)

    assert [(each["system"], each["value"], each.get("use")) for each in said] == points


def test_names_repeated_are_one() -> None:
    assert len(names(a_field("Doe^Jane~Doe^Jane~Doe^Janie"), 1, ZONE)) == 2


def test_a_list_of_several_fields_is_traced_to_the_first_that_says_something() -> None:
    segment = hl7.read(b'MSH|^~\\&|\rZZZ||""|x').first("ZZZ")

    assert first_said(segment, 1, 2, 3) == 3
    assert first_said(segment, 1, 2) == 2
    assert first_said(segment, 1) == 1


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("SPO", "SPO"),
        ("spo", "SPO"),
        ("SPO^SPOUSE", "SPO"),
        ("Spouse", "SPO"),
        ("^Spouse", "SPO"),
        ("SPO^Husband", ""),
        ("SPO^Husband^HL70063", "SPO"),
        ("SPO^Spouse^99OWN", ""),
        ("Husband", ""),
        ("", ""),
    ],
)
def test_a_code_is_the_tables_only_where_nothing_speaks_against_it(sent: str, code: str) -> None:
    assert code_in(a_field(sent).value(1), "0063") == code


def test_a_tables_code_gets_the_tables_words() -> None:
    assert tabled(a_field("SPO").value(1), "0063")["text"] == "Spouse"
    assert tabled(a_field("SPO^Husband").value(1), "0063")["text"] == "Husband"


@given(st.text())
def test_any_text_for_a_date_is_a_fhir_date_or_none(text: str) -> None:
    said = date(text)

    assert said is None or len(said) in (4, 7, 10)
