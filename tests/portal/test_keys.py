"""Sealing: a key per patient, from the first row; nothing readable in any raw item."""

import time
from datetime import date
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_message, a_patient, released
from tests.clock import held
from tests.sign_in.mail import asked
from tests.stores import client
from tests.visitors import signed_in

from portal import chart, keys, sessions, user_accounts
from portal.methods import Confidence, Method
from portal.tables import ALL, ChartRow

pytestmark = pytest.mark.usefixtures("portal")


def raw_items() -> list[dict[str, Any]]:
    """Every item of every table, as an operator with the console sees them."""
    found: list[dict[str, Any]] = []
    for table in ALL:
        pages = client("dynamodb").get_paginator("scan").paginate(TableName=table.Meta.table_name)
        found += [item for page in pages for item in page["Items"]]
    return found


def readable(item: dict[str, Any]) -> str:
    """Text and bytes alike."""
    return repr(item).lower()


@pytest.mark.parametrize(
    "planted",
    ["plantedfamily", "plantedgiven", "planted@example.org", "+15550109999", "plantedmrn",
     "777.25", "plantedunit", "plantednote", "plantedtitle", "planteddoctor", "1931-07-08"],
)  # fmt: skip
def test_no_raw_item_shows_anything_about_a_patient(planted: str) -> None:
    plant()

    assert not [item for item in raw_items() if planted in readable(item)]


@cache
def plant() -> None:
    """A result of a patient with telling details, read once by its patient."""
    patient = a_patient(
        family="Plantedfamily", given="Plantedgiven", email="planted@example.org",
        phone="+15550109999", identifiers=(("RIVERBEND", "PLANTEDMRN"),),
        birth_on=date(1931, 7, 8),
    )  # fmt: skip
    obx = "NM|2345-7^Glucose^LN||777.25|plantedunit|70-99|H|||F\rNTE|1|L|plantednote"
    raw = a_message(patient, obx, obr4="X^Plantedtitle^L")
    report_id = released(raw.replace(b"99^Raman^Priya", b"99^Planteddoctor^Priya")).report_ids[0]
    browser, link = asked("planted@example.org")
    browser.post(f"/sign-in/{link.token}")
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    browser.cookies["session"] = sessions.rise(browser.cookies["session"], Method.TOTP)
    assert "777.25" in browser.get(f"/results/{report_id}").text


def test_no_key_tells_which_test_a_patient_had() -> None:
    patient = a_patient()
    released(a_message(patient, "ST|75622-1^HIV 1 and 2 Ab^LN||Negative||||||F", obr4="H^HIV^L"))

    assert not [item for item in raw_items() if "75622-1" in readable(item)]


def test_every_row_of_a_patient_is_sealed_from_the_first() -> None:
    patient = a_patient()
    released(a_message(patient))

    rows = list(ChartRow.query(patient.patient_id))

    assert {row.sk.partition("#")[0] for row in rows} >= {"key", "patient", "report", "card"}
    assert all(row.sealed or row.sealed_at for row in rows)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_what_is_sealed_opens_again_as_it_was(content: object) -> None:
    assert keys.unseal("p", "a", keys.seal("p", "a", content)) == content


def test_what_is_sealed_says_how_in_its_first_byte() -> None:
    """Another cipher one day must be able to tell its rows from these."""
    assert {keys.seal("p", "a", "x")[0] for _ in range(40)} == {1}


@pytest.mark.parametrize("made_as", [0, 2, 255])
def test_a_format_of_another_version_is_not_opened(made_as: int) -> None:
    sealed = keys.seal("p", "a", "x")

    with pytest.raises(keys.UnknownFormat):
        keys.unseal("p", "a", bytes([made_as]) + sealed[1:])


def test_sealing_the_same_twice_looks_different() -> None:
    assert keys.seal("p", "a", "x") != keys.seal("p", "a", "x")


@pytest.mark.parametrize("moved_to", [("other", "card#1"), ("owner", "card#2")])
def test_a_sealed_body_moved_to_another_row_or_patient_does_not_open(
    moved_to: tuple[str, str],
) -> None:
    sealed = keys.seal("owner", "card#1", "x")

    with pytest.raises(InvalidTag):
        keys.unseal(*moved_to, sealed)


def test_owner_and_address_cannot_be_shifted_into_each_other() -> None:
    assert keys._bound("a", "b\0c") != keys._bound("a\0b", "d")
    sealed = keys.seal("owner", "x", 1)

    with pytest.raises(InvalidTag):
        keys.unseal("ownerx", "", sealed)


@pytest.mark.parametrize("at", [1, 12, 13, -1])
def test_a_changed_body_does_not_open(at: int) -> None:
    sealed = bytearray(keys.seal("owner", "x", "a value"))
    sealed[at] ^= 1

    with pytest.raises(InvalidTag):
        keys.unseal("owner", "x", bytes(sealed))


@pytest.mark.parametrize("short", [b"", b"x" * 12, b"x" * 20])
def test_what_was_never_sealed_does_not_open(short: bytes) -> None:
    for body in (short, keys.AES_256_GCM + short):
        with pytest.raises((InvalidTag, ValueError, keys.UnknownFormat)):
            keys.unseal("owner", "x", body)


def test_two_patients_have_different_keys_and_one_has_one() -> None:
    one, other = a_patient().patient_id, a_patient().patient_id
    first = keys.key_of(one)
    keys.forget()

    assert keys.key_of(one) == first
    assert keys.key_of(other) != first
    assert len(first) == 32


def test_only_the_wrapped_key_is_stored() -> None:
    patient_id = a_patient().patient_id
    plain = keys.key_of(patient_id)

    assert not [item for item in raw_items() if repr(plain)[2:-1].lower() in readable(item)]


def test_a_wrapped_key_put_in_another_patients_place_is_refused() -> None:
    """KMS checks the owner it was made for (encryption context)."""
    one, other = a_patient().patient_id, a_patient().patient_id
    wrapped = ChartRow.get(one, "key").sealed
    ChartRow(other, "key", sealed=wrapped).save()
    keys.forget()

    with pytest.raises(ClientError):
        keys.key_of(other)


def test_deleting_the_wrapped_key_makes_every_row_noise() -> None:
    patient = a_patient(given="Ana")
    report_id = released(a_message(patient)).report_ids[0]
    browser = signed_in(patient)

    ChartRow(patient.patient_id, "key").delete()
    keys.forget()

    with pytest.raises(InvalidTag):
        chart.find(patient.patient_id, "patient")
    for path in ("/", f"/results/{report_id}", "/results"):
        answer = browser.get(path)
        assert answer.status == 500
        assert "Ana" not in answer.text


def test_a_key_stays_in_memory_for_five_minutes_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    patient_id = a_patient().patient_id
    keys.key_of(patient_id)
    asked_for = counted(monkeypatch)

    keys.key_of(patient_id)
    assert asked_for == []

    moment = time.monotonic()
    monkeypatch.setattr("portal.keys.time.monotonic", lambda: moment + keys.CACHE_SECONDS + 1)
    keys.key_of(patient_id)
    assert asked_for == [patient_id]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    unwrap = keys._unwrap

    def noted(owner: str, wrapped: bytes) -> bytes:
        found.append(owner)
        return unwrap(owner, wrapped)

    monkeypatch.setattr(keys, "_unwrap", noted)
    return found


def test_two_functions_that_need_the_first_key_at_once_get_the_same() -> None:
    """Neither sees the other's row before it writes its own."""
    made = [
        client("kms").generate_data_key_without_plaintext(
            KeyId="alias/data", KeySpec="AES_256", EncryptionContext={"owner": "raced"}
        )["CiphertextBlob"]
        for _ in range(2)
    ]

    assert keys._keep("raced", made[0]) == made[0]
    assert keys._keep("raced", made[1]) == made[0]


def test_a_blind_index_finds_a_value_and_tells_nothing_of_it() -> None:
    found = keys.blind("contact", "ana@example.org")

    assert found == keys.blind("contact", "ana@example.org")
    assert found != keys.blind("identifier", "ana@example.org")
    assert found != keys.blind("contact", "bo@example.org")
    assert "ana" not in found


def test_the_clock_of_a_session_does_not_move_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wall clock set back must not keep a key in memory for longer."""
    patient_id = a_patient().patient_id
    clock = held(monkeypatch)
    keys.key_of(patient_id)
    asked_for = counted(monkeypatch)

    clock.advance(days=-1)
    keys.key_of(patient_id)

    assert asked_for == []
