"""The ingestion runs in memory from the queue to the mailbox, by its own definitions."""

import json
from typing import Any

import pytest
from tests.builders import a_message, a_patient
from tests.memory_aws import clinic, state_machine
from tests.memory_aws.door import Memory
from tests.memory_aws.state_machine import Failed

from portal import arrivals, objects, published


def test_a_result_ends_on_a_card_and_its_patient_is_told(memory: Memory) -> None:
    patient = a_patient()
    raw = a_message(patient)

    clinic.deliver(memory, raw)
    ended = clinic.run_workflows(memory)

    assert ended == ["Released"]
    assert len(published.listed(patient.patient_id, 5, "")[0]) == 1
    assert [mail.to for mail in memory.sent] == [patient.email]
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.CARDED


def test_bytes_that_are_no_text_arrive_as_they_were(memory: Memory) -> None:
    raw = a_message(a_patient()) + "NTE|1||año".encode("latin-1")

    clinic.deliver(memory, raw)

    assert objects.raw(objects.raw_id(raw))[0] == raw


def test_an_unknown_patients_result_waits_in_quarantine(memory: Memory) -> None:
    raw = a_message(a_patient(), pid={"mrn": "NOBODY"})

    clinic.deliver(memory, raw)

    assert clinic.run_workflows(memory) == ["Nothing more to do"]
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.QUARANTINED


def test_a_message_taken_twice_changes_nothing(memory: Memory) -> None:
    raw = a_message(a_patient())
    clinic.deliver(memory, raw)
    clinic.settle(memory)
    before = memory.snapshot()["tables"]["chart"]

    clinic.deliver(memory, raw)
    clinic.settle(memory)

    assert memory.snapshot()["tables"]["chart"] == before
    assert len(memory.sent) == 1


def test_a_workflow_that_vanished_is_started_again(memory: Memory) -> None:
    patient = a_patient()
    clinic.deliver(memory, a_message(patient))
    memory.stepfunctions.started.clear()

    clinic.settle(memory)

    assert len(published.listed(patient.patient_id, 5, "")[0]) == 1


def test_what_never_works_ends_as_a_dead_letter(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = a_message(a_patient())
    monkeypatch.setattr(published, "find", lambda *_: 1 / 0)

    clinic.deliver(memory, raw)
    clinic.settle(memory)

    (letter,) = memory.queue("DeadLetters")
    assert json.loads(letter.body)["raw_id"] == objects.raw_id(raw)
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.DEAD


def test_two_runs_with_the_same_ids_are_the_same_to_the_byte_where_nothing_is_sealed(
    memory: Memory,
) -> None:
    clinic.deliver(memory, b"MSH|not a message")
    clinic.settle(memory)

    assert memory.snapshot() == memory.snapshot()
    assert memory.snapshot()["objects"]


TASK = {"Type": "Task", "Resource": "f", "Next": "Done"}
RETRY = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}]


def ran(state: dict[str, Any], answers: list[Any], given: Any = None) -> Any:
    def task(event: Any, _context: Any) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer(event) if callable(answer) else answer

    states = {"Do": state, "Done": {"Type": "Succeed"}, "Lost": {"Type": "Fail"}}
    return state_machine.run({"StartAt": "Do", "States": states}, {"f": task}, given or {})


def test_a_state_is_tried_as_often_as_its_retrier_says() -> None:
    down = [ConnectionError() for _ in range(3)]

    assert ran(TASK | {"Retry": RETRY}, [*down, {"a": 1}]).output == {"a": 1}
    with pytest.raises(Failed, match="ConnectionError"):
        ran(TASK | {"Retry": RETRY}, [*down, ConnectionError(), {}])


def test_what_a_catcher_names_goes_where_it_says() -> None:
    caught = TASK | {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Lost"}]}

    with pytest.raises(Failed, match="Lost"):
        ran(caught, [ConnectionError()])


def test_parameters_and_result_path_move_data_as_the_language_says() -> None:
    state = TASK | {"Parameters": {"x.$": "$.a.b", "y": 1}, "ResultPath": "$.found"}

    answer = ran(state, [lambda event: event], {"a": {"b": 2}})

    assert answer.output == {"a": {"b": 2}, "found": {"x": 2, "y": 1}}


@pytest.mark.parametrize(
    ("rule", "holds"),
    [
        ({"Variable": "$.a", "BooleanEquals": True}, True),
        ({"Variable": "$.b", "IsPresent": True}, False),
        ({"Variable": "$.s", "StringEquals": "x"}, True),
        ({"Variable": "$.n", "NumericGreaterThanEquals": 2}, True),
        ({"Variable": "$.s", "NumericEquals": 2}, False),
        ({"Not": {"Variable": "$.s", "StringMatches": "x*"}}, False),
        ({"And": [{"Variable": "$.z", "IsNull": True}]}, True),
        ({"Or": [{"Variable": "$.s", "StringEqualsPath": "$.t"}]}, False),
    ],
)  # fmt: skip
def test_a_choice_is_made_by_its_rule(rule: dict[str, Any], holds: bool) -> None:
    state = {"Type": "Choice", "Choices": [rule | {"Next": "Done"}], "Default": "Lost"}
    data = {"a": True, "s": "x", "t": "y", "n": 2, "z": None}

    if holds:
        assert ran(state, [], data).state == "Done"
    else:
        with pytest.raises(Failed):
            ran(state, [], data)


def test_a_field_the_interpreter_does_not_know_is_an_error() -> None:
    with pytest.raises(AssertionError, match="HeartbeatSeconds"):
        ran(TASK | {"HeartbeatSeconds": 5}, [{}])
