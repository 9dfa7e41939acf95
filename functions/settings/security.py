"""The room a patient manages their sign-in in: ways to sign in, remembered devices, sessions."""

from datetime import UTC, datetime
from typing import Annotated

from functions.settings import changes
from functions.settings.app import app
from functions.settings.changes import DAILY
from functions.settings.security_views import (
    ChangedView,
    Done,
    OpenSession,
    RememberedDevice,
    SecurityView,
    Way,
)
from pydantic import Field

from portal import audit, cookies, countries, devices, factors, recovery_codes, sessions
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.devices import Device
from portal.factors import Factor
from portal.languages import language
from portal.methods import Assurance, Method
from portal.model import Model
from portal.moments import instant
from portal.scopes import Scope
from portal.secrets_kept import hashed
from portal.sessions import Listed

PASSWORD = "password"  # noqa: S105 - stands for the id of the one password
OTHERS = "others"  # stands for the ids of all sessions but this one
MOST_SHOWN = 20  # sessions
HashId = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class SecurityAsk(Model):
    done: str = Field(default="", max_length=20)


@app.action(
    "GET", "/settings/security", ask=SecurityAsk, view=SecurityView, needs=Scope.READ_SECURITY
)
def security(caller: Caller, ask: SecurityAsk) -> Answer:
    """Show the ways to sign in, and where this account is open."""
    audit.record(Event.SECURITY_VIEWED, caller)
    if caller.standing.assurance < Assurance.TWO_FACTOR:
        text = changes.may_text(caller)
        view = SecurityView(is_beginning=True, may_change=True, may_text=text, done=ask.done)
        return Answer(view, "settings/begin.html", script="passkey")
    return Answer(shown(caller, ask.done), "settings/security.html", script="passkey")


def shown(caller: Caller, done: str) -> SecurityView:
    cookie, device = hashed(caller.session_cookie), hashed(caller.device_cookie)
    place = language(caller.language).locale
    listed = sessions.listed(caller.patient_id)
    listed.sort(key=lambda each: each.session_id != cookie)  # this one is among those shown
    return SecurityView(
        is_beginning=False,
        may_change=caller.may(Scope.CHANGE_SECURITY),
        ways=ways(caller.patient_id),
        devices=[remembered(each, device, place) for each in devices.of(caller.patient_id)],
        sessions=[opened(each, cookie, place) for each in listed[:MOST_SHOWN]],
        more_sessions=max(0, len(listed) - MOST_SHOWN),
        done=done,
    )


def ways(patient_id: str) -> list[Way]:
    """What is used each day first, then the password, then the paper."""
    found = factors.of(patient_id)
    daily = [way(each) for each in found if each.kind in DAILY]
    paper = [way(each) for each in found if each.kind not in DAILY]
    return [*daily, *password_way(patient_id), *paper]


def way(factor: Factor) -> Way:
    """Of a phone's number the last two digits."""
    is_paper, is_phone = factor.kind is Method.RECOVERY_CODE, factor.kind is Method.SMS_CODE
    return Way(
        factor_id=factor.factor_id,
        kind=factor.kind,
        name=str(factor.secret["phone"])[-2:] if is_phone else factor.name,
        added_at=moment(factor.created_at),
        used_at=moment(factor.used_at),
        codes_left=recovery_codes.left(factor) if is_paper else None,
        is_locked=not factor.is_open,
    )


def password_way(patient_id: str) -> list[Way]:
    """One or none. Its library is imported here, for those who have a use for it."""
    from portal import passwords

    found = passwords.of(patient_id)
    if found is None:
        return []
    added, used = moment(found.created_at), moment(found.used_at)
    one = Way(factor_id=PASSWORD, kind=Method.PASSWORD, name="", added_at=added, used_at=used)
    return [one.model_copy(update={"is_locked": not found.is_open})]


def remembered(device: Device, this: str, locale: str) -> RememberedDevice:
    return RememberedDevice(
        device_id=device.device_id,
        name=device.name,
        country=countries.name(device.country, locale),
        since=moment(device.created_at),
        seen_at=moment(device.seen_at),
        is_this=device.device_id == this,
    )


def opened(session: Listed, this: str, locale: str) -> OpenSession:
    return OpenSession(
        session_id=session.session_id,
        name=session.agent,
        country=countries.name(session.country, locale),
        since=moment(session.created_at),
        seen_at=moment(session.seen_at),
        is_this=session.session_id == this,
    )


def moment(seconds: float) -> str:
    return instant(datetime.fromtimestamp(seconds, UTC)) if seconds else ""


class SessionAsk(Model):
    session_id: Annotated[str, Field(pattern=f"^([0-9a-f]{{64}}|{OTHERS})$")]


@app.action(
    "POST",
    "/settings/security/sessions/{session_id}/end",
    ask=SessionAsk,
    view=ChangedView,
    needs=Scope.CHANGE_SECURITY,
)
def end_session(caller: Caller, ask: SessionAsk) -> Answer:
    """Sign out there, or everywhere but here."""
    me, here = caller.patient_id, hashed(caller.session_cookie)
    own = (each.session_id for each in sessions.listed(me))
    changes.check_own(caller, Event.SESSION_ENDED, ask.session_id, (OTHERS, *own))
    if ask.session_id == OTHERS:
        sessions.end_others(me, here)
        return changes.done(Done.OTHERS)
    sessions.end_one(me, ask.session_id)
    if ask.session_id == here:
        view = ChangedView(done=Done.SIGNED_OUT, next="/signed-out")
        gone = (cookies.gone("session"),)
        return Answer(view, location=view.next, cookies=gone, is_farewell=True)
    return changes.done(Done.SIGNED_OUT)


class DeviceAsk(Model):
    device_id: HashId


@app.action(
    "POST",
    "/settings/security/devices/{device_id}/forget",
    ask=DeviceAsk,
    view=ChangedView,
    needs=Scope.CHANGE_SECURITY,
)
def forget_device(caller: Caller, ask: DeviceAsk) -> Answer:
    """Forget a device: it must show a second step again."""
    own = (each.device_id for each in devices.of(caller.patient_id))
    changes.check_own(caller, Event.DEVICE_FORGOTTEN, ask.device_id, own)
    devices.drop(caller.patient_id, ask.device_id)
    is_this = ask.device_id == hashed(caller.device_cookie)
    return changes.done(Done.FORGOTTEN, *((cookies.gone("device"),) if is_this else ()))


from functions.settings import authenticator_app, paper_codes, password, phone, removal  # noqa: E402, F401 - their routes join the room's
