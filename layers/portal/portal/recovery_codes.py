"""Ten codes on paper, 120 bits each, spent one by one. They stand in for a lost second factor."""

import base64
import secrets

from portal import factors
from portal.factors import Factor
from portal.methods import Method
from portal.secrets_kept import hashed, same

HOW_MANY = 10


def new() -> list[str]:
    """Such as `k7wq-3hzn-ob5d-ymxa-c2ly-5tgu`."""
    return [_grouped(base64.b32encode(secrets.token_bytes(15)).decode()) for _ in range(HOW_MANY)]


def factor(codes: list[str]) -> Factor:
    """Secrets of 112 bits and more need no slow hash (ASVS 6.5.2)."""
    hashes = [hashed(_bare(code)) for code in codes]
    return Factor(Method.RECOVERY_CODE, "", {"hashes": hashes})


def is_right(patient_id: str, code: str) -> bool:
    """Each code counts once: the factor's counter has a bit for each that was spent."""
    given = hashed(_bare(code))
    for found in factors.of(patient_id, Method.RECOVERY_CODE):
        bits = (1 << n for n, each in enumerate(found.secret["hashes"]) if same(each, given))
        bit = next(bits, 0)
        if bit and not found.counter & bit:
            return factors.use(patient_id, found, found.counter | bit)
    return False


def left(found: Factor) -> int:
    return HOW_MANY - found.counter.bit_count()


def _bare(code: str) -> str:
    """Base32 has neither 0 nor 1: whoever reads them means O and L."""
    return "".join(c for c in code.upper() if c.isalnum()).translate({48: "O", 49: "L"})


def _grouped(code: str) -> str:
    return "-".join(code[n : n + 4].lower() for n in range(0, 24, 4))
