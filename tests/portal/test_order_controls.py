"""Each row of tables 0119 and 0038, written out: what a patient is told of an order's state."""

import pytest
from tests.portal.order_messages import OBR, RXE, ordered, prescribed

from portal.order_controls import ORDER_CONTROL, ORDER_STATUS

_CONTROL = {
    "NW": ("active", "active"),
    "OK": ("active", "active"),
    "OP": ("active", "active"),
    "PY": ("active", "active"),
    "RO": ("active", "active"),
    "RL": ("active", "active"),
    "OE": ("active", "active"),
    "OR": ("active", "active"),
    "CA": ("cancelled", "revoked"),
    "OC": ("cancelled", "revoked"),
    "CR": ("cancelled", "revoked"),
    "DC": ("stopped", "revoked"),
    "OD": ("stopped", "revoked"),
    "DR": ("stopped", "revoked"),
    "RQ": ("stopped", "revoked"),
    "RU": ("stopped", "revoked"),
    "HD": ("on-hold", "on-hold"),
    "OH": ("on-hold", "on-hold"),
    "HR": ("on-hold", "on-hold"),
}
_STATUS = {
    "A": ("active", "active"),
    "CA": ("cancelled", "revoked"),
    "CM": ("completed", "completed"),
    "DC": ("stopped", "revoked"),
    "ER": ("entered-in-error", "entered-in-error"),
    "HD": ("on-hold", "on-hold"),
    "IP": ("active", "active"),
    "RP": ("stopped", "revoked"),
    "SC": ("active", "active"),
}
# These say nothing of the state; the portal then keeps what it knew, or says "unknown".
_SILENT = "RE SC SN SR SS XO XX XR CH PA UA UC UD UH UX NA DE RF AF OF FU DF RP RR MC CD:2539"


def states(control: str, status: str = "") -> tuple[object, object]:
    orc = f"ORC|{control}|P1^EHR|||{status}"
    drug, service = prescribed(orc, RXE), ordered(orc, OBR)[0]
    return drug.elements.get("status"), service.elements.get("status")


def test_the_tables_hold_these_rows_and_no_others() -> None:
    assert ORDER_CONTROL.keys() == _CONTROL.keys()
    assert ORDER_STATUS.keys() == _STATUS.keys()


@pytest.mark.parametrize("control", _CONTROL)
def test_an_order_control_decides_the_status(control: str) -> None:
    assert states(control) == _CONTROL[control]


@pytest.mark.parametrize("status", _STATUS)
def test_an_order_status_decides_the_status(status: str) -> None:
    assert states("SC", status) == _STATUS[status]


@pytest.mark.parametrize("control", _SILENT.split())
def test_a_control_that_says_nothing_of_the_state_leaves_it(control: str) -> None:
    assert states(control) == (None, None)


@pytest.mark.parametrize(
    ("control", "status", "told"),
    [
        ("NW", "CM", ("completed", "completed")),
        ("RL", "HD", ("on-hold", "on-hold")),
        ("CA", "IP", ("cancelled", "revoked")),
        ("DC", "A", ("stopped", "revoked")),
        ("HD", "SC", ("on-hold", "on-hold")),
        ("NW", "SC", ("active", "active")),
        ("NW", "Final", ("active", "active")),
    ],
)
def test_the_status_wins_but_where_it_only_says_that_the_order_goes_on(
    control: str, status: str, told: tuple[str, str]
) -> None:
    assert states(control, status) == told


def test_a_replaced_order_stops_where_the_message_brings_its_replacement() -> None:
    old, new = f"ORC|RP|P1^EHR\r{RXE}", f"ORC|RO|P2^EHR\r{RXE}"

    assert prescribed(old, new).elements["status"] == "stopped"
    assert "status" not in prescribed(old).elements


def test_small_letters_and_spaces_do_not_matter() -> None:
    assert states(" dc ") == ("stopped", "revoked")


def test_a_message_without_orc_says_nothing_of_the_state() -> None:
    assert "status" not in prescribed(RXE).elements
