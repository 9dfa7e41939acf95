"""A culture is one report and one card, however the lab cut it into orders."""

import pytest
from tests.lab_results import lab_results
from tests.portal.card_versions import a_card
from tests.portal.culture_messages import (
    CULTURE,
    a_child,
    a_count,
    a_culture,
    a_germ,
    a_medicine,
)
from tests.portal.lab_messages import an_obx

from portal import cultures, fhir, hl7
from portal.cards import Card, CardStatus, ReportKind, Role
from portal.fhir import Resource
from portal.lab_reports import LabReport
from portal.tracing import traced


def reports_of(raw: bytes) -> list[LabReport]:
    message = hl7.read(raw)
    found = lab_results(message, "UTC").reports
    for one in (one for report in found for one in report.resources):
        fhir.validate(fhir.loads(fhir.dumps(one)))
        assert one["resourceType"] != "Observation" or traced(one, message)
    return found


def resources(raw: bytes, kind: str) -> list[Resource]:
    (report,) = reports_of(raw)
    return [each for each in report.resources if each["resourceType"] == kind]


def below(card: Card) -> dict[str, list[str]]:
    """Names of what is about a germ, by the germ's value."""
    germs = {each.key: each.value for each in card.readings}
    found: dict[str, list[str]] = {}
    for each in card.readings:
        if each.parent:
            found.setdefault(germs[each.parent], []).append(each.lab_name.split()[0])
    return found


def test_susceptibilities_are_members_of_their_germ_in_one_report() -> None:
    germ, first, second = resources(
        a_culture(a_germ(), a_child(), a_medicine(), a_medicine("Cefazolin")), "Observation"
    )
    (report,) = resources(a_culture(), "DiagnosticReport")

    members = [member["reference"] for member in germ["hasMember"]]
    assert members == [f"Observation/{each['id']}" for each in (first, second)]
    assert report["result"] == [{"reference": f"Observation/{germ['id']}"}]


def test_the_card_has_each_medicine_below_its_own_germ() -> None:
    other = "630-4&Urine&LN^2^Proteus mirabilis"
    card = a_card(
        a_culture(
            a_germ(),
            a_germ("Proteus mirabilis", "2"),
            a_child(),
            a_medicine(),
            a_child(other, filler="F3"),
            a_medicine(flag="R"),
            a_medicine("Cefazolin"),
        )
    )

    assert below(card) == {
        "Escherichia coli": ["Ampicillin"],
        "Proteus mirabilis": ["Ampicillin", "Cefazolin"],
    }
    assert [each.role for each in card.readings[:3]] == [Role.GERM, Role.GERM, Role.SUSCEPTIBILITY]
    assert (card.kind, card.readings[2].panel) == (ReportKind.CULTURE, "Susceptibility panel")


def test_a_childs_results_keep_their_keys_when_a_sibling_is_missing() -> None:
    other = a_child("630-4&Urine&LN^2^Proteus", filler="F3")
    whole = a_culture(
        a_germ(), a_germ("Proteus", "2"), a_child(), a_medicine(), other, a_medicine(flag="R")
    )
    later = a_culture(a_germ("Proteus", "2"), other, a_medicine(flag="I", status="C"))

    card = a_card(whole, later)

    flags = {each.flag for each in card.readings if each.parent}
    assert flags == {"S", "I"}


def test_a_child_whose_parent_is_elsewhere_is_a_report_of_its_own() -> None:
    alone = a_child(numbers="P9^F9", parent="630-4&Urine&LN^7^Klebsiella")

    assert len(reports_of(a_culture(a_germ(), alone, a_medicine()))) == 2


@pytest.mark.parametrize(
    "child",
    [
        a_child(),
        a_child(numbers="P1"),
        a_child(numbers="^F1"),
        a_child(numbers=""),
        a_child(numbers="^GROUP"),
        a_child(filler="F1"),
        a_child("630-4&Urine&LN^^Escherichia coli"),
        a_child("&Urine&L&630-4&Urine&LN^1"),
    ],
)
def test_the_ways_in_which_labs_name_the_parent(child: str) -> None:
    card = a_card(a_culture(a_germ(), child, a_medicine()))

    assert below(card) == {"Escherichia coli": ["Ampicillin"]}


@pytest.mark.parametrize(
    "child",
    [
        a_child("630-4&Urine&LN^1^Klebsiella", numbers="^ELSEWHERE"),
        a_child("999-9&Other&LN^1", numbers=""),
        a_child("", numbers="P1^F1", filler="F1"),
    ],
)
def test_what_may_be_another_orders_child_is_not_put_below_one(child: str) -> None:
    assert len(reports_of(a_culture(a_germ(), child, a_medicine()))) == 2


def test_two_germs_that_answer_to_the_same_name_get_no_medicines() -> None:
    twice = a_culture(a_germ(), a_germ("Proteus"), a_child("630-4&Urine&LN^1"), a_medicine())

    assert below(a_card(twice)) == {}


def test_an_order_below_another_without_a_germ_is_part_of_its_report() -> None:
    child = a_child("", test="X1^Confirmation^L")
    card = a_card(a_culture(an_obx(), child, an_obx("7", test="C1^Confirmed^L")))

    assert [(each.lab_name, each.panel) for each in card.readings] == [
        ("Glucose", ""),
        ("Confirmed", "Confirmation"),
    ]


def test_two_orders_that_call_each_other_parent_stay_apart() -> None:
    one = a_child("", numbers="^F3", filler="F2")
    other = a_child("", numbers="^F2", filler="F3")

    assert len(reports_of(a_culture(one, an_obx(), other, an_obx(), order=CULTURE))) == 3


def test_a_parent_may_come_after_its_child() -> None:
    raw = a_culture(a_medicine(), CULTURE, a_germ(), order=a_child())

    assert below(a_card(raw)) == {"Escherichia coli": ["Ampicillin"]}


@pytest.mark.parametrize(
    ("child", "status"),
    [("P", CardStatus.PRELIMINARY), ("F", CardStatus.FINAL), ("C", CardStatus.CORRECTED)],
)
def test_a_culture_is_not_final_before_its_susceptibilities(child: str, status: CardStatus) -> None:
    assert a_card(a_culture(a_germ(), a_child(status=child), a_medicine())).status is status


def test_a_culture_is_signed_off_with_its_last_order() -> None:
    (report,) = reports_of(a_culture())

    assert report.signed_off_at is not None
    assert report.signed_off_at.day == 4


@pytest.mark.parametrize("sub_id", ["1", "1.1", "1.2.1"])
def test_a_flat_culture_is_linked_by_sub_id(sub_id: str) -> None:
    flat = a_culture(a_germ(), a_count(), a_medicine(sub_id=sub_id))

    assert below(a_card(flat)) == {"Escherichia coli": ["Colony", "Ampicillin"]}


@pytest.mark.parametrize(
    "flat",
    [
        a_culture(a_germ(), a_medicine(sub_id="2")),
        a_culture(a_germ(), a_medicine(sub_id="11")),
        a_culture(a_germ(sub_id=""), a_medicine()),
        a_culture(a_germ(), a_germ("Proteus"), a_medicine(sub_id="1.1")),
        a_culture(a_germ(), an_obx(sub_id="1.1", flag="H")),
        a_culture(an_obx(sub_id="1"), a_medicine(sub_id="1.1")),
    ],
)
def test_what_is_not_certain_in_a_flat_culture_is_not_linked(flat: bytes) -> None:
    assert below(a_card(flat)) == {}


@pytest.mark.parametrize(
    ("flag", "value", "rating"),
    [
        ("S", "<=8", "S"),
        ("N~R", "", "R"),
        ("", "Resistant", "R"),
        ("", "I", "I"),
        ("", "sensitive", "S"),
        ("SYN-S", "SYN-S", "SYN-S"),
        ("H", "8", ""),
        ("", "", ""),
    ],
)
def test_a_rating_is_the_labs_flag_or_its_coded_value(flag: str, value: str, rating: str) -> None:
    assert cultures.susceptibility(flag, value) == rating


@pytest.mark.parametrize(
    ("value", "nothing"),
    [
        ("No growth at 48 hours", True),
        ("NO GROWTH", True),
        ("No organisms isolated", True),
        ("Growth of Escherichia coli", False),
        ("Preliminary: no growth", False),
        ("No growth of yeast", False),
        ("No growth. E. coli in the second bottle", False),
        ("No growth to date. Final report to follow.", True),
        ("", False),
        ("Normal flora", False),
    ],
)
def test_no_growth_is_what_the_whole_result_says(value: str, nothing: bool) -> None:
    assert cultures.is_no_growth(value) is nothing
