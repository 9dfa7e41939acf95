"""A culture as one thing: what grew, and which medicines work against it."""

import re
from collections.abc import Callable

from functions.results.views import ReadingView

from portal import cultures, positions
from portal.cards import Card, CardStatus, Reading, ReportKind, Role
from portal.positions import Position

type Words = Callable[[str], str]


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


NOTHING_YET = N_("Nothing has grown so far.")
NOTHING = N_("Nothing grew.")
OPEN = {CardStatus.PRELIMINARY, CardStatus.REGISTERED}
# HL7 table 0078; the meanings are those of CLSI, as the table quotes them.
RATINGS = {
    "S": (N_("Susceptible"), positions.words(Position.SUSCEPTIBLE)),
    "VS": (N_("Susceptible"), positions.words(Position.SUSCEPTIBLE)),
    "SDD": (
        N_("Susceptible at a higher dose"),
        N_("This medicine may work against the germ when the dose is high enough"),
    ),
    "I": (N_("Intermediate"), positions.words(Position.INTERMEDIATE)),
    "MS": (N_("Intermediate"), positions.words(Position.INTERMEDIATE)),
    "R": (N_("Resistant"), positions.words(Position.RESISTANT)),
    "NS": (N_("Not susceptible"), positions.words(Position.RESISTANT)),
    "SYN-S": (
        N_("Susceptible together"),
        N_("This medicine should work together with another one"),
    ),
    "SYN-R": (
        N_("Resistant together"),
        N_("This medicine may not work together with another one"),
    ),
    "IE": (N_("Not known"), N_("The lab cannot say if this medicine works against the germ")),
}
_METHOD = re.compile(r"\s*(?:\[Susc[^\]]*\].*|\b(?:Susc )?Islt\b.*|\bMIC)$", re.IGNORECASE)


def gathered(card: Card, views: list[ReadingView], word: Words) -> list[ReadingView]:
    """Susceptibilities and counts below their germ; all else as it is."""
    by_key = dict(zip((each.key for each in card.readings), views, strict=True))
    top: list[ReadingView] = []
    for reading, view in zip(card.readings, views, strict=True):
        germ = by_key.get(reading.parent)
        if germ is not None and germ is not view:
            germ.members.append(view.model_copy(update=_rated(reading, word)))
        else:
            top.append(view)
    for reading in card.readings:
        view = by_key[reading.key]
        view.role = Role.GERM if view.members or _grew(card, reading) else Role.NONE
    return top


def growth(card: Card, word: Words) -> str:
    """Said only of a culture whose result begins with it, and where no germ is named."""
    if card.kind is not ReportKind.CULTURE or any(_grew(card, each) for each in card.readings):
        return ""
    if not any(cultures.is_no_growth(each.value) for each in card.readings):
        return ""
    return word(NOTHING_YET if card.status in OPEN else NOTHING)


def _grew(card: Card, reading: Reading) -> bool:
    is_germ = card.kind is ReportKind.CULTURE and reading.role is Role.GERM
    is_named = bool(reading.value) and not reading.is_narrative
    return is_germ and is_named and not cultures.is_no_growth(reading.value)


def _rated(reading: Reading, word: Words) -> dict[str, str]:
    rating = cultures.susceptibility(reading.flag, reading.value)
    label, meaning = RATINGS.get(rating, ("", ""))
    return {
        "role": reading.role.value,
        "medicine": _METHOD.sub("", reading.lab_name) or reading.lab_name,
        "rating": rating,
        "rating_words": word(label),
        "rating_meaning": word(meaning),
    }
