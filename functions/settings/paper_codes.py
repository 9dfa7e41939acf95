"""Recovery codes: ten on a sheet of paper, for the day the phone is lost."""

from functions.settings import changes
from functions.settings.app import app
from functions.settings.security_views import CodesView

from portal import audit, factors, recovery_codes
from portal.access import Caller
from portal.answers import Answer
from portal.audit import Event
from portal.methods import Method
from portal.moments import instant
from portal.scopes import Scope
from portal.web import NoAsk

PATH = "/settings/security/recovery-codes"


@app.action("GET", PATH, view=CodesView, needs=Scope.CHANGE_SECURITY)
def offer_codes(caller: Caller, _ask: NoAsk) -> Answer:
    """Say what recovery codes are for, and offer to make them."""
    changes.check_second_factor(caller)
    audit.record(Event.SECURITY_VIEWED, caller, about=Method.RECOVERY_CODE)
    earlier = factors.of(caller.patient_id, Method.RECOVERY_CODE)
    return Answer(CodesView(has_earlier=bool(earlier)), "settings/codes.html")


@app.action("POST", PATH, view=CodesView, needs=Scope.CHANGE_SECURITY)
def make_codes(caller: Caller, _ask: NoAsk) -> Answer:
    """Make ten new recovery codes, in place of earlier ones. They are shown this once."""
    changes.check_second_factor(caller)
    earlier = factors.of(caller.patient_id, Method.RECOVERY_CODE)
    if not earlier:
        changes.check_room(caller)
    codes = recovery_codes.new()
    audit.record(Event.RECOVERY_CODES_MADE, caller)
    for each in earlier:
        factors.remove(caller.patient_id, each)
    factors.add(caller.patient_id, recovery_codes.factor(codes))
    factors.changed(caller, Event.RECOVERY_CODES_MADE)
    return Answer(CodesView(codes=codes, made_on=instant()), "settings/codes.html")
