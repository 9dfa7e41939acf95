"""A hospital of each vendor to sign in at."""

from collections.abc import Iterator

import pytest
from infra.local.ehr_sign_in import EhrSignIn
from tests.sign_in.hospital import hospital


@pytest.fixture
def ehr(portal: None) -> Iterator[EhrSignIn]:  # noqa: ARG001
    with hospital() as found:
        yield found
