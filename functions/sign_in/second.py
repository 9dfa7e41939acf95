"""Checking a second factor that is typed."""

from collections.abc import Callable

from portal import factors, pages, recovery_codes, text_codes, totp, tries
from portal.access import Caller
from portal.errors import BadInput
from portal.factors import Factor
from portal.methods import Method
from portal.secrets_kept import hashed


def send_text(caller: Caller) -> None:
    phone = _phone(caller)
    if not phone:
        _ = pages.words(caller.language)
        raise BadInput({"code": _("Your account has no confirmed phone.")})
    if not text_codes.send(hashed(caller.session_cookie), phone, caller.language):
        _ = pages.words(caller.language)
        raise BadInput(
            {"code": _("This phone texted STOP to us. Text START from it, then ask again.")}
        )


def is_right(caller: Caller, method: Method, typed: str) -> bool:
    """False for a method this account does not have, too."""
    check = CHECKS.get(method)
    return check is not None and bool(typed) and check(caller, typed)


def advice(method: Method, language: str) -> str:
    _ = pages.words(language)
    if method is Method.RECOVERY_CODE:
        return _("That code does not match, or was used before. Type another one from your list.")
    if method is Method.SMS_CODE:
        return _("That code does not match. Type the six digits from our newest message.")
    return _("That code does not match. Wait for the next one in your app and type it.")


def _phone(caller: Caller) -> str:
    found = factors.of(caller.patient_id, Method.SMS_CODE)
    return next((str(each.secret["phone"]) for each in found if each.is_open), "")


def _texted(caller: Caller, typed: str) -> bool:
    session_id, digits = hashed(caller.session_cookie), "".join(typed.split())

    def opens(phone: Factor) -> bool:
        is_right = text_codes.is_right(session_id, str(phone.secret["phone"]), digits)
        return is_right and factors.shown(caller.patient_id, phone)

    return tries.is_right(caller, caller.patient_id, Method.SMS_CODE, opens)


def _of_app(caller: Caller, typed: str) -> bool:
    digits = "".join(typed.split())

    def opens(app: Factor) -> bool:
        return totp.opens(caller.patient_id, app, digits)

    return tries.is_right(caller, caller.patient_id, Method.TOTP, opens)


def _of_paper(caller: Caller, typed: str) -> bool:
    return recovery_codes.is_right(caller.patient_id, typed)


CHECKS: dict[Method, Callable[[Caller, str], bool]] = {
    Method.TOTP: _of_app,
    Method.SMS_CODE: _texted,
    Method.RECOVERY_CODE: _of_paper,
}
