from typing import Any

import pytest
from tests.portal.adt_messages import (
    a_message,
    a_pid,
    a_segment,
    code_of,
    converted,
    folded,
    of_type,
)

from portal import demographics
from portal.entries import Entry
from portal.hl7 import Message

LATER = "20260401120000-0500"


def a_patient(pid: dict[int, str], *more: str, at: str = LATER) -> Entry:
    message = a_message("ADT^A08", *more, pid=a_pid(pid), at=at)
    return of_type(converted(demographics.entries, message), "Patient")[0]


def relatives_of(message: Message) -> list[Entry]:
    return of_type(converted(demographics.entries, message), "RelatedPerson")


def relatives(*nk1: dict[int, str]) -> list[Entry]:
    return relatives_of(a_message("ADT^A08", *(a_segment("NK1", each) for each in nk1)))


def test_every_identifier_is_kept_with_whose_it_is() -> None:
    pid = {3: "1001^^^CLINIC&2.16.840.1.113883.19.5&ISO^MR~A-77^^^REGISTRY^XYZ~^^^EMPTY^PI"}
    first, second = a_patient(pid).elements["identifier"]

    assert first["value"] == "1001"
    assert first["system"] == "urn:oid:2.16.840.1.113883.19.5"
    assert first["assigner"] == {"display": "CLINIC"}
    assert code_of(first["type"]) == "MR"
    assert "system" not in second
    assert second["type"] == {"text": "XYZ"}


def test_old_senders_keep_the_number_in_pid_2() -> None:
    patient = a_patient({2: "900", 3: ""})

    assert patient.elements["identifier"] == [{"value": "900"}]
    assert patient.sources["identifier"] == "PID[1]-2"


def test_every_name_is_kept_with_its_use() -> None:
    pid = {5: "Doe^Jane^Q^III^Dr^MD^L~Roe^Jane^^^^^M~^Janie^^^^^N~^^^^^^D"}
    official, maiden, nickname = a_patient(pid).elements["name"]

    assert official == {
        "use": "official",
        "text": "Dr Jane Q Doe III",
        "family": "Doe",
        "given": ["Jane", "Q"],
        "prefix": ["Dr"],
        "suffix": ["III", "MD"],
    }
    assert (maiden["use"], maiden["family"]) == ("maiden", "Roe")
    assert (nickname["use"], nickname["text"]) == ("nickname", "Janie")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("19800229", "1980-02-29"),
        ("198002", "1980-02"),
        ("1980", "1980"),
        ("198002292359-0500", "1980-02-29"),
        ("19800231", None),
        ("unknown", None),
    ],
)
def test_a_birth_date_is_as_precise_as_the_sender(sent: str, said: str | None) -> None:
    assert a_patient({7: sent}).elements.get("birthDate") == said


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        *[(sent, "female") for sent in ("F", "Female", "F^Female")],
        *[("m", "male"), ("U", "unknown")],
        *[(sent, "other") for sent in "OAN"],
        *[("X", None), ("1", None)],
    ],
)
def test_sex_is_the_tables_or_left_out(sent: str, said: str | None) -> None:
    assert a_patient({8: sent}).elements.get("gender") == said


@pytest.mark.parametrize(
    ("date", "sign", "element", "value"),
    [
        ("20260301", "Y", "deceasedDateTime", "2026-03-01"),
        ("20260301", "", "deceasedDateTime", "2026-03-01"),
        ("", "Y", "deceasedBoolean", True),
        ("", "N", "deceasedBoolean", False),
        ("20260301", "N", "deceasedBoolean", False),
    ],
)
def test_a_death_is_said_once(date: str, sign: str, element: str, value: object) -> None:
    said = a_patient({29: date, 30: sign}).elements

    assert said[element] == value
    assert len([name for name in said if name.startswith("deceased")]) == 1


def test_a_death_reported_by_mistake_is_taken_back() -> None:
    dead = a_patient({29: "20260301", 30: "Y"})
    alive = a_patient({30: "N"}, at="20260402120000-0500")

    assert folded(dead, alive)["deceasedBoolean"] is False
    assert "deceasedDateTime" not in folded(dead, alive)


def test_nobody_is_said_to_live_who_was_not_asked_about() -> None:
    said = a_patient({}).elements

    assert not [name for name in said if name.startswith(("deceased", "multipleBirth"))]


@pytest.mark.parametrize(
    ("sign", "order", "element", "value"),
    [
        ("Y", "2", "multipleBirthInteger", 2),
        ("", "2", "multipleBirthInteger", 2),
        ("Y", "", "multipleBirthBoolean", True),
        ("N", "1", "multipleBirthBoolean", False),
        ("Y", "20240115", "multipleBirthBoolean", True),
    ],
)
def test_twins_are_told_apart(sign: str, order: str, element: str, value: object) -> None:
    said = a_patient({24: sign, 25: order}).elements

    assert said[element] == value
    assert len([name for name in said if name.startswith("multipleBirth")]) == 1


def test_a_birth_order_learnt_later_takes_the_place_of_the_bare_sign() -> None:
    twin = folded(a_patient({24: "Y"}), a_patient({24: "Y", 25: "2"}, at="20260402120000-0500"))

    assert twin["multipleBirthInteger"] == 2
    assert "multipleBirthBoolean" not in twin


def test_addresses_and_telephones_are_kept_with_their_use() -> None:
    pid = {
        11: "1 Elm St^Apt 2^Springfield^IL^62701^USA^H^^Sangamon~PO Box 9^^Springfield^^^^M",
        13: "(555)555-0100~^PRN^CP^^1^555^5550101~^NET^Internet^jane@example.org",
        14: "^WPN^PH^^^555^5550102^44",
    }
    said = a_patient(pid).elements

    assert said["address"][0] == {
        "use": "home",
        "line": ["1 Elm St", "Apt 2"],
        "city": "Springfield",
        "district": "Sangamon",
        "state": "IL",
        "postalCode": "62701",
        "country": "USA",
    }
    assert said["address"][1]["type"] == "postal"
    assert said["telecom"] == [
        {"system": "phone", "value": "(555)555-0100", "use": "home"},
        {"system": "phone", "value": "+1 555 5550101", "use": "mobile"},
        {"system": "email", "value": "jane@example.org"},
        {"system": "phone", "value": "555 5550102 x44", "use": "work"},
    ]


@pytest.mark.parametrize(
    ("sent", "tag"),
    [
        ("es", "es"),
        ("SPA^Spanish^HL70296", "es"),
        ("ENGLISH", "en"),
        ("en-US", None),
        ("SP", None),
        ("ara^^^eng^English", None),
    ],
)
def test_a_language_is_coded_where_nobody_can_doubt_it(sent: str, tag: str | None) -> None:
    language = a_patient({15: sent}).elements["communication"][0]["language"]

    codings = [
        each for each in language.get("coding", []) if each.get("system") == "urn:ietf:bcp:47"
    ]
    assert [each["code"] for each in codings] == ([tag] if tag else [])
    assert language["text"]


@pytest.mark.parametrize(
    ("sent", "code"), [("M", "M"), ("S^Single", "S"), ("E", "L"), ("P", "T"), ("U", "UNK")]
)
def test_marital_status_is_fhirs(sent: str, code: str) -> None:
    assert code_of(a_patient({16: sent}).elements["maritalStatus"]) == code


def test_a_marital_status_of_the_senders_own_stays_its_word() -> None:
    assert a_patient({16: "SIN"}).elements["maritalStatus"] == {"text": "SIN"}


def extension_of(patient: Entry, name: str) -> dict[str, Any]:
    found = patient.elements.get("extension", [])
    parts = [each["extension"] for each in found if each["url"].endswith(name)]
    return {part["url"]: part for part in parts[0]} if parts else {}


def test_race_and_ethnicity_are_taken_in_cdcs_codes_only() -> None:
    coded = a_patient({10: "2106-3^White^CDCREC", 22: "H^Hispanic or Latino^HL70189"})
    own = a_patient({10: "W", 22: "N^Black or Black British - African"})

    assert extension_of(coded, "race")["ombCategory"]["valueCoding"]["code"] == "2106-3"
    assert extension_of(coded, "ethnicity")["ombCategory"]["valueCoding"]["code"] == "2135-2"
    assert extension_of(coded, "ethnicity")["text"]["valueString"] == "Hispanic or Latino"
    assert "extension" not in own.elements


def test_the_own_doctor_is_named() -> None:
    pd1 = a_segment("PD1", {3: "RIVER PRACTICE^^12345", 4: "1234567893^Kay^Ann^^^Dr^^^^^^^NPI"})
    doctor, practice = a_patient({}, pd1).elements["generalPractitioner"]

    assert doctor["display"] == "Dr Ann Kay"
    assert doctor["identifier"]["system"] == "http://hl7.org/fhir/sid/us-npi"
    assert practice["display"] == "RIVER PRACTICE"


def test_the_social_security_number_of_pid_19_stays_in_the_message() -> None:
    assert "123-45-6789" not in str(a_patient({19: "123-45-6789"}))


def test_an_update_leaves_what_it_does_not_say() -> None:
    known = a_patient({7: "19800229", 16: "M"})
    updated = a_patient({13: "555-0100"}, at="20260402120000-0500")

    assert folded(known, updated)["birthDate"] == "1980-02-29"
    assert folded(known, updated)["telecom"][0]["value"] == "555-0100"


def test_hl7s_null_takes_a_number_away() -> None:
    known = a_patient({13: "555-0100"})
    updated = a_patient({13: '""'}, at="20260402120000-0500")

    assert "telecom" not in folded(known, updated)


def test_next_of_kin_are_people_related_to_the_patient() -> None:
    nk1 = {1: "1", 2: "Doe^John", 3: "SPO^Spouse", 4: "1 Elm St", 5: "555-0100", 6: "555-0101"}
    nk1 |= {7: "C", 8: "20200101", 15: "M", 16: "19790101", 20: "spa"}
    (spouse,) = relatives(nk1)

    codes = [code_of(each) for each in spouse.elements["relationship"]]
    systems = [each["coding"][0]["system"][-7:] for each in spouse.elements["relationship"]]
    assert list(zip(codes, systems, strict=True)) == [("SPO", "v2-0063"), ("C", "v2-0131")]
    assert [each["use"] for each in spouse.elements["telecom"]] == ["home", "work"]
    assert spouse.elements["name"][0]["text"] == "John Doe"
    assert spouse.elements["period.start"] == "2020-01-01"
    assert (spouse.elements["gender"], spouse.elements["birthDate"]) == ("male", "1979-01-01")


def test_a_relative_is_known_by_name_and_relationship_wherever_it_stands() -> None:
    (first,) = relatives({1: "1", 2: "Doe^John", 3: "SPO"})
    (moved,) = relatives({1: "2", 2: "DOE^JOHN", 3: "spo"})
    (other,) = relatives({1: "1", 2: "Doe^John", 3: "FTH"})

    assert first.key == moved.key != other.key


def test_a_relatives_own_number_knows_them_under_any_name() -> None:
    (before,) = relatives({2: "Doe^Mary", 33: "R7^^^CLINIC"})
    (after,) = relatives({2: "Roe^Mary", 33: "R7^^^CLINIC"})

    assert before.key == after.key


def test_a_relative_listed_twice_is_one_person() -> None:
    (mother,) = relatives(
        {2: "Doe^Ann", 3: "MTH", 5: "555-0100"}, {2: "Doe^Ann", 3: "MTH", 4: "1 Elm St"}
    )

    assert mother.elements["telecom"]
    assert mother.elements["address"]


def test_an_employer_among_the_next_of_kin_is_no_person() -> None:
    assert relatives({3: "EMR", 13: "ACME LTD"}) == []


def test_words_for_a_relationship_are_kept() -> None:
    known, own = relatives({2: "Doe^Ann", 3: "MOTHER"}, {2: "Doe^Bea", 3: "Great-aunt"})

    assert code_of(known.elements["relationship"][0]) == "MTH"
    assert own.elements["relationship"] == [{"text": "Great-aunt"}]
