"""Notifications on devices: which are told, one more, one less."""

from typing import Annotated

from functions.settings.app import app
from functions.settings.push_views import PushChangedView, PushView, ToldDevice
from functions.settings.security import HashId, moment
from pydantic import Field

from portal import audit, pages, platform_push, push_devices, vapid
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event, Outcome
from portal.errors import BadInput, Conflict, Forbidden, NotFound
from portal.model import Model
from portal.push_devices import Kind, PushDevice
from portal.scopes import Scope

PAGE = "/settings/push"
P256DH = r"^[A-Za-z0-9_-]{87}=?$"  # an uncompressed point of P-256
AUTH = r"^[A-Za-z0-9_-]{22}(==)?$"  # 128 bits


class PushAsk(Model):
    done: str = Field(default="", max_length=20)


@app.action("GET", PAGE, ask=PushAsk, view=PushView, needs=Scope.READ_DEVICE)
def show_push(caller: Caller, ask: PushAsk) -> Answer:
    """Show the devices that are told when there is something new."""
    audit.record(Event.PUSH_VIEWED, caller)
    found = [shown(each) for each in push_devices.of(caller.patient_id)]
    key = "" if caller.is_shared else vapid.public_key()
    view = PushView(key=key, is_shared=caller.is_shared, devices=found, done=ask.done)
    return Answer(view, "settings/push.html", script="push")


def shown(device: PushDevice) -> ToldDevice:
    since = moment(device.since)
    return ToldDevice(device_id=device.device_id, kind=device.kind, name=device.name, since=since)


class AddAsk(Model):
    """A browser sends `endpoint`, `p256dh` and `auth` of its PushSubscription; an app its `token`
    from Apple or Google."""

    kind: Kind = Kind.WEB
    endpoint: str = Field(default="", max_length=1000)
    p256dh: Annotated[str, Field(pattern=f"({P256DH})|^$")] = ""
    auth: Annotated[str, Field(pattern=f"({AUTH})|^$")] = ""
    token: str = Field(default="", pattern="^[A-Za-z0-9:_-]{0,400}$")


@app.action("POST", PAGE, ask=AddAsk, view=PushChangedView, needs=Scope.CHANGE_DEVICE)
def add_push(caller: Caller, ask: AddAsk) -> Answer:
    """Tell this device, too."""
    if caller.is_shared:
        no = Outcome.REFUSED
        audit.record(Event.PUSH_ADDED, caller, why="shared-device", outcome=no)
        raise Forbidden
    device = subscribed(caller, ask)
    audit.record(Event.PUSH_ADDED, caller, about=device.device_id[:32])
    if not push_devices.keep(caller.patient_id, device):
        raise Conflict
    where = f"{PAGE}?done=added"
    return Answer(PushChangedView(device_id=device.device_id, next=where), location=where)


def subscribed(caller: Caller, ask: AddAsk) -> PushDevice:
    """Raises BadInput for a service that is none, or one that is not set up here."""
    address = ask.endpoint
    if ask.kind is Kind.WEB:
        is_whole = ask.p256dh and ask.auth and vapid.public_key()
        if not is_whole or not push_devices.is_service(address):
            raise refused(caller, "endpoint")
    elif not ask.token or not platform_push.application(ask.kind):
        raise refused(caller, "token")
    else:
        address = platform_push.endpoint(ask.kind, ask.token)
    return PushDevice(ask.kind, address, caller.language, caller.agent, ask.p256dh, ask.auth)


def refused(caller: Caller, field: str) -> BadInput:
    _ = pages.words(caller.language)
    return BadInput({field: _("This device cannot be told. Try another browser or app.")})


class RemoveAsk(Model):
    device_id: HashId


@app.action(
    "POST",
    f"{PAGE}/{{device_id}}/remove",
    ask=RemoveAsk,
    view=PushChangedView,
    needs=Scope.CHANGE_DEVICE,
)
def remove_push(caller: Caller, ask: RemoveAsk) -> Answer:
    """Tell this device no longer."""
    device = push_devices.find(caller.patient_id, ask.device_id)
    outcome = Outcome.DONE if device else Outcome.REFUSED
    audit.record(Event.PUSH_REMOVED, caller, about=ask.device_id[:32], outcome=outcome)
    if device is None or not push_devices.drop(caller.patient_id, ask.device_id):
        raise NotFound
    if device.kind is not Kind.WEB:
        platform_push.remove(device.address)
    where = f"{PAGE}?done=removed"
    return Answer(PushChangedView(device_id=ask.device_id, next=where), location=where)
