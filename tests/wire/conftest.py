"""Credentials for the tests of this folder."""

import pytest

from portal import credentials


@pytest.fixture
def token(portal: None) -> str:  # noqa: ARG001
    """Of a sender that may send for anybody."""
    return credentials.issue("Test lab", facilities=[])
