"""Which step a session needs next, and the page of it."""

from functions.sign_in.views import Stage, StepView

from portal import factors, text_codes
from portal.access import Caller, Standing
from portal.factors import Factor
from portal.methods import Assurance, Confidence, Method, assurance_of
from portal.secrets_kept import hashed


def stage_of(standing: Standing, has_factor: bool) -> Stage:
    """A factor first: whoever holds a link only must not guess at what our records say."""
    is_lifted = standing.assurance >= Assurance.TWO_FACTOR and standing.is_fresh
    if has_factor and not is_lifted:
        return Stage.FACTOR
    if standing.may_begin:
        return Stage.BEGIN
    is_known = standing.confidence >= Confidence.PROOFED and is_lifted
    return Stage.DONE if is_known else Stage.PROOF


def view_of(caller: Caller, return_to: str, errors: dict[str, str] | None = None) -> StepView:
    found = factors.of(caller.patient_id)
    stage = stage_of(caller.standing, bool(found))
    kinds = list(dict.fromkeys(each.kind for each in found))
    usable = {each.kind for each in found if each.is_open}
    return StepView(
        stage=stage,
        methods=[kind for kind in kinds if kind in usable and lifts(caller, kind)],
        closed=[kind for kind in kinds if kind not in usable],
        phone_end=phone_end(found) if stage is Stage.FACTOR else "",
        is_code_sent=text_codes.is_waiting(hashed(caller.session_cookie)),
        return_to=return_to,
        is_shared=caller.is_shared,
        errors=errors or {},
    )


def lifts(caller: Caller, kind: Method) -> bool:
    """A text after a link by text would not: two messages to one phone are one way."""
    return assurance_of({*caller.methods, kind}) is Assurance.TWO_FACTOR


def phone_end(found: list[Factor]) -> str:
    phones = (each.secret["phone"] for each in found if each.kind is Method.SMS_CODE)
    return str(next(phones, ""))[-2:]
