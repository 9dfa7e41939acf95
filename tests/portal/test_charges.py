from decimal import Decimal

import pytest
from tests.portal.adt_messages import a_message, a_pid, a_pv1, a_segment, code_of, converted, folded

from portal import charges
from portal.entries import Entry, entry_id

_FT1 = {2: "T1", 4: "20260301", 6: "CG", 7: "XR1^X-ray of the foot^L", 11: "45.50&USD"}


def charges_in(*segments: str) -> list[Entry]:
    message = a_message("DFT^P03", a_pv1(), *segments, pid=a_pid({18: "ACC1"}))
    return converted(charges.entries, message)


def a_charge(ft1: dict[int, str] | None = None) -> Entry:
    return charges_in(a_segment("FT1", {**_FT1, **(ft1 or {})}))[0]


def test_a_charge_says_what_when_how_many_and_how_much() -> None:
    said = a_charge({5: "20260302", 10: "2", 19: "S92^Fracture^I10C", 20: "55^Okafor^Ada"})

    assert said.elements["identifier"][0]["value"] == "T1"
    assert said.elements["occurrenceDateTime"] == "2026-03-01"
    assert said.elements["enteredDate"] == "2026-03-02"
    assert said.elements["quantity"] == {"value": Decimal(2)}
    assert str(said.elements["priceOverride"]["value"]) == "45.50"
    assert said.elements["priceOverride"]["currency"] == "USD"
    assert code_of(said.elements["reason"][0]) == "S92"
    assert said.elements["performer"][0]["actor"]["display"] == "Ada Okafor"
    assert said.elements["status"] == "billable"


def test_a_charge_belongs_to_its_visit_and_account() -> None:
    said = a_charge().elements

    visit, account = entry_id("Encounter", "CLINIC\nV1"), entry_id("Account", "CLINIC\nACC1")
    assert said["context"] == {"reference": f"Encounter/{visit}"}
    assert said["account"] == [{"reference": f"Account/{account}"}]


def test_the_procedure_comes_before_the_senders_own_code() -> None:
    said = a_charge({25: "73630^Foot X-ray^C4", 26: "RT~GA"}).elements["code"]

    assert [each["code"] for each in said["coding"]] == ["73630:RT:GA", "XR1"]
    assert said["text"] == "Foot X-ray"


def test_a_description_is_what_people_read() -> None:
    assert a_charge({8: "X-ray, right foot"}).elements["code"]["text"] == "X-ray, right foot"


def test_a_credit_counts_the_other_way_and_keeps_its_amount() -> None:
    said = a_charge({6: "CD"}).elements

    assert said["factorOverride"] == -1
    assert str(said["priceOverride"]["value"]) == "45.50"
    assert "factorOverride" not in a_charge().elements


@pytest.mark.parametrize("kind", ["PY", "CO", "AJ"])
def test_what_is_paid_or_adjusted_is_no_charge(kind: str) -> None:
    assert charges_in(a_segment("FT1", {**_FT1, 6: kind})) == []


def test_a_charge_of_no_said_kind_has_no_said_status() -> None:
    assert folded(a_charge({6: ""}))["status"] == "unknown"


@pytest.mark.parametrize(
    ("sent", "value", "currency"),
    [
        ("100&EUR", "100", "EUR"),
        ("150.00^USD", "150.00", "USD"),
        ("12.5", "12.5", "USD"),
        ("-3.00&CAD", "-3.00", "CAD"),
        ("45.50^UP", "45.50", "USD"),
    ],
)
def test_an_amount_keeps_its_digits_and_its_currency(sent: str, value: str, currency: str) -> None:
    said = a_charge({11: sent}).elements["priceOverride"]

    assert (str(said["value"]), said["currency"]) == (value, currency)


@pytest.mark.parametrize("sent", ["1,200.00", "free", "12.5.1", "1e3", "&USD"])
def test_what_is_no_clear_number_is_no_amount(sent: str) -> None:
    assert "priceOverride" not in a_charge({11: sent}).elements


def test_a_unit_price_is_the_price_of_one_only() -> None:
    one = a_charge({10: "1", 11: "", 12: "20&USD"})
    many = a_charge({10: "3", 11: "", 12: "20&USD"})

    assert str(one.elements["priceOverride"]["value"]) == "20"
    assert one.sources["priceOverride"] == "FT1[1]-12"
    assert "priceOverride" not in many.elements


def test_a_charge_sent_again_is_the_same_and_may_be_corrected() -> None:
    first, again = a_charge(), a_charge({11: "40.00&USD"})

    assert first.key == again.key
    assert str(folded(first, again)["priceOverride"]["value"]) == "40.00"


def test_charges_without_numbers_never_become_one() -> None:
    ft1 = a_segment("FT1", {**_FT1, 2: ""})

    assert len(charges_in(ft1, ft1)) == 2
    assert [each.key for each in charges_in(ft1, ft1)] == [
        each.key for each in charges_in(ft1, ft1)
    ]


def test_an_ft1_of_nothing_is_no_charge() -> None:
    assert charges_in("FT1|1|||20260301||CG") == []


def test_a_note_belongs_to_the_charge_above_it() -> None:
    (said,) = charges_in(a_segment("FT1", _FT1), "NTE|1||Second opinion")

    assert said.elements["note"] == [{"text": "Second opinion"}]
