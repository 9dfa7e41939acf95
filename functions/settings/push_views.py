"""What the page about notifications on devices answers. Times are FHIR instants."""

from pydantic import BaseModel

from portal.push_devices import Kind


class ToldDevice(BaseModel):
    device_id: str
    kind: Kind
    name: str
    since: str


class PushView(BaseModel):
    """`key`: our public key for browsers (RFC 8292, base64url), "" where push is not set up."""

    key: str
    is_shared: bool
    devices: list[ToldDevice]
    done: str = ""


class PushChangedView(BaseModel):
    device_id: str
    next: str
