"""Devices that are told by push: a browser's subscription, or a phone app's token.

account#<patient id>
    push#<hash of the address>    what kind and where (sealed), name, since when
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from portal import fetching, keys, user_accounts
from portal.moments import now
from portal.secrets_kept import hashed
from portal.settings import settings
from portal.tables import SessionRow

MOST = 20  # of one account
PREFIX = "push#"
# Of the browsers there are. Nothing else is ever asked: a subscription is a stranger's word for
# where we should send requests.
SERVICES = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "notify.windows.com",
    "push.apple.com",
)


class Kind(StrEnum):
    WEB = "web"  # Web Push: Chromium, Firefox, Safari
    APNS = "apns"  # an app on iOS
    FCM = "fcm"  # an app on Android


@dataclass(frozen=True)
class PushDevice:
    """`address`: a push service's URL, or the ARN of an SNS platform endpoint. `p256dh` and `auth`
    (RFC 8291, 3.1; base64url) are a browser's. `since`: epoch seconds."""

    kind: Kind
    address: str
    language: str
    name: str = ""
    p256dh: str = ""
    auth: str = ""
    since: float = 0

    @property
    def device_id(self) -> str:
        return hashed(self.address)


def is_service(url: str) -> bool:
    """A push service of a browser; on the local run, a stand-in on this machine."""
    if not fetching.is_address(url):
        return False
    host = urlsplit(url).hostname or ""
    known = any(host == each or host.endswith(f".{each}") for each in SERVICES)
    return known or (not settings().is_https and fetching.is_loopback(host))


def of(patient_id: str) -> list[PushDevice]:
    """The newest first."""
    found = [_device(patient_id, row) for row in user_accounts.rows(patient_id, PREFIX)]
    return sorted(found, key=lambda each: -each.since)


def has_any(patient_id: str) -> bool:
    return bool(user_accounts.rows(patient_id, PREFIX))


def keep(patient_id: str, device: PushDevice) -> bool:
    """The same device twice is one. False when there is no room."""
    known = [row.sk for row in user_accounts.rows(patient_id, PREFIX)]
    sk = PREFIX + device.device_id
    if sk not in known and len(known) >= MOST:
        return False
    said = {
        "kind": device.kind.value,
        "address": device.address,
        "language": device.language,
        "p256dh": device.p256dh,
        "auth": device.auth,
    }
    SessionRow(
        user_accounts.pk(patient_id),
        sk,
        name=device.name or None,
        sealed=keys.seal(patient_id, sk, said),
        created_at=now().timestamp(),
    ).save()
    return True


def drop(patient_id: str, device_id: str) -> bool:
    """False when this patient has no such device."""
    row = SessionRow.find(user_accounts.pk(patient_id), PREFIX + device_id)
    if row is not None:
        row.delete()
    return row is not None


def find(patient_id: str, device_id: str) -> PushDevice | None:
    row = SessionRow.find(user_accounts.pk(patient_id), PREFIX + device_id)
    return _device(patient_id, row) if row else None


def _device(patient_id: str, row: SessionRow) -> PushDevice:
    said = keys.unseal(patient_id, row.sk, row.sealed or b"")
    kind = Kind(said.pop("kind"))
    return PushDevice(kind=kind, name=row.name or "", since=float(row.created_at or 0), **said)
