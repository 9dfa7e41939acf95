"""Removing a way to sign in. The last second factor asks for one more yes."""

from typing import Annotated, Any

from functions.settings import changes, security
from functions.settings.app import app
from functions.settings.changes import DAILY
from functions.settings.security import PASSWORD
from functions.settings.security_views import ChangedView, Done, RemovalView, Way
from pydantic import Field

from portal import audit, factors, pages
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.errors import BadInput
from portal.factors import Factor
from portal.model import Model
from portal.scopes import Scope

PATH = "/settings/security/factors/{factor_id}/remove"
FactorId = Annotated[str, Field(pattern=f"^([0-9a-f]{{32}}|{PASSWORD})$")]


class FactorAsk(Model):
    factor_id: FactorId


@app.action("GET", PATH, ask=FactorAsk, view=RemovalView, needs=Scope.CHANGE_SECURITY)
def ask_removal(caller: Caller, ask: FactorAsk) -> Answer:
    """Ask whether to remove this way to sign in."""
    changes.check_second_factor(caller)
    view = asked(caller, ask.factor_id)
    audit.record(Event.SECURITY_VIEWED, caller, about=ask.factor_id)
    return Answer(view, "settings/remove.html")


class RemoveAsk(FactorAsk):
    confirm: str = Field(default="", pattern="^(yes)?$")


def remove_again(caller: Caller, fields: dict[str, Any], errors: dict[str, str]) -> Answer:
    view = asked(caller, str(fields["factor_id"])).model_copy(update={"errors": errors})
    return Answer(view, "settings/remove.html", status=400)


@app.action(
    "POST",
    PATH,
    ask=RemoveAsk,
    view=ChangedView,
    needs=Scope.CHANGE_SECURITY,
    again=remove_again,
)
def remove(caller: Caller, ask: RemoveAsk) -> Answer:
    """Remove this way to sign in."""
    changes.check_second_factor(caller)
    if ask.factor_id == PASSWORD:
        return remove_password(caller)
    factor = found(caller, ask.factor_id)
    if is_last(caller, factor) and not ask.confirm:
        _ = pages.words(caller.language)
        raise BadInput({"confirm": _("This is your last second step. Say yes to remove it.")})
    changes.remove(caller, factor)
    return changes.done(Done.REMOVED)


def remove_password(caller: Caller) -> Answer:
    from portal import passwords

    if passwords.of(caller.patient_id) is None:
        raise changes.missing(caller, Event.FACTOR_REMOVED, PASSWORD)
    audit.record(Event.FACTOR_REMOVED, caller, about=PASSWORD)
    passwords.remove(caller.patient_id)
    factors.changed(caller, Event.FACTOR_REMOVED)
    return changes.done(Done.REMOVED)


def asked(caller: Caller, factor_id: str) -> RemovalView:
    if factor_id == PASSWORD:
        return RemovalView(way=password_of(caller), is_last=False)
    factor = found(caller, factor_id)
    return RemovalView(way=security.way(factor), is_last=is_last(caller, factor))


def password_of(caller: Caller) -> Way:
    kept = security.password_way(caller.patient_id)
    if not kept:
        raise changes.missing(caller, Event.FACTOR_REMOVED, PASSWORD)
    return kept[0]


def found(caller: Caller, factor_id: str) -> Factor:
    factor = factors.find(caller.patient_id, factor_id)
    if factor is None:
        raise changes.missing(caller, Event.FACTOR_REMOVED, factor_id)
    return factor


def is_last(caller: Caller, factor: Factor) -> bool:
    """Neither codes on paper nor a way that is switched off is a second step to live with."""
    others = factors.of(caller.patient_id)
    daily = (each for each in others if each.kind in DAILY and each.is_open)
    return not any(each.sk != factor.sk for each in daily)
