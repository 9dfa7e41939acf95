from collections.abc import Callable
from pathlib import Path

import pytest
from tests.portal.converter_checks import outcomes

from portal import order_requests


@pytest.mark.parametrize("kind", ["ORM", "OML", "OMG"])
def test_each_sample_gives_valid_resources_traced_to_fields_or_a_reason(
    kind: str, samples: Path, record_property: Callable[[str, object], None]
) -> None:
    counts = outcomes(samples, kind, order_requests.entries, order_requests.REQUIRED)

    record_property("figures", f"{kind}: {dict(counts)}")
    assert counts["ServiceRequest"] > 0
