from collections.abc import Callable
from pathlib import Path

from tests.portal.converter_checks import outcomes

from portal import immunizations


def test_each_sample_gives_valid_resources_traced_to_fields_or_a_reason(
    samples: Path, record_property: Callable[[str, object], None]
) -> None:
    counts = outcomes(samples, "VXU", immunizations.entries, immunizations.REQUIRED)

    record_property("figures", f"VXU: {dict(counts)}")
    assert counts["messages"] > counts["refused"]
    assert not counts["without words"]
