"""The position of a result, the lab's flags (HL7 table 0078) that state it, and its words."""

from enum import StrEnum


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


class Position(StrEnum):
    CRITICALLY_LOW = "critically_low"
    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"
    CRITICALLY_HIGH = "critically_high"
    EXPECTED = "expected"  # flagged N without a number
    ABNORMAL = "abnormal"  # flagged, direction not stated
    CRITICALLY_ABNORMAL = "critically_abnormal"
    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNCLEAR = "unclear"
    SUSCEPTIBLE = "susceptible"
    INTERMEDIATE = "intermediate"
    RESISTANT = "resistant"
    UNKNOWN = "unknown"


# "<" and ">" are absent: they say "off the instrument's scale", which is not "outside the range".
FLAGS = {
    "LL": Position.CRITICALLY_LOW,
    "LU": Position.CRITICALLY_LOW,
    "HH": Position.CRITICALLY_HIGH,
    "HU": Position.CRITICALLY_HIGH,
    "L": Position.BELOW,
    "H": Position.ABOVE,
    "AA": Position.CRITICALLY_ABNORMAL,
    "A": Position.ABNORMAL,
    "POS": Position.POSITIVE,
    "DET": Position.POSITIVE,
    "RR": Position.POSITIVE,
    "NEG": Position.NEGATIVE,
    "ND": Position.NEGATIVE,
    "NR": Position.NEGATIVE,
    "IND": Position.UNCLEAR,
    "E": Position.UNCLEAR,
    "WR": Position.UNCLEAR,
    "S": Position.SUSCEPTIBLE,
    "SDD": Position.SUSCEPTIBLE,
    "I": Position.INTERMEDIATE,
    "MS": Position.INTERMEDIATE,
    "R": Position.RESISTANT,
    "N": Position.WITHIN,
}
RANK = list(dict.fromkeys(FLAGS.values()))
LOW = frozenset({Position.BELOW, Position.CRITICALLY_LOW})
HIGH = frozenset({Position.ABOVE, Position.CRITICALLY_HIGH})
OUTSIDE = frozenset({Position.ABNORMAL, Position.CRITICALLY_ABNORMAL})


def flagged(flag: str) -> Position | None:
    """What OBX-8 states: with repetitions (`H~A`) the most telling; both L and H is outside."""
    codes = [each.split("^")[0].strip().upper() for each in flag.split("~")]
    found = {FLAGS[code] for code in codes if code in FLAGS}
    if found & LOW and found & HIGH:
        return Position.ABNORMAL
    return min(found, key=RANK.index, default=None)


def refined(said: Position, counted: Position) -> Position:
    """A plain "abnormal" gets its direction from the number, where the number has one."""
    if said not in OUTSIDE or counted not in LOW | HIGH:
        return said
    if said is Position.ABNORMAL:
        return counted
    return Position.CRITICALLY_LOW if counted in LOW else Position.CRITICALLY_HIGH


def side(position: Position) -> Position:
    if position in LOW:
        return Position.BELOW
    return Position.ABOVE if position in HIGH else position


def words(position: Position) -> str:
    """A plain sentence, as a msgid; "" where nothing can be said."""
    return WORDS[position]


WORDS = {
    Position.CRITICALLY_LOW: N_("Far lower than the lab's usual range"),
    Position.BELOW: N_("Lower than the lab's usual range"),
    Position.WITHIN: N_("In the lab's usual range"),
    Position.ABOVE: N_("Higher than the lab's usual range"),
    Position.CRITICALLY_HIGH: N_("Far higher than the lab's usual range"),
    Position.EXPECTED: N_("What the lab expects to see"),
    Position.ABNORMAL: N_("Different from what the lab expects to see"),
    Position.CRITICALLY_ABNORMAL: N_("Very different from what the lab expects to see"),
    Position.POSITIVE: N_("Positive: the lab found what it looked for"),
    Position.NEGATIVE: N_("Negative: the lab did not find what it looked for"),
    Position.UNCLEAR: N_("The lab could not give a clear yes or no"),
    Position.SUSCEPTIBLE: N_("This medicine should work against the germ"),
    Position.INTERMEDIATE: N_("This medicine may work against the germ"),
    Position.RESISTANT: N_("This medicine may not work against the germ"),
    Position.UNKNOWN: "",
}
