from pathlib import Path

import pytest
from tests.portal.converter_checks import outcomes

from portal import clinical_documents


def test_each_sample_gives_valid_resources_traced_to_fields_or_a_reason(
    samples: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = outcomes(samples, "MDM", clinical_documents.entries, clinical_documents.REQUIRED)

    with capsys.disabled():
        print(f"\nMDM: {dict(counts)}")  # noqa: T201
    assert counts["messages"] > counts["refused"]
    assert not counts["without words"]
