"""A push service and the browsers behind it, for tests: what was pushed, and what they answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from infra.local.push_catcher import Catcher
from tests import stores
from tests.client import Client, Response

from infra import push_keys
from portal import fetching, vapid

ORIGIN = "http://127.0.0.1:9"


@dataclass
class Service:
    """`status`: what it answers instead of taking anything; 0 takes it."""

    catcher: Catcher = field(default_factory=lambda: Catcher(ORIGIN))
    status: int = 0
    asked: list[str] = field(default_factory=list)

    def send(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.asked.append(url)
        if self.status:
            return self.status
        lower = {name.lower(): value for name, value in headers.items()}
        return self.catcher.taken(url.rpartition("/")[2], lower, body)


@contextmanager
def a_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Keys are made, and every push goes to this service."""
    push_keys.keep(stores.client("ssm"), "/portal/test/push")
    vapid._parameter.cache_clear()
    service = Service()
    with monkeypatch.context() as patch:
        patch.setattr(fetching, "send", service.send)
        yield service
    vapid._parameter.cache_clear()


def subscribes(client: Client, **facts: Any) -> Response:
    return client.post("/settings/push", **facts)
