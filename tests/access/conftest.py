"""A clock that stands at the minute the plans were made for, and the laws they were made for."""

import pytest
from tests.access.asking import enact
from tests.access.cells import LAWS
from tests.access.visits import NOW
from tests.clock import Clock

from portal import moments


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    enact(LAWS, monkeypatch)
    clock = Clock()
    clock.moment = NOW
    monkeypatch.setattr(moments, "clock", clock)
    return clock
