"""Asking other people's servers: which addresses, and how much of what they say."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from tests.visitors import on_https

from portal import fetching

LOOPBACK = ["http://127.0.0.1:8080/x", "http://localhost/x", "http://portal.localhost:4566/x"]


@pytest.mark.parametrize(
    "url",
    [
        "https://ehr.example.org/api/FHIR/R4",
        "https://ehr.example.org:8443/token?tenant=1",
        "https://authorization.cerner.com/tenants/ec2458f2-1e24-41c8-b71b-0e701af7583d",
    ],
)
def test_plain_https_of_a_named_host_is_asked(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetching.is_address(url)
    with on_https(monkeypatch):
        assert fetching.is_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://ehr.example.org/token",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.7/token",
        "https://[::1]/token",
        "https://[fd00:ec2::254]/",
        "https://2130706433/token",
        "https://127.1/token",
        "https://0x7f.1/token",
        "https://intranet/token",
        "https://user:pass@ehr.example.org/token",
        "https://ehr.example.org@evil.example/token",
        "https://ehr.example.org\\@evil.example/token",
        "https://ehr.example.org/ token",
        "https://ehr.example.org/\r\nHost: evil",
        "https://ehr.example.org/#token",
        "https://ehr.example.org:0x50/",
        "https://ehr.example.org:99999/",
        "https://еhr.example.org/",  # a Cyrillic letter
        "https://",
        "file:///etc/passwd",
        "gopher://ehr.example.org/",
        "//ehr.example.org/token",
        "/token",
        "",
    ],
)
def test_any_other_address_is_not(url: str) -> None:
    assert not fetching.is_address(url)
    with pytest.raises(fetching.BadAddress):
        fetching.get(url)


@pytest.mark.parametrize("url", LOOPBACK)
def test_loopback_is_for_the_local_run_alone(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fetching.is_address(url)
    with on_https(monkeypatch):
        assert not fetching.is_address(url)
        assert not fetching.is_address(url.replace("http:", "https:"))


class Server(BaseHTTPRequestHandler):
    """What it answers is in the address."""

    def do_GET(self) -> None:
        kind = self.path.strip("/")
        if kind == "redirect":
            self.send_response(302)
            self.send_header("Location", "/good")
            self.end_headers()
            return
        self.send_response(200)
        if kind == "gzip":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if kind == "slow":
            self.drip()
        self.wfile.write(b'{"a": "' + b"x" * (100_000 if kind == "large" else 1) + b'"}')

    def drip(self) -> None:
        for _ in range(40):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=found.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{found.server_address[1]}"
    found.shutdown()
    found.server_close()
    thread.join()


def test_json_is_read(server: str) -> None:
    assert fetching.get(f"{server}/good") == fetching.Reply(200, {"a": "x"})


def test_a_redirect_is_an_answer_and_not_followed(server: str) -> None:
    assert fetching.get(f"{server}/redirect") == fetching.Reply(302, {})


def test_more_than_agreed_is_not_read(server: str) -> None:
    assert fetching.get(f"{server}/large").status == 200
    with pytest.raises(fetching.Unreachable):
        fetching.get(f"{server}/large", most=99_999)


def test_what_says_that_it_is_packed_is_not_unpacked(server: str) -> None:
    assert fetching.get(f"{server}/gzip").document == {"a": "x"}


def test_whoever_drips_is_not_waited_for(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "WHOLE_SECONDS", 0.2)
    monkeypatch.setattr(fetching, "PIECE_BYTES", 1)

    with pytest.raises(fetching.Unreachable):
        fetching.get(f"{server}/slow")


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(fetching.Unreachable):
        fetching.get("http://127.0.0.1:1/")
