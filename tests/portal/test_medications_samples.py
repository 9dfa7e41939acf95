from collections.abc import Callable
from pathlib import Path

import pytest
from tests.portal.converter_checks import outcomes

from portal import medications


@pytest.mark.parametrize("kind", ["RDE", "OMP", "RDS", "ORM"])
def test_each_sample_gives_valid_resources_traced_to_fields_or_a_reason(
    kind: str, samples: Path, record_property: Callable[[str, object], None]
) -> None:
    counts = outcomes(samples, kind, medications.entries, medications.REQUIRED)

    record_property("figures", f"{kind}: {dict(counts)}")
    assert counts["MedicationRequest"] + counts["MedicationDispense"] > 0
