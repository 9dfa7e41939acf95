"""A card in the reader's words. What the lab sent is passed through untouched (law 6)."""

from collections.abc import Callable
from functools import cache, partial

from functions.results import germs, readings
from functions.results.views import ResultLine, ResultView
from functions.results.wording import CONDITIONS, KINDS, STATUS, WRONG_PATIENT

from portal import analytes, earlier_values, pages, seen
from portal.access import Caller
from portal.cards import Card
from portal.earlier_values import History, Key, Value
from portal.placing import placed
from portal.published import Summary
from portal.scopes import Scope

type Words = Callable[[str], str]


def line(summary: Summary, language: str) -> ResultLine:
    word = pages.words(language)
    return ResultLine(
        report_id=summary.report_id,
        title=analytes.title(summary.panel_code, summary.lab_title, word),
        lab_title=summary.lab_title,
        status=summary.status.value,
        status_words=word(STATUS[summary.status][0]),
        collected_at=summary.collected_at,
        released_at=summary.released_at,
        ordered_by=summary.ordered_by,
        readings=summary.readings,
        outside=summary.outside,
    )


def of(caller: Caller, card: Card, earlier: int) -> ResultView:
    word = pages.words(caller.language)
    told = history_of(caller)
    views = [readings.view(caller, card, each, earlier, told) for each in card.readings]
    meaning = WRONG_PATIENT if card.is_wrong_patient else STATUS[card.status][1]
    return ResultView(
        title=analytes.title(card.panel_code, card.lab_title, word),
        status_words=word(STATUS[card.status][0]),
        status_meaning=word(meaning),
        outside=sum(placed(reading).is_outside for reading in card.readings),
        readings=germs.gathered(card, views, word),
        card=card,
        kind_words="" if card.is_wrong_patient else word(KINDS[card.kind]),
        growth_words=germs.growth(card, word),
        condition_words=_condition(card, word),
    )


def history_of(caller: Caller) -> History:
    """What each report that the reader may see says now; every card is read once for a page."""
    sees = partial(caller.may_see, Scope.READ_RESULTS)

    @cache
    def values_of(report_id: str) -> dict[Key, Value]:
        card = seen.card(sees, caller.patient_id, report_id)
        return earlier_values.values(card) if card else {}

    return earlier_values.history(caller.patient_id, values_of)


def _condition(card: Card, word: Words) -> str:
    said = filter(None, card.specimen_condition.split(", "))
    return ", ".join(word(CONDITIONS.get(each, "")) or each for each in said)
