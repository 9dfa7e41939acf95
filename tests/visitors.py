"""People at their browsers, each from a network address of their own, and their audit trail."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Any

import pytest
from tests.builders import a_session
from tests.client import Client

from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.settings import settings
from portal.tables import AuditRow

HTTPS_URL = "https://portal.example.org"
_sources = itertools.count(int(IPv4Address("10.0.0.1")))


def a_browser(**facts: Any) -> Client:
    return Client(source=str(IPv4Address(next(_sources))), **facts)


def an_app(**facts: Any) -> Client:
    return a_browser(accept="application/json", **facts)


def signed_in(patient: Patient, **facts: Any) -> Client:
    return a_browser(cookies={"session": a_session(patient)}, **facts)


def nobodys_trail(visitor: Client) -> list[AuditRow]:
    """Rows of what this visitor did or was refused without being known, oldest first."""
    rows = AuditRow.query(f"nobody#{datetime.now(UTC):%Y-%m-%d}")
    return [row for row in rows if row.source == hashed(visitor.source)[:32]]


@contextmanager
def on_https(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The portal as it is deployed; the tests' own run is the http of a local stack."""
    with monkeypatch.context() as patch:
        patch.setenv("PORTAL_URL", HTTPS_URL)
        settings.cache_clear()
        yield
    settings.cache_clear()
