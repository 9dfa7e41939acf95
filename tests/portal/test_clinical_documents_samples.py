from collections.abc import Callable
from pathlib import Path

from tests.portal.converter_checks import outcomes

from portal import clinical_documents


def test_each_sample_gives_valid_resources_traced_to_fields_or_a_reason(
    samples: Path, record_property: Callable[[str, object], None]
) -> None:
    counts = outcomes(samples, "MDM", clinical_documents.entries, clinical_documents.REQUIRED)

    record_property("figures", f"MDM: {dict(counts)}")
    assert counts["messages"] > counts["refused"]
    assert not counts["without words"]
