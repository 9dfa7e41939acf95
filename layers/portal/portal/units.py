"""Units of laboratory values, compared as UCUM (https://ucum.org).

Labs spell one unit in many ways: K/uL, 10^3/uL and x10E3/uL are UCUM's 10*3/uL. A spelling that
cannot be read for certain is not converted; it is the same unit only as itself. There is no
conversion between mass and amount of substance, nor between U and [IU]: both need the analyte.
Why a table of our own: docs/decisions/0006-units-as-ucum.md.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from portal.unit_spellings import AMBIGUOUS, COUNTED, MEASURED, PREFIX_EXPONENTS, SYNONYMS, WHOLE

LETTERS = str.maketrans({"µ": "u", "μ": "u", "\N{FULLWIDTH CIRCUMFLEX ACCENT}": "^"})
POWER_OF_TEN = re.compile(r"[x*]?10(?:\*\*|[*^e(])([0-9]{1,2})\)?")
SPACED_POWER = re.compile(r"10 ([0-9]{1,2}/)")


@dataclass(frozen=True, slots=True)
class Unit:
    """Two units of one `kind` differ by a power of ten, the difference of their exponents."""

    ucum: str
    kind: str
    exponent: int


def same_unit(a: str, b: str) -> bool:
    left, right = read(a), read(b)
    if left and right:
        return (left.kind, left.exponent) == (right.kind, right.exponent)
    return "".join(a.split()) == "".join(b.split())


def converted(value: Decimal, from_unit: str, to_unit: str) -> Decimal | None:
    """The same quantity in the other unit, exactly; None where the two do not compare."""
    if same_unit(from_unit, to_unit):
        return value
    source, target = read(from_unit), read(to_unit)
    if not source or not target or source.kind != target.kind:
        return None
    return moved(value, source.exponent - target.exponent)


def moved(value: Decimal, places: int) -> Decimal:
    """The decimal point moved, no digit rounded."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        return value
    return Decimal(format(Decimal((sign, digits, exponent + places)), "f"))


@lru_cache(maxsize=512)
def read(unit: str) -> Unit | None:
    """The unit in UCUM, from a lab's spelling of it (OBX-6.1)."""
    text = SPACED_POWER.sub(r"10*\1", unit.strip().translate(LETTERS).lower().replace("[iu]", "iu"))
    spelling = "/".join(SYNONYMS.get(part, part) for part in "".join(text.split()).split("/"))
    if not spelling or "".join(unit.split()) in AMBIGUOUS:
        return None
    if spelling in WHOLE:
        return Unit(*WHOLE[spelling])
    above, line, below = spelling.partition("/")
    return quotient(above, below) if line else measured(above)


def quotient(above: str, below: str) -> Unit | None:
    top, bottom = counted(above) or measured(above), measured(below)
    if not top or not bottom:
        return None
    kind = f"{top.kind}/{bottom.kind}"
    return Unit(f"{top.ucum}/{bottom.ucum}", kind, top.exponent - bottom.exponent)


def counted(spelling: str) -> Unit | None:
    power = POWER_OF_TEN.fullmatch(spelling)
    exponent = int(power[1]) if power else COUNTED.get(spelling)
    if exponent is None:
        return None
    return Unit(f"10*{exponent}" if exponent else "", "number", exponent)


def measured(spelling: str) -> Unit | None:
    for symbol, (ucum, prefixes) in MEASURED.items():
        prefix = spelling.removesuffix(symbol)
        if prefix != spelling and prefix in prefixes:
            return Unit(prefix + ucum, symbol, PREFIX_EXPONENTS[prefix])
    return None
