import pytest
from tests.portal.adt_messages import (
    a_message,
    a_pid,
    a_pv1,
    a_segment,
    code_of,
    converted,
    folded,
    of_type,
)

from portal import coverages
from portal.entries import Entry, entry_id

_IN1 = {1: "1", 2: "PPO1^Gold PPO", 3: "7^^^PAYERS", 4: "River Health", 36: "M-100"}
_GT1 = {1: "1", 2: "G7^^^CLINIC", 3: "Doe^John", 5: "1 Elm St", 6: "555-0100", 11: "SPO"}


def found_in(*segments: str, kind: str = "ADT^A01", pid: str = "") -> list[Entry]:
    message = a_message(kind, a_pv1({44: "20260301"}), *segments, pid=pid or a_pid({18: "ACC1"}))
    return converted(coverages.entries, message)


def a_coverage(in1: dict[int, str] | None = None, in2: dict[int, str] | None = None) -> Entry:
    segments = [a_segment("IN1", {**_IN1, **(in1 or {})})]
    segments += [a_segment("IN2", in2)] if in2 else []
    return of_type(found_in(*segments), "Coverage")[0]


def account_of(entries: list[Entry]) -> Entry:
    return of_type(entries, "Account")[0]


def test_an_insurance_is_a_coverage() -> None:
    said = a_coverage({8: "GRP9", 9: "Acme staff", 12: "20250101", 15: "PPO", 22: "2"}).elements

    assert said["status"] == "active"
    assert said["payor"][0]["display"] == "River Health"
    assert said["payor"][0]["identifier"]["value"] == "7"
    assert said["subscriberId"] == "M-100"
    assert said["order"] == 2
    assert said["type"] == {"text": "PPO"}
    assert said["period.start"] == "2025-01-01"
    classes = [(code_of(each["type"]), each["value"], each["name"]) for each in said["class"]]
    assert classes == [("group", "GRP9", "Acme staff"), ("plan", "PPO1", "Gold PPO")]


def test_an_insurance_that_ended_says_so_by_its_period() -> None:
    said = a_coverage({13: "20251231"}).elements

    assert said["period.end"] == "2025-12-31"
    assert said["status"] == "active"


def test_an_insurance_taken_back_is_cancelled() -> None:
    assert a_coverage({55: "D"}).elements["status"] == "cancelled"


def test_the_number_on_the_card_may_stand_in_in1_49() -> None:
    said = a_coverage({36: "", 49: "H-9^^^PAYERS^MB"})

    assert said.elements["subscriberId"] == "H-9"
    assert said.sources["subscriberId"] == "IN1[1]-49"


def test_a_payor_nobody_names_is_said_to_be_unknown() -> None:
    unnamed = a_coverage({3: "", 4: ""})

    extension = folded(unnamed)["payor"][0]["extension"][0]
    assert extension["valueCode"] == "unknown"


@pytest.mark.parametrize(
    ("sent", "code"), [("SEL", "self"), ("SPO", "spouse"), ("Self", "self"), ("MTH", "child")]
)
def test_what_the_insured_is_to_the_patient_is_turned_round(sent: str, code: str) -> None:
    assert code_of(a_coverage({17: sent}).elements["relationship"]) == code


@pytest.mark.parametrize("sent", ["CHD", "18", "EMR^Employee"])
def test_a_relationship_that_could_be_either_way_stays_the_senders_word(sent: str) -> None:
    said = a_coverage({17: sent}).elements["relationship"]

    systems = [each.get("system", "") for each in said.get("coding", [])]
    assert "http://terminology.hl7.org/CodeSystem/subscriber-relationship" not in systems
    assert said["text"]


def test_in2_says_what_the_patient_is_to_the_insured() -> None:
    said = a_coverage({17: "CHD"}, {72: "03"})

    assert code_of(said.elements["relationship"]) == "child"
    assert said.sources["relationship"] == "IN2[1]-72"


def test_each_in2_belongs_to_the_in1_above_it() -> None:
    first, second = _IN1, {**_IN1, 1: "2", 36: "M-200"}
    entries = found_in(
        a_segment("IN1", first), a_segment("IN1", second), a_segment("IN2", {72: "02"})
    )
    one, two = of_type(entries, "Coverage")

    assert "relationship" not in one.elements
    assert code_of(two.elements["relationship"]) == "spouse"


def test_an_insurance_is_known_by_company_plan_and_number_wherever_it_stands() -> None:
    assert a_coverage({1: "1"}).key == a_coverage({1: "2"}).key
    assert a_coverage().key != a_coverage({36: "M-101"}).key
    assert a_coverage().key != a_coverage({2: "HMO2"}).key


def test_an_insurance_listed_twice_is_one() -> None:
    entries = found_in(a_segment("IN1", _IN1), a_segment("IN1", {**_IN1, 1: "2"}))

    assert len(of_type(entries, "Coverage")) == 1


def test_an_empty_in1_is_no_coverage() -> None:
    assert of_type(found_in("IN1|1"), "Coverage") == []


def test_the_guarantor_is_a_related_person_and_answers_for_the_account() -> None:
    entries = found_in(a_segment("IN1", _IN1), a_segment("GT1", _GT1))
    (guarantor,) = of_type(entries, "RelatedPerson")
    account = account_of(entries)

    assert code_of(guarantor.elements["relationship"][0]) == "SPO"
    party = account.elements["guarantor"][0]["party"]
    assert party == {"reference": f"RelatedPerson/{guarantor.entry_id}", "display": "John Doe"}
    covered = account.elements["coverage"][0]
    assert covered["coverage"]["reference"].endswith(of_type(entries, "Coverage")[0].entry_id)
    assert covered["priority"] == 1


def test_a_patient_who_pays_is_not_a_relative_of_their_own() -> None:
    entries = found_in(a_segment("GT1", {**_GT1, 3: "Doe^Jane", 11: "SEL"}))

    assert of_type(entries, "RelatedPerson") == []
    assert account_of(entries).elements["guarantor"] == [{"party": {"display": "Jane Doe"}}]


def test_a_guarantor_and_a_next_of_kin_of_the_same_number_stay_two() -> None:
    (guarantor,) = of_type(found_in(a_segment("GT1", _GT1)), "RelatedPerson")

    assert guarantor.key.startswith("GT1\n")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("BAR^P01", "active"),
        ("BAR^P02", "inactive"),
        ("BAR^P05", None),
        ("BAR^P06", "inactive"),
        ("DFT^P03", None),
    ],
)
def test_an_account_is_opened_and_ended_by_its_events(kind: str, status: str | None) -> None:
    account = account_of(found_in(kind=kind))

    assert account.elements.get("status") == status
    assert folded(account)["status"] == (status or "unknown")


def test_an_account_has_its_number_and_the_time_of_its_visit() -> None:
    account = account_of(found_in(kind="BAR^P01", pid=a_pid({18: "ACC1^^^CLINIC^AN"})))

    assert account.elements["name"] == "ACC1"
    assert account.elements["identifier"][0]["value"] == "ACC1"
    assert account.elements["servicePeriod.start"] == "2026-03-01"


def test_without_an_account_number_the_visit_is_what_is_billed() -> None:
    account = account_of(found_in(kind="BAR^P01", pid=a_pid({18: ""})))

    assert account.sources["identifier"] == "PV1[1]-19"
    assert account.entry_id == entry_id("Account", "visit\nCLINIC\nV1")


def test_an_account_number_that_only_rides_along_makes_no_account() -> None:
    assert found_in() == []
