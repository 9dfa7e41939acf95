"""One failure in upkeep's minute stays one failure."""

from collections.abc import Iterator

import pytest
from tests.faults.plans import Fault, Plan
from tests.faults.runs import others_work
from tests.faults.scenarios import result, somebody
from tests.memory_aws import clinic
from tests.memory_aws.door import Memory, memory_aws, straight

from portal import arrivals, objects, patients
from portal.patients import Patient

ANA, BEN = somebody(), somebody(2)


@pytest.fixture
def memory() -> Iterator[Memory]:
    with memory_aws() as made:
        patients.enrol(ANA)
        patients.enrol(BEN)
        yield made


def disturb(memory: Memory, *faults: Fault) -> None:
    memory.plan = Plan(memory, faults, others_work)


def left_untold(memory: Memory, *those: Patient) -> None:
    """Their results are published; the workflows stopped before anybody was told."""
    disturb(
        memory, Fault("portal.outbox_delivery._claim/UpdateItem", "stopped-before", 1, len(those))
    )
    for patient in those:
        clinic.deliver(memory, result(patient))
        clinic.run_workflows(memory)
    memory.plan = straight
    memory.clock.advance(seconds=clinic.ROUND_SECONDS)


def stuck(memory: Memory, patient: Patient) -> str:
    """Taken, and its workflow never heard of again."""
    raw = result(patient)
    clinic.deliver(memory, raw)
    memory.stepfunctions.started.clear()
    memory.clock.advance(seconds=clinic.ROUND_SECONDS)
    return objects.raw_id(raw)


def test_a_notification_that_cannot_be_audited_does_not_hold_back_the_others(
    memory: Memory,
) -> None:
    left_untold(memory, ANA, BEN)
    disturb(memory, Fault("portal.audit.save/PutItem", "refused"))

    clinic.sweep(memory)

    assert {sent.to for sent in memory.sent} == {ANA.email, BEN.email}


def test_a_queue_that_is_down_does_not_hold_back_what_patients_are_owed(memory: Memory) -> None:
    left_untold(memory, ANA)
    stuck(memory, BEN)
    disturb(memory, Fault("functions.upkeep.app.send/SendMessage", "refused", 1, 99))

    clinic.sweep(memory)

    assert [sent.to for sent in memory.sent] == [ANA.email]


def test_an_outage_of_the_queue_does_not_use_up_a_messages_tries(memory: Memory) -> None:
    raw_id = stuck(memory, ANA)
    disturb(memory, Fault("functions.upkeep.app.send/SendMessage", "refused", 1, 5))

    clinic.settle(memory)

    assert arrivals.arrival(raw_id).state == arrivals.CARDED


def test_a_dead_letter_sent_again_is_watched_as_a_new_message_is(memory: Memory) -> None:
    disturb(memory, Fault("portal.published.find/GetItem", "refused", 1, 99))
    raw = result(ANA)
    clinic.deliver(memory, raw)
    clinic.settle(memory)
    memory.plan = straight
    (letter,) = memory.queue("DeadLetters")
    memory.queue(clinic.LAB_MESSAGES).append(letter)

    clinic.take(memory)
    memory.stepfunctions.started.clear()  # the redriven workflow is never heard of again
    clinic.settle(memory)

    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.CARDED
