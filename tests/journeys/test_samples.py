"""Real messages through the running stack: none is lost, none crashes."""

from collections import Counter
from pathlib import Path

import pytest
from infra.local.pushed import CARDED, ENDS, FILED, SPLIT, arrival, push_to_queue
from infra.local.stack import Stack
from tests.journeys.people import finished
from tests.lab_release.samples import oru_files

pytestmark = pytest.mark.journey

TAKEN = (CARDED, FILED, SPLIT)


def test_real_messages_end_as_cards_or_in_quarantine_with_a_reason(
    stack: Stack, samples: Path
) -> None:
    files = oru_files(samples, per_sender=2)
    messages = {path.read_bytes(): path for path in files if path.stat().st_size < 700_000}
    for raw in messages:
        push_to_queue(stack.client("sqs"), stack.queue_url, raw)

    outcomes: Counter[str] = Counter()
    for raw, path in messages.items():
        seen = finished(stack, raw)
        outcomes[f"{seen.state} {seen.reason}".strip()] += 1
        assert seen.state in TAKEN or (seen.reason and seen.detail), path
    assert sum(outcomes.values()) == len(messages)


def test_broken_bytes_are_kept_and_explained_too(stack: Stack, samples: Path) -> None:
    broken = sorted((samples / "malformed").rglob("*.*"))[::3]
    messages = {raw: path for path in broken if (raw := path.read_bytes())}
    for raw in messages:
        push_to_queue(stack.client("sqs"), stack.queue_url, raw)

    for raw, path in messages.items():
        seen = finished(stack, raw)
        assert seen.state in ENDS, path
        assert seen.state in TAKEN or seen.reason, path
    assert arrival(stack.client("dynamodb"), stack.outputs["CareTable"], b"never sent").state == ""
