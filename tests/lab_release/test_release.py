"""One message through all steps: what ends on the card, in the audit trail and in the mailbox."""

from decimal import Decimal
from typing import Any

import pytest
from functions.lab_release.app import StepFailed
from tests import stores
from tests.builders import a_message, a_patient, released

from portal import arrivals, audit, objects, observations, published
from portal.cards import CardStatus
from portal.errors import Reason, Unusable
from portal.hl7_segments import Segment
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")

POTASSIUM = "NM|2823-3^POTASSIUM^LN||{value}|mmol/L|3.5-5.1|{flag}|||{status}"


def potassium(value: str, flag: str = "", status: str = "F") -> str:
    return POTASSIUM.format(value=value, flag=flag, status=status)


def state_of(raw: bytes) -> CareRow:
    return CareRow.get(f"arrival#{objects.raw_id(raw)}", "arrival")


def test_the_raw_bytes_are_kept_exactly_as_received() -> None:
    raw = a_message(a_patient()).replace(b"\r", b"\r\n") + "ZNT|ñ".encode("latin-1")

    released(raw)

    assert objects.raw(objects.raw_id(raw))[0] == raw


def test_every_step_notes_when_it_was_done_and_the_arrival_ends_as_carded() -> None:
    raw = a_message(a_patient())

    released(raw)

    row = state_of(raw)
    assert row.state == arrivals.CARDED
    assert set(row.steps) == {"parse", "match", "merge", "explain", "publish", "notify"}


def test_the_patient_is_told_that_there_is_something_new_and_not_what() -> None:
    patient = a_patient()

    released(a_message(patient, potassium("9.9", "HH")))

    (mail,) = stores.sent_to(patient.email)
    assert "You have a new result" in mail.subject
    for secret in ("9.9", "otassium", patient.family, patient.given):
        assert secret not in mail.text + mail.subject


def test_a_spanish_speaker_is_told_in_spanish() -> None:
    patient = a_patient(language="es")

    released(a_message(patient))

    (mail,) = stores.sent_to(patient.email)
    assert "resultado" in mail.subject.lower()


def test_a_patient_with_a_phone_only_gets_a_text_message() -> None:
    patient = a_patient(email="", phone="+15555550977")

    released(a_message(patient))

    (text,) = stores.sent_to("+15555550977")
    assert text.channel == "sms"


def test_the_release_is_in_the_audit_trail_with_card_and_outbox() -> None:
    patient = a_patient()

    (report_id,) = released(a_message(patient)).report_ids

    rows = [(r.event, r.actor, r.about) for r in audit.of_patient(patient.patient_id)]
    assert ("lab-release.released", "portal", report_id) in rows
    assert ("lab-release.patient-notified", "portal", None) in rows


def test_history_is_shown_and_not_announced() -> None:
    patient = a_patient()

    (report_id,) = released(a_message(patient, mode="P^I")).report_ids

    assert published.find(patient.patient_id, report_id) is not None
    assert stores.sent_to(patient.email) == []


def test_a_replayed_message_changes_nothing_and_tells_nobody_again() -> None:
    patient = a_patient()
    raw = a_message(patient, potassium("4.1"), filler="A1")
    (report_id,) = released(raw).report_ids
    before = published.find(patient.patient_id, report_id)

    released(raw)

    assert published.find(patient.patient_id, report_id) == before
    assert len(stores.sent_to(patient.email)) == 1


def test_the_same_result_under_a_new_control_id_is_no_news() -> None:
    patient = a_patient()
    released(a_message(patient, potassium("4.1"), filler="A1"))

    released(a_message(patient, potassium("4.1"), filler="A1"))

    assert len(stores.sent_to(patient.email)) == 1


def test_a_final_result_replaces_the_preliminary_one_and_both_versions_stay() -> None:
    from portal import reports

    patient = a_patient()
    released(a_message(patient, potassium("4.1", status="P"), filler="A1", status="P"))

    (report_id,) = released(a_message(patient, potassium("4.2"), filler="A1")).report_ids

    found = published.find(patient.patient_id, report_id)
    assert found is not None
    assert (found.card.status, found.card.readings[0].value) == (CardStatus.FINAL, "4.2")
    assert len(reports.versions(patient.patient_id, report_id)) == 2
    assert len(stores.sent_to(patient.email)) == 2


def test_a_correction_that_arrives_before_its_original_stays_the_word() -> None:
    patient = a_patient()
    correction = a_message(patient, potassium("4.4", status="C"), filler="A1", status="C")
    original = a_message(patient, potassium("5.9", "H"), filler="A1")

    released(correction)
    (report_id,) = released(original).report_ids

    found = published.find(patient.patient_id, report_id)
    assert found is not None
    assert (found.card.status, found.card.readings[0].value) == (CardStatus.CORRECTED, "4.4")


def test_a_withdrawn_reading_is_no_longer_on_the_card() -> None:
    patient = a_patient()
    released(a_message(patient, potassium("4.1"), filler="A1"))

    (report_id,) = released(
        a_message(patient, potassium("4.1", status="W"), filler="A1")
    ).report_ids

    found = published.find(patient.patient_id, report_id)
    assert found is not None
    assert found.card.status is CardStatus.WITHDRAWN
    assert found.card.readings == ()


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("step", ["parse", "match", "merge", "explain", "publish", "notify"])
def test_each_step_bears_running_more_than_once(step: str, times: int) -> None:
    from functions.lab_release.app import STEPS, handler

    patient = a_patient()
    raw = a_message(patient)
    ids = {"raw_id": objects.keep_raw(raw)}
    arrivals.received(ids["raw_id"], "test")

    for name in STEPS:
        for _ in range(times if name == step else 1):
            answer = handler({"step": name, "ids": ids}, None)
        ids = answer

    assert len(stores.sent_to(patient.email)) == 1
    assert state_of(raw).state == arrivals.CARDED


REFUSED = {
    "an unknown identifier": ({"mrn": "NOBODY"}, Reason.PATIENT_UNMATCHED),
    "another authority's number": ({"authority": "ELSEWHERE"}, Reason.PATIENT_UNMATCHED),
    "another birth date": ({"born": "19990101"}, Reason.PATIENT_MISMATCH),
    "another name": ({"name": "Smith^John"}, Reason.PATIENT_MISMATCH),
    "nothing to check by": ({"name": "", "born": ""}, Reason.PATIENT_MISMATCH),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_doubtful_patient_is_not_guessed(case: str) -> None:
    pid, reason = REFUSED[case]
    patient = a_patient()
    raw = a_message(patient, pid=pid)

    with pytest.raises(Unusable):
        released(raw)

    row = state_of(raw)
    assert (row.state, row.reason) == (arrivals.QUARANTINED, reason.value)
    assert row.detail
    assert published.listed(patient.patient_id, 5, "") == ([], "")


@pytest.mark.parametrize(
    ("family", "sent"),
    [
        ("Hernández Peña", "HERNANDEZ^LUCIA"),
        ("O'Neil", "ONEIL^ANA"),
        ("Tremblay-N'Diaye", "TREMBLAY NDIAYE^A"),
        ("Rivera", "Lopez^Ana"),  # married since, birth date equal
    ],
)
def test_the_same_person_spelled_differently_is_matched(family: str, sent: str) -> None:
    patient = a_patient(family=family)

    ids = released(a_message(patient, pid={"name": sent}), until="match")

    assert ids.patient_id == patient.patient_id


def test_a_quarantined_message_is_audited_and_says_no_value() -> None:
    patient = a_patient()
    raw = a_message(patient, pid={"born": "19990101"})

    with pytest.raises(Unusable):
        released(raw)

    detail = state_of(raw).detail or ""
    assert "PID-7" in detail
    assert "1999" not in detail


def test_a_value_that_differs_from_its_obx_is_not_published(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    raw = a_message(patient, potassium("4.1"))
    measured = observations.measured

    def misread(lines: list[Segment], zone: str) -> dict[str, Any]:
        return measured(lines, zone) | {"valueQuantity": {"value": Decimal("1.4")}}

    monkeypatch.setattr(observations, "measured", misread)

    with pytest.raises(Unusable):
        released(raw)

    assert state_of(raw).reason == Reason.NOT_TRACED.value
    assert published.listed(patient.patient_id, 5, "") == ([], "")


def test_a_store_that_fails_leaves_the_arrival_open_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from functions.lab_release import publish

    raw = a_message(a_patient())

    def down(*_: object, **__: object) -> None:
        raise ConnectionError("secret text of a driver")

    monkeypatch.setattr(publish, "publish", down)

    with pytest.raises(StepFailed, match="publish"):  # Step Functions shows an error's text
        released(raw)

    row = state_of(raw)
    assert (row.state, row.detail) == (arrivals.RECEIVED, "publish: ConnectionError")


def test_publishing_on_a_card_somebody_else_just_changed_fails_and_works_when_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from functions.lab_release import publish
    from pynamodb.exceptions import TransactWriteError

    patient = a_patient()
    released(a_message(patient, potassium("4.1"), filler="A1"))
    ids = released(a_message(patient, potassium("4.3", status="C"), filler="A1"), until="explain")
    (report_id,) = ids.report_ids
    find = published.find

    def stale(patient_id: str, name: str) -> published.Published | None:
        found = find(patient_id, name)
        return found and published.Published(found.card, found.revision - 1, found.fingerprint)

    monkeypatch.setattr(published, "find", stale)
    with pytest.raises(TransactWriteError):
        publish.publish(patient.patient_id, ids.raw_id, ids.report_ids, is_told=True)
    monkeypatch.setattr(published, "find", find)

    assert publish.publish(patient.patient_id, ids.raw_id, ids.report_ids, is_told=True) == 1
    found = published.find(patient.patient_id, report_id)
    assert found is not None
    assert found.card.readings[0].value == "4.3"


def test_a_message_with_many_orders_makes_a_card_of_each_and_one_notification() -> None:
    patient = a_patient()
    raw = a_message(patient, potassium("4.1"))
    header, *orders = raw.decode().split("\rORC")
    many = header + "".join(
        "\rORC" + orders[0].replace("|F", f"|F{n}x", 1).replace("24323-8^CMP", f"L{n}^T{n}")
        for n in range(45)
    )

    ids = released(many.encode())

    assert len(ids.report_ids) == 45
    assert len(published.listed(patient.patient_id, 100, "")[0]) == 45
    assert len(stores.sent_to(patient.email)) == 1
