from pathlib import Path

import pytest
from tests.portal.converter_checks import outcomes

from portal import scheduling


def test_each_sample_gives_valid_resources_traced_to_fields_or_a_reason(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = outcomes(samples, "SIU", scheduling.entries, scheduling.REQUIRED)

    with capsys.disabled():
        print(f"\nSIU: {dict(counts)}")  # noqa: T201
    assert counts["messages"] > counts["refused"]
    assert not counts["without words"]
