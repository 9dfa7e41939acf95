"""The AWS in memory answers as the local emulator does: same answers, same refusals."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.memory_aws.door import memory_aws
from tests.memory_aws.scripts import SCRIPTS, Script
from tests.stores import client

from portal.tables import ChartRow

pytestmark = pytest.mark.usefixtures("portal")

KEYS = st.text("ab#é0", min_size=1, max_size=4)
_count = itertools.count()


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_each_answer_is_the_emulators(script: Script) -> None:
    with memory_aws():
        in_memory = list(script())
    client("sqs").create_queue(QueueName="OnlyOurs")  # other tests leave messages in theirs

    assert in_memory == list(script())


@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(names=st.lists(KEYS, max_size=8), low=KEYS, high=KEYS, limit=st.integers(1, 5))
def test_any_range_of_keys_is_the_emulators(
    names: list[str], low: str, high: str, limit: int
) -> None:
    pk = f"contract-any-{next(_count)}"
    with memory_aws():
        in_memory = ranges(pk, names, low, max(low, high), limit)

    assert in_memory == ranges(pk, names, low, max(low, high), limit)


def ranges(pk: str, names: list[str], low: str, high: str, limit: int) -> list[list[str]]:
    for number, name in enumerate(names):
        ChartRow(pk, name, revision=number).save()
    sk = ChartRow.sk
    wanted = [None, sk < low, sk <= low, sk > low, sk >= low, sk.between(low, high)]
    return [
        [f"{row.sk}={row.revision}" for row in ChartRow.query(pk, each, limit=limit)]
        for each in [*wanted, sk.startswith(low)]
    ]
