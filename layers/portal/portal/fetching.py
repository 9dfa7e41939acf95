"""Asking other people's servers: https only, no redirect followed, nothing read without a limit.

The one exception to https is a loopback host while the portal itself runs without it: the local
run's stand-ins.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from portal.settings import settings

CONNECT_SECONDS, READ_SECONDS = 2, 4
WHOLE_SECONDS = 6  # of one answer, however slowly it drips
MAX_BYTES = 512_000
PIECE_BYTES = 16_384
LOOPBACK = frozenset({"localhost", "127.0.0.1"})

_pool = urllib3.PoolManager(
    timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS), retries=False, maxsize=4
)


class BadAddress(Exception):
    """An address that we do not ask, whoever named it."""


class Unreachable(Exception):
    """No answer, or none that can be read. It says no more: an error may quote what was sent."""


@dataclass(frozen=True)
class Reply:
    status: int
    document: dict[str, Any]  # {} for what is no JSON object


def is_address(url: str) -> bool:
    """A plain https address of a named host."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set(url) & set(' \\"<>')
    if not is_plain or "@" in parts.netloc or parts.fragment:
        return False
    if is_loopback(host):
        return not settings().is_https and parts.scheme in ("http", "https")
    return parts.scheme == "https" and "." in host and not _is_number(host)


def is_loopback(host: str) -> bool:
    return host in LOOPBACK or host.endswith(".localhost")


def get(url: str, headers: Mapping[str, str] | None = None, most: int = MAX_BYTES) -> Reply:
    """Raises BadAddress or Unreachable."""
    return _asked("GET", url, None, {"Accept": "application/json", **(headers or {})}, most)


def post(url: str, body: str, headers: Mapping[str, str]) -> Reply:
    """A form. Raises BadAddress or Unreachable."""
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return _asked("POST", url, body, {**form, **headers}, MAX_BYTES)


def send(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Bytes, for whom the status says it all. Raises BadAddress or Unreachable."""
    return _asked("POST", url, body, headers, MAX_BYTES).status


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.rpartition(".")[2].isdigit()  # "127.1" is an address to some resolvers
    return True


def _asked(
    method: str, url: str, body: str | bytes | None, headers: Mapping[str, str], most: int
) -> Reply:
    if not is_address(url):
        raise BadAddress
    # Nothing may unfold while it is read, and no socket is kept while a function sleeps.
    sent = {**headers, "Accept-Encoding": "identity", "Connection": "close"}
    try:
        answer = _pool.request(
            method, url, body=body, headers=sent, redirect=False, preload_content=False
        )
        try:
            return Reply(answer.status, _document(_read(answer, most)))
        finally:
            answer.close()
    except (HTTPError, OSError) as error:
        raise Unreachable from error


def _read(answer: urllib3.BaseHTTPResponse, most: int) -> bytes:
    ends_at, found = time.monotonic() + WHOLE_SECONDS, b""
    while piece := answer.read(PIECE_BYTES, decode_content=False):
        found += piece
        if len(found) > most or time.monotonic() > ends_at:
            raise Unreachable
    return found


def _document(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
