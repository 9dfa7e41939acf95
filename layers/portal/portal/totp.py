"""Codes of an authenticator app (RFC 6238): six digits, 30 seconds, one step early or late."""

from pyotp import TOTP, random_base32

from portal import factors
from portal.factors import Factor
from portal.methods import Method
from portal.moments import now
from portal.secrets_kept import same
from portal.settings import settings

STEP_SECONDS = 30


def new_secret() -> str:
    """160 bits in base32."""
    return str(random_base32())


def address(secret: str, account_name: str) -> str:
    """The `otpauth://` address authenticator apps scan."""
    name = settings().portal_name
    return str(TOTP(secret).provisioning_uri(name=account_name, issuer_name=name))


def matching_step(secret: str, code: str) -> int | None:
    """The number of the time step whose code this is. Apps' clocks are a little off."""
    current = int(now().timestamp()) // STEP_SECONDS
    steps = (current, current - 1, current + 1)
    maker = TOTP(secret)
    return next((step for step in steps if _is(maker, step, code)), None)


def opens(patient_id: str, factor: Factor, code: str) -> bool:
    """Whether this app shows this code. Each counts once."""
    step = matching_step(factor.secret["secret"], code)
    return step is not None and factors.use(patient_id, factor, step)


def factor(secret: str, name: str, step: int) -> Factor:
    return Factor(Method.TOTP, name, {"secret": secret}, counter=step)


def _is(maker: TOTP, step: int, code: str) -> bool:
    return same(maker.generate_otp(step), code)
