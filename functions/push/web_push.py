"""Web Push: a message sealed for one browser (RFC 8291), signed as ours (RFC 8292), handed to its
push service (RFC 8030)."""

import json
from dataclasses import asdict
from typing import Any
from urllib.parse import urlsplit

from py_vapid import Vapid02
from pywebpush import WebPusher

from portal import fetching, push_devices, vapid
from portal.moments import now
from portal.push import Note
from portal.push_devices import PushDevice
from portal.settings import settings

LIFE_SECONDS = 24 * 3600  # how long a push service waits for a phone that is off
TOKEN_SECONDS = 12 * 3600  # RFC 8292, 2: at most 24 hours
GONE = (404, 410)


class NotTaken(Exception):
    """The push service did not take it: try again."""


def send(device: PushDevice, note: Note) -> bool:
    """False when the device is gone for good. Raises NotTaken."""
    if not push_devices.is_service(device.address):
        return False
    try:
        status = fetching.send(device.address, sealed(device, note), headers(device.address))
    except fetching.Unreachable as error:
        raise NotTaken from error
    if status in GONE:
        return False
    if status >= 300:
        raise NotTaken
    return True


def sealed(device: PushDevice, note: Note) -> bytes:
    """One aes128gcm record."""
    keys = {"p256dh": device.p256dh, "auth": device.auth}
    pusher = WebPusher({"endpoint": device.address, "keys": keys})
    body: Any = pusher.encode(json.dumps(asdict(note)).encode(), "aes128gcm")["body"]
    return bytes(body)


def headers(address: str) -> dict[str, str]:
    """`Topic`: of those that wait for a phone that is off, the newest alone is shown. It is the
    same word for all."""
    parts = urlsplit(address)
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "sub": f"mailto:{settings().mail_from}",
        "exp": int(now().timestamp()) + TOKEN_SECONDS,
    }
    signed: dict[str, str] = Vapid02.from_raw(vapid.private_key().encode()).sign(claims)
    return {
        "Authorization": signed["Authorization"],
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(LIFE_SECONDS),
        "Topic": "news",
        "Urgency": "normal",
    }
