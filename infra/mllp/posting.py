"""One HTTP POST to the portal, on a connection of its own, within a time limit.

On asyncio, so that a stop or a time-out ends it at any byte; http.client reads the answer.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import NamedTuple
from urllib.parse import urlsplit

ER7 = "x-application/hl7-v2+er7"  # no charset parameter: it would win over MSH-18
MOST_ANSWER_BYTES = 1_000_000
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


class NoAnswer(Exception):
    """`args[0]` says why in one word: an error's class or `http-503`."""


@dataclass(frozen=True)
class Destination:
    host: str
    port: int
    authority: str
    target: str
    tls: ssl.SSLContext | None
    token: str = field(repr=False)

    def request(self, message: bytes) -> bytes:
        lines = (
            f"POST {self.target} HTTP/1.1",
            f"Host: {self.authority}",
            f"Authorization: Bearer {self.token}",
            f"Content-Type: {ER7}",
            f"Content-Length: {len(message)}",
            "User-Agent: portal-mllp",
            "Connection: close",
        )
        return "\r\n".join([*lines, "", ""]).encode("ascii") + message


def destination(url: str, token: str) -> Destination:
    """Raises ValueError. Without TLS only to this machine: messages and credential are secret."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_here = host in THIS_MACHINE or host.endswith(".localhost")
    if parts.scheme not in ("http", "https") or not host or not is_plain(url):
        raise ValueError("--forward must be an address like https://portal.example.org/ehr/hl7")
    if parts.scheme == "http" and not is_here:
        raise ValueError("--forward must begin with https:// unless the portal is on this machine")
    if not is_plain(token):
        raise ValueError("the credential is missing or has characters no credential has")
    return Destination(
        host="127.0.0.1" if host.endswith(".localhost") else host,  # RFC 6761, 6.3
        port=parts.port or (443 if parts.scheme == "https" else 80),
        authority=parts.netloc,
        target=f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}",
        tls=ssl.create_default_context() if parts.scheme == "https" else None,
        token=token,
    )


def is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and bool(text) and not set(text) & set(" @")


async def posted(to: Destination, message: bytes, timeout_seconds: float) -> Answer:
    """Raises NoAnswer when there is none or only a part of one."""
    try:
        async with asyncio.timeout(timeout_seconds):
            return _answer(await _exchanged(to, to.request(message)))
    except (OSError, HTTPException) as error:
        raise NoAnswer(type(error).__name__) from None


async def _exchanged(to: Destination, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(to.host, to.port, ssl=to.tls)
    try:
        writer.write(request)
        await writer.drain()
        return await _all(reader)
    finally:
        writer.transport.abort()


async def _all(reader: asyncio.StreamReader) -> bytes:
    received = bytearray()
    while chunk := await reader.read(65_536):
        received += chunk
        if len(received) > MOST_ANSWER_BYTES:
            raise NoAnswer("answer-too-large")
    return bytes(received)


class _Received:
    """As much of a socket as HTTPResponse asks for."""

    def __init__(self, received: bytes) -> None:
        self._received = received

    def makefile(self, _mode: str) -> BytesIO:
        return BytesIO(self._received)


def _answer(received: bytes) -> Answer:
    response = HTTPResponse(_Received(received), method="POST")  # type: ignore[arg-type]
    response.begin()
    return Answer(response.status, response.getheader("Content-Type", ""), response.read())
