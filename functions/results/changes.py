"""What a correction changed, in the reader's words; values stay as the lab sent them."""

from collections.abc import Callable
from typing import Any

from functions.results.views import Change, EarlierVersion

from portal.cards import Earlier, Reading

EARLY = frozenset("PRSIO")

type Words = Callable[[str], str]


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


CORRECTED = N_("The lab changed this result.")
NO_LONGER_EARLY = N_("The lab changed the early result.")
LABELS = {
    "text": N_("Text"),
    "value": N_("Value"),
    "unit": N_("Unit"),
    "reference_range": N_("Lab's range"),
    "flag": N_("Lab's flag"),
}


def of(reading: Reading, word: Words, status_words: Callable[[str], str]) -> dict[str, Any]:
    """The fields of a ReadingView about its earlier versions; {} when there are none."""
    if not reading.earlier:
        return {}
    before = reading.earlier[0]
    return {
        "changed_at": reading.reported_at,
        "change_words": word(NO_LONGER_EARLY if before.status in EARLY else CORRECTED),
        "changes": list(_changes(reading, before, word)),
        "reasons": reading.reasons,
        "versions": [_version(each, status_words) for each in reading.earlier],
    }


def _changes(reading: Reading, before: Earlier, word: Words) -> list[Change]:
    names = ("value", "unit", "reference_range", "flag")
    pairs = {name: (getattr(before, name), getattr(reading, name)) for name in names}
    pairs["value"] = (_measured(before), _measured(reading))
    changed = {name for name in names if getattr(before, name) != getattr(reading, name)}
    if reading.is_narrative and "value" in changed:
        return [Change(label=word(LABELS["text"]), before="", now="")]
    return [
        Change(label=word(LABELS[name]), before=pairs[name][0], now=pairs[name][1])
        for name in names
        if name in changed
    ]


def _measured(said: Reading | Earlier) -> str:
    return f"{said.value} {said.unit}".strip()


def _version(before: Earlier, status_words: Callable[[str], str]) -> EarlierVersion:
    return EarlierVersion(
        value=before.value,
        unit=before.unit,
        reference_range=before.reference_range,
        flag=before.flag,
        status_words=status_words(before.status),
        reported_at=before.reported_at,
    )
