"""Chromium, once for all pages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from tests.accessibility.rooms import Window
from tests.journeys.conftest import chromium

__all__ = ["chromium"]


@pytest.fixture(scope="module")
def window(aws: None, chromium: Browser) -> Iterator[Window]:  # noqa: ARG001
    opened = Window(chromium, viewport={"width": 320, "height": 640})
    yield opened
    opened.close()
