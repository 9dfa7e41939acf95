"""Chromium, once for all pages."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from functions.home import components
from playwright.sync_api import Browser
from tests.accessibility.rooms import Window
from tests.journeys.conftest import chromium

from portal.settings import settings

__all__ = ["chromium"]


@pytest.fixture(autouse=True)
def components_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "settings", lambda: replace(settings(), is_demo=True))


@pytest.fixture(scope="module")
def window(aws: None, chromium: Browser) -> Iterator[Window]:  # noqa: ARG001
    opened = Window(chromium, viewport={"width": 320, "height": 640})
    yield opened
    opened.close()
