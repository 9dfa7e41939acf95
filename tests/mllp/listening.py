"""The listener in a thread of the test, on a free port of 127.0.0.1."""

import asyncio
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from io import StringIO
from typing import Any

from infra.mllp.conversation import Limits
from infra.mllp.forwarding import Forwarder
from infra.mllp.journal import Journal
from infra.mllp.listener import Address, Listener
from infra.mllp.posting import destination, posted
from tests.mllp.senders import Sender, until

TOKEN = "ehr_invented"


class Running:
    def __init__(self) -> None:
        self.out = StringIO()
        self.journal = Journal(self.out)
        self.loop = asyncio.new_event_loop()
        self.stop = asyncio.Event()
        self.is_done = False

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]

    def events(self, name: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == name]

    @property
    def address(self) -> tuple[str, int]:
        return ("127.0.0.1", self.events("listening")[0]["port"])

    def sender(self) -> Sender:
        return Sender(self.address)

    def ask_to_stop(self) -> None:
        self.loop.call_soon_threadsafe(self.stop.set)


@contextmanager
def listening(
    url: str,
    *,
    at_once: int = 8,
    patience: float = 20,
    timeout: float = 20,
    tls: ssl.SSLContext | None = None,
    **limits: Any,
) -> Iterator[Running]:
    running = Running()
    to = destination(url, TOKEN)

    async def serve() -> None:
        forwarder = Forwarder(
            partial(posted, to, timeout_seconds=timeout),
            running.journal,
            at_once=at_once,
            patience_seconds=patience,
        )
        listener = Listener(forwarder, running.journal, Limits(**limits))
        await listener.serve(Address("127.0.0.1", 0), running.stop, tls)

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: running.loop) as runner:
            runner.run(serve())
        running.is_done = True

    thread = threading.Thread(target=run)
    thread.start()
    try:
        until(lambda: running.journal.counts["listening"])
        yield running
    finally:
        if not running.is_done:
            running.ask_to_stop()
        thread.join(20)
        assert running.is_done
