"""What stopped on its way is started again, and what is owed is delivered."""

from datetime import datetime, timedelta

import pytest
from functions.upkeep import app as upkeep
from tests import stores
from tests.builders import a_message, a_patient, released

from portal import arrivals, objects, outbox, outbox_delivery
from portal.moments import instant, now
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")


def stuck(raw: bytes) -> str:
    """An arrival whose deadline has passed."""
    raw_id = objects.keep_raw(raw)
    arrivals.received(raw_id, "test")
    row = CareRow.get(f"arrival#{raw_id}", "arrival")
    row.update([CareRow.due_at.set(long_ago())])
    return raw_id


def long_ago() -> str:
    return instant(now() - timedelta(hours=1))


def swept() -> None:
    upkeep.handler({}, None)


def test_a_message_that_stopped_on_its_way_is_put_back_on_the_queue() -> None:
    stores.queued("LabMessages")
    raw_id = stuck(a_message(a_patient()))

    swept()

    assert {"raw_id": raw_id} in stores.queued("LabMessages")
    assert arrivals.arrival(raw_id).tries == 1


def test_a_message_on_its_way_is_left_alone() -> None:
    raw_id = objects.keep_raw(a_message(a_patient()))
    arrivals.received(raw_id, "test")
    stores.queued("LabMessages")

    swept()

    assert {"raw_id": raw_id} not in stores.queued("LabMessages")


def test_after_three_tries_it_is_a_dead_letter_with_its_reason() -> None:
    raw_id = stuck(a_message(a_patient()))
    arrivals.failed(raw_id, "merge", "ConnectionError")
    for _ in range(arrivals.MAX_TRIES + 1):
        row = CareRow.get(f"arrival#{raw_id}", "arrival")
        row.update([CareRow.due_at.set(long_ago())])
        swept()

    letters = {each["raw_id"]: each["reason"] for each in stores.queued("DeadLetters")}
    assert letters[raw_id] == "merge: ConnectionError"
    assert arrivals.arrival(raw_id).state == arrivals.DEAD
    assert raw_id not in arrivals.overdue()


def test_a_finished_message_leaves_the_index_of_due_work() -> None:
    raw = a_message(a_patient())

    released(raw)

    assert objects.raw_id(raw) not in arrivals.overdue()
    assert CareRow.get(f"arrival#{objects.raw_id(raw)}", "arrival").kind is None


def test_a_notification_whose_sender_died_is_delivered_once() -> None:
    patient = a_patient()
    ids = released(a_message(patient), until="publish")

    swept()
    swept()

    assert len(stores.sent_to(patient.email)) == 1
    assert outbox_delivery.deliver_for(patient.patient_id, ids.raw_id) == 0


def test_a_claimed_notification_is_left_to_its_deliverer_until_the_lease_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    ids = released(a_message(patient), until="publish")

    def dies(*_: object) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setitem(outbox_delivery.TELL, outbox.Audience.PATIENT, dies)
        with pytest.raises(ConnectionError):
            outbox_delivery.deliver_for(patient.patient_id, ids.raw_id)
    assert outbox_delivery.deliver_for(patient.patient_id, ids.raw_id) == 0

    later = now() + timedelta(seconds=outbox_delivery.LEASE_SECONDS + 1)
    monkeypatch.setattr(outbox_delivery, "instant", lambda moment=None: instant(moment or later))

    assert outbox_delivery.deliver_for(patient.patient_id, ids.raw_id) == 1


def test_a_patient_nobody_can_reach_is_noted_and_not_tried_forever() -> None:
    patient = a_patient(email="")
    ids = released(a_message(patient))

    (row,) = CareRow.query(patient.patient_id, CareRow.sk.startswith(f"outbox#{ids.raw_id}"))
    assert (row.state, row.kind) == (outbox.NOBODY, None)


def test_times_of_the_ledger_sort_as_text() -> None:
    earlier, later = now(), now() + timedelta(milliseconds=5)

    assert instant(earlier) <= instant(later)
    assert datetime.fromisoformat(instant(earlier)).tzinfo is not None
