"""What the page about notifications on devices answers. Times are FHIR instants."""

from portal.model import Model
from portal.push_devices import Kind


class ToldDevice(Model):
    device_id: str
    kind: Kind
    name: str
    since: str


class PushView(Model):
    """`key`: our public key for browsers (RFC 8292, base64url), "" where push is not set up."""

    key: str
    is_shared: bool
    devices: list[ToldDevice]
    done: str = ""


class PushChangedView(Model):
    device_id: str
    next: str
