"""How often: repeat patterns of HL7 table 0335 (BID, Q6H, QAM, PRN) as FHIR Timing.repeat.

What is not in the table, or is written in a sentence, is left to the sender's words.
"""

import re
from typing import Any, NamedTuple

from portal.hl7_segments import Value

UNITS = {"S": "s", "M": "min", "H": "h", "D": "d", "W": "wk", "L": "mo"}
# CQ units as senders write them in RPT-6, RPT-10 and TQ1-6.
_WORDS = {"SEC": "s", "MIN": "min", "HR": "h", "DAY": "d", "DAYS": "d", "WK": "wk", "MO": "mo"}
_MINUTES = {"min": 1, "h": 60, "d": 1440}


def _daily(times: int = 1, *when: str) -> dict[str, Any]:
    made = {"frequency": times, "period": 1, "periodUnit": "d"}
    return made | ({"when": list(when)} if when else {})


PATTERNS: dict[str, dict[str, Any]] = {
    "DAILY": _daily(),
    "BID": _daily(2),
    "TID": _daily(3),
    "QID": _daily(4),
    "QSHIFT": _daily(3),
    "QAM": _daily(1, "MORN"),
    "QPM": _daily(1, "EVE"),
    "QHS": _daily(1, "HS"),
    "HS": {"when": ["HS"]},
    "QOD": {"frequency": 1, "period": 2, "periodUnit": "d"},
    "ONCE": {"count": 1},
}
_EVERY = re.compile(r"Q([1-9]\d{0,2})(?:-([1-9]\d{0,2}))?([SMHDWL])|Q()()([HDWL])", re.ASCII)
_TIMES_A_DAY = re.compile(r"([2-9]|1\d|2[0-4])ID", re.ASCII)
_WEEKDAYS = re.compile(r"Q([1-9]\d?)?J([1-7]{1,7})", re.ASCII)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MEAL = re.compile(r"[AP]C[MDV]?|C[MDV]", re.ASCII)  # a lone C is "continuously", not "at meals"
_EVENT = re.compile(r"HS|WAKE|C[MDV]?|[AP]C[MDV]?", re.ASCII)  # table 0528


class Pattern(NamedTuple):
    """`repeat` is {} when the pattern is not one of the table."""

    repeat: dict[str, Any]
    as_needed: bool


def pattern(said: str) -> Pattern:
    word = "".join(said.upper().split())
    bare = word.removeprefix("PRN").removesuffix("PRN")
    return Pattern(dict(_repeat(bare)), as_needed=bare != word)


def _repeat(word: str) -> dict[str, Any]:
    if word in PATTERNS:
        return PATTERNS[word]
    if found := _EVERY.fullmatch(word):
        low, high, unit = found.groups()[:3] if found[3] else found.groups()[3:]
        most = {"periodMax": int(high)} if high and int(high) > int(low) else {}
        return {"frequency": 1, "period": int(low or 1), "periodUnit": UNITS[unit]} | most
    if found := _TIMES_A_DAY.fullmatch(word):
        return _daily(int(found[1]))
    if found := _WEEKDAYS.fullmatch(word):
        days = [_DAYS[int(day) - 1] for day in sorted(set(found[2]))]
        return {"dayOfWeek": days, "period": int(found[1] or 1), "periodUnit": "wk"}
    return {"when": [word]} if _MEAL.fullmatch(word) else {}


def rpt(value: Value) -> Pattern:
    """TQ1-3: the pattern's code (RPT-1), else its period (5, 6); its event and offset (8-10)."""
    repeat, as_needed = pattern(value.text(1, 1))
    period, period_unit = value.text(5).strip(), unit(value.text(6, 1))
    if not repeat and re.fullmatch(r"[1-9]\d{0,3}", period, re.ASCII) and period_unit:
        repeat = {"frequency": 1, "period": int(period), "periodUnit": period_unit}
    return Pattern(repeat | _at_event(value), as_needed)


def _at_event(value: Value) -> dict[str, Any]:
    event, ahead = value.text(8).strip().upper(), value.text(9).strip()
    if not _EVENT.fullmatch(event):
        return {}
    minutes = _MINUTES.get(unit(value.text(10, 1)), 0)
    is_known = re.fullmatch(r"\d{1,4}", ahead, re.ASCII) and minutes and not event.startswith("C")
    return {"when": [event]} | ({"offset": int(ahead) * minutes} if is_known else {})


def unit(said: str) -> str:
    """FHIR UnitsOfTime; "" for what is none."""
    word = said.strip().upper()
    return UNITS.get(word) or _WORDS.get(word, "")
