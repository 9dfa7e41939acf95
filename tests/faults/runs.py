"""One run: a scenario with faults, then calm until all is settled, then what is left of it."""

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from random import Random
from typing import Any
from unittest import mock

from tests.faults import charts, sites
from tests.faults.charts import Ledger
from tests.faults.plans import Fault, Plan
from tests.faults.scenarios import NEW_ID, SENDER, Scenario, World
from tests.memory_aws import clinic
from tests.memory_aws.door import Memory, memory_aws, straight

from portal import credentials, fhir_charts, patients

UNDISTURBED_SEED = 0
RECEIVER, UPKEEP, DOOR = "functions.lab_release.receive.", "functions.upkeep.app.", "functions.ehr."


@dataclass(frozen=True)
class Left:
    """What the stores hold in the end."""

    charts: dict[str, Any]
    ledger: list[Ledger | None]
    releases: dict[str, dict[str, tuple[int, int]]]
    owed: int  # notifications


@dataclass(frozen=True)
class Run:
    scenario: Scenario
    memory: Memory
    plan: Plan
    answers: list[int]  # to pushes over HTTPS
    given_up: int  # messages that upkeep sent to the dead letters


@contextmanager
def run(
    scenario: Scenario, faults: tuple[Fault, ...] = (), seed: int = UNDISTURBED_SEED
) -> Iterator[Run]:
    """Inside, the stores are as the run left them, and calm."""
    with (
        memory_aws() as memory,
        redirect_stdout(StringIO()),
        warnings.catch_warnings(),
        mock.patch.object(patients, "new_id", return_value=NEW_ID),
        mock.patch.object(fhir_charts, "at_once", one_by_one),
    ):
        warnings.simplefilter("ignore", UserWarning)  # Powertools: a run that died had no metrics
        memory.kms.is_repeatable = True
        for patient in scenario.patients:
            patients.enrol(patient)
        scenario.prepared()
        token = credentials.issue(SENDER, facilities=[])
        plan = Plan(memory, faults, others_work)
        memory.plan = plan
        world = World(memory, scenario, Random(seed), token)  # noqa: S311
        scenario.play(world)
        clinic.settle(memory)
        memory.plan = straight
        calm(memory)
        yield Run(scenario, memory, plan, world.answers, redriven(memory))


def one_by_one[T, R](run: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """A thread has no callers on its stack, and two are in no order that a seed could repeat."""
    return [run(each) for each in things]


def calm(memory: Memory) -> None:
    """Long enough for what is looked at again from time to time only."""
    clinic.settle(memory)
    memory.clock.advance(hours=1)
    clinic.settle(memory)


def others_work(memory: Memory) -> None:
    """Past every lease and deadline: upkeep runs, and all workflows there were run once more. Not
    where they would share a global with the function that waits: each has a process of its own."""
    waiting = [name for name, _ in sites.stack()]
    if not any(name.startswith(DOOR) for name in waiting):  # API Gateway waits 29 seconds
        memory.clock.advance(seconds=clinic.ROUND_SECONDS)
    if not any(name.startswith(UPKEEP) for name in waiting):
        clinic.sweep(memory)
    if not any(name.startswith(RECEIVER) for name in waiting):
        clinic.take(memory)
    for execution in list(memory.stepfunctions.history):
        clinic.run_workflow(execution)


def redriven(memory: Memory) -> int:
    """An operator sends every dead letter again. Returns how many messages upkeep had given up."""
    given_up, unread = list(memory.queue("DeadLetters")), list(memory.queue(clinic.UNREAD))
    memory.queue("DeadLetters").clear()
    memory.queue(clinic.UNREAD).clear()
    for letter in (*given_up, *unread):
        letter.receives = 0
        memory.queue(clinic.LAB_MESSAGES).append(letter)
    clinic.settle(memory)
    return len(given_up)


def left_by(scenario: Scenario) -> Left:
    return Left(
        {patient.patient_id: scenario.chart(patient) for patient in scenario.everybody},
        [charts.ledger_of(scenario.raw_id(raw)) for raw in scenario.messages],
        {patient.patient_id: charts.releases_to(patient) for patient in scenario.everybody},
        sum(len(charts.owed_to(patient)) for patient in scenario.everybody),
    )


@cache
def undisturbed(scenario: Scenario) -> Left:
    with run(scenario):
        left = left_by(scenario)
    states = [found.state if found else "" for found in left.ledger]
    wanted = list(scenario.ends) * (1 if len(scenario.ends) > 1 else len(states))
    assert states == wanted, f"{scenario} is not what it says: {states}"
    return left


@cache
def occurrences(scenario: Scenario) -> dict[str, int]:
    """How often each site is reached when only what is given goes wrong."""
    with run(scenario, scenario.given) as made:
        assert set(made.plan.fired) == set(scenario.given), f"{scenario} is not what it says"
        return dict(made.plan.seen)
