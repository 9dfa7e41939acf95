"""How somebody showed who they are, and how sure that makes us (NIST SP 800-63B-4).

An e-mail account is not an authenticator: a link alone opens a session without clinical content.
"""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class Method(StrEnum):
    EMAIL_LINK = "email-link"
    PHONE_LINK = "phone-link"
    DESK_CODE = "desk-code"  # from staff who looked at an identity card, or by letter
    PASSWORD = "password"  # noqa: S105 - the word
    SSO = "sso"  # the hospital's own sign-in
    SSO_TWO_FACTOR = "sso-two-factor"  # which said that it asked for two
    PASSKEY = "passkey"
    TOTP = "totp"
    SMS_CODE = "sms-code"
    RECOVERY_CODE = "recovery-code"
    DEVICE = "device"  # a remembered one


class Assurance(IntEnum):
    """How sure we are that it is the account's owner."""

    LINK = 1  # one thing, or one way
    TWO_FACTOR = 2


class Confidence(IntEnum):
    """How sure we are that the account's owner is the patient (NIST SP 800-63A)."""

    CLAIMED = 0  # they say so
    ON_FILE = 1  # they hold a contact the clinic has on file
    PROOFED = 2  # and know what its records say, or showed an identity card


WHOLE = frozenset({Method.PASSKEY, Method.SSO_TWO_FACTOR})  # two factors in one
LIFTS = frozenset({Method.TOTP, Method.SMS_CODE, Method.RECOVERY_CODE, Method.DEVICE})
FIRST = frozenset(
    {Method.EMAIL_LINK, Method.PHONE_LINK, Method.DESK_CODE, Method.PASSWORD, Method.SSO}
)
ONE_PHONE = frozenset({Method.PHONE_LINK, Method.SMS_CODE})  # two messages to it are one way


def assurance_of(methods: Iterable[Method]) -> Assurance:
    shown = frozenset(methods)
    pairs = ({first, lift} for first in shown & FIRST for lift in shown & LIFTS)
    is_lifted = any(pair != ONE_PHONE for pair in pairs)
    return Assurance.TWO_FACTOR if shown & WHOLE or is_lifted else Assurance.LINK


def joined(methods: Iterable[Method]) -> str:
    return "|".join(sorted(methods))


def split(text: str) -> frozenset[Method]:
    return frozenset(map(Method, filter(None, text.split("|"))))
