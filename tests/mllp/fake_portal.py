"""An HTTP endpoint with memory: answers by script, then AA to everything."""

import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from portal import acks, hl7
from portal.acks import AckCode

ER7 = "x-application/hl7-v2+er7"


@dataclass(frozen=True)
class Scripted:
    """`body` None is an AA. `held`: nothing is said before it is set."""

    status: int = 200
    body: bytes | None = None
    content_type: str = f"{ER7}; charset=utf-8"
    held: threading.Event | None = None
    is_cut: bool = False


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class FakePortal:
    script: deque[Scripted] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def bodies(self) -> list[bytes]:
        return [request.body for request in self.requests]

    def scripted(self, request: Request) -> Scripted:
        with self.lock:
            self.requests.append(request)
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            return self.script.popleft() if self.script else Scripted()

    def done(self) -> None:
        with self.lock:
            self.under_way -= 1


def accepted(message: bytes) -> bytes:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return acks.ack(hl7.read(message), AckCode.ACCEPTED, at=at, control_id="PORTAL1")


@contextmanager
def fake_portal(*script: Scripted, tls: ssl.SSLContext | None = None) -> Iterator[FakePortal]:
    portal = FakePortal(deque(script))
    server = Server(("127.0.0.1", 0), partial(Door, portal))
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    portal.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/ehr/hl7"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield portal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Server(ThreadingHTTPServer):
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """Quiet: some tests hang up on it."""


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, portal: FakePortal, *connection: object) -> None:
        self.portal = portal
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        scripted = self.portal.scripted(Request(self.path, headers, body))
        if scripted.held:
            scripted.held.wait(20)
        self.portal.done()
        if not scripted.is_cut:
            self.answer(scripted, accepted(body) if scripted.body is None else scripted.body)

    def answer(self, scripted: Scripted, body: bytes) -> None:
        self.send_response(scripted.status)
        self.send_header("Content-Type", scripted.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""
