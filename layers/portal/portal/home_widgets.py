"""The parts of home, in the order of who never chose one. A room that has something for home adds
its name and words here, and what it shows in `functions.home.widgets`."""

from collections.abc import Iterable
from enum import StrEnum


class Widget(StrEnum):
    RESULTS = "results"
    VISITS = "visits"
    MEDICINES = "medicines"
    BILLS = "bills"
    GOALS = "goals"
    FAMILY = "family"
    CONSENTS = "consents"
    SECURITY = "security"
    INTERPRETER = "interpreter"


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


WORDS: dict[Widget, str] = {
    Widget.RESULTS: N_("New results"),
    Widget.VISITS: N_("Your next visits"),
    Widget.MEDICINES: N_("Your medicines"),
    Widget.BILLS: N_("Your bills"),
    Widget.GOALS: N_("Your goals"),
    Widget.FAMILY: N_("Who can see your record"),
    Widget.CONSENTS: N_("Your choices"),
    Widget.SECURITY: N_("Safety of your account"),
    Widget.INTERPRETER: N_("Your interpreter"),
}


def ordered(chosen: Iterable[str]) -> list[Widget]:
    """All of them: what was named first, and what came to the portal since then after it."""
    known = [Widget(each) for each in chosen if each in Widget]
    return list(dict.fromkeys((*known, *Widget)))
