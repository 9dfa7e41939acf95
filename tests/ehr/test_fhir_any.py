"""Whatever is pushed, the answer is FHIR's, and never a fault of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.ehr.fhir_pushed import a_sender, push
from tests.portal.test_fhir_requests import JSON, PLACES, with_another

pytestmark = pytest.mark.usefixtures("portal")

SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def token(aws: None) -> str:  # noqa: ARG001
    return a_sender()


def check(body: Any, token: str, path: str) -> None:
    response = push(json.dumps(body).encode(), token, path)

    assert response.status < 500, response.status
    assert response.headers["content-type"].startswith("application/fhir+json")
    assert response.json["resourceType"] in ("OperationOutcome", "Bundle")


@SLOW
@given(part=JSON)
@pytest.mark.parametrize("path", ["/ehr/fhir", "/ehr/fhir/notifications"])
def test_any_json_is_answered(path: str, part: Any, token: str) -> None:
    check(part, token, path)


@SLOW
@given(path=st.sampled_from(PLACES), part=JSON)
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_with_one_part_wrong_is_answered(
    kind: str, path: tuple[Any, ...], part: Any, token: str
) -> None:
    check(with_another(path, part) | {"type": kind}, token, "/ehr/fhir")
