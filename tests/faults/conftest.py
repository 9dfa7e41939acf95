"""Thousands of runs log thousands of failures; what they say is another test's."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    logger = logging.getLogger("portal")
    logger.disabled = True
    yield
    logger.disabled = False
