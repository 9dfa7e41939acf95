"""What each part of home shows: one function a part, None where it has nothing to say. A room that
has something for home adds its part here and in `portal.home_widgets`."""

from collections.abc import Callable
from functools import partial

from functions.home import bills, family, goals, medicines, visits
from functions.home.views import InterpreterNews, NewResult, WidgetView

from portal import (
    analytes,
    consent_rules,
    consents,
    factors,
    home_widgets,
    interpreters,
    pages,
    recovery_codes,
    seen,
    seen_marks,
    wordings,
)
from portal.access import Caller
from portal.cards import CardStatus
from portal.consent_rules import State
from portal.home_widgets import N_, WORDS, Widget
from portal.methods import Method
from portal.moments import now
from portal.patients import Patient
from portal.preferences import Preferences
from portal.published import Summary
from portal.scopes import Scope

LATEST = 3
LOOKED_AT = 20  # of the newest results, for those not opened yet
FEW_CODES = 3
ASKED_AGAIN = frozenset({State.ASKED_AGAIN, State.OVER, State.ELSEWHERE})
DAILY = frozenset({Method.PASSKEY, Method.TOTP, Method.SMS_CODE})

OF_ANOTHER = {
    Widget.RESULTS: N_("Newest results"),
    Widget.VISITS: N_("Next visits"),
    Widget.MEDICINES: N_("Medicines"),
}

type Part = Callable[[Caller, Patient], dict[str, object] | None]


def shown(caller: Caller, patient: Patient, chosen: Preferences) -> list[WidgetView]:
    """In the reader's order, without what they hid."""
    ordered = home_widgets.ordered(chosen.widgets)
    wanted = {each: WORDS[each] for each in ordered if each not in chosen.hidden}
    return _made(caller, patient, wanted)


def of_another(caller: Caller, patient: Patient) -> list[WidgetView]:
    """What is about the account is its owner's: of another's record, what was sent for it."""
    return _made(caller, patient, OF_ANOTHER)


def _made(caller: Caller, patient: Patient, wanted: dict[Widget, str]) -> list[WidgetView]:
    word = pages.words(caller.language)
    found = ((each, words, PARTS[each](caller, patient)) for each, words in wanted.items())
    return [
        WidgetView.model_validate({"name": each, "words": word(words)} | part)
        for each, words, part in found
        if part is not None
    ]


def latest(caller: Caller) -> list[NewResult]:
    """Those that this reader has not opened first, each newest first."""
    sees = partial(caller.may_see, Scope.READ_RESULTS)
    summaries = seen.results(sees, caller.patient_id, LOOKED_AT)[0]
    unread = seen_marks.unseen(caller.subject_id, caller.patient_id, summaries)
    first = sorted(summaries, key=lambda each: each.report_id not in unread)[:LATEST]
    return [new_result(each, caller.language, each.report_id in unread) for each in first]


def new_result(summary: Summary, language: str, is_new: bool = False) -> NewResult:
    word = pages.words(language)
    return NewResult(
        report_id=summary.report_id,
        title=analytes.title(summary.panel_code, summary.lab_title, word),
        status_words=status_words(summary, word),
        released_at=summary.released_at,
        outside=summary.outside,
        is_new=is_new,
    )


def status_words(summary: Summary, _: Callable[[str], str]) -> str:
    """A status is named where it is not what a reader expects."""
    if summary.status is CardStatus.CORRECTED:
        return _("Corrected")
    return _("Withdrawn") if summary.status is CardStatus.WITHDRAWN else ""


def _results(caller: Caller, _patient: Patient) -> dict[str, object] | None:
    """Always there: also that there are none is an answer."""
    return {"results": latest(caller) if caller.may(Scope.READ_RESULTS) else []}


def _visits(caller: Caller, patient: Patient) -> dict[str, object] | None:
    found = visits.ahead(caller, patient) if caller.may(Scope.READ_APPOINTMENTS) else []
    return {"visits": found} if found else None


def _medicines(caller: Caller, patient: Patient) -> dict[str, object] | None:
    found = medicines.of(caller, patient) if caller.may(Scope.READ_MEDICATIONS) else []
    return {"medicines": found} if found else None


def _bills(caller: Caller, patient: Patient) -> dict[str, object] | None:
    found = bills.of(patient) if caller.may(Scope.READ_BILLS) else []
    return {"bills": found} if found else None


def _goals(caller: Caller, patient: Patient) -> dict[str, object] | None:
    found = goals.of(patient) if caller.may(Scope.READ_HEALTH) else []
    return {"goals": found} if found else None


def _consents(_caller: Caller, patient: Patient) -> dict[str, object] | None:
    answered = consents.history(patient.patient_id)
    asked = wordings.current(consents.region(), now().date()) if answered else {}
    again = 0
    for purpose, wording in asked.items():
        last = next(iter(answered.get(purpose, [])), None)
        contact = consents.contact_of(patient, wording.contact)
        agreed = consents.agreed_to(last)
        again += consent_rules.state_of(last, agreed, wording, contact, now()) in ASKED_AGAIN
    return {"consents": again} if again else None


def _security(_caller: Caller, patient: Patient) -> dict[str, object] | None:
    found = factors.of(patient.patient_id)
    daily = [each for each in found if each.kind in DAILY and each.is_open]
    papers = [each for each in found if each.kind is Method.RECOVERY_CODE and each.is_open]
    left = sum(map(recovery_codes.left, papers))
    said = {
        "locked": any(not each.is_open for each in found),
        "one-way": len(daily) == 1 and not papers,
        "no-codes": bool(papers) and left == 0,
        "few-codes": bool(papers) and 0 < left <= FEW_CODES,
    }
    lines = [name for name, is_so in said.items() if is_so]
    return {"security": lines} if lines else None


def _interpreter(_caller: Caller, patient: Patient) -> dict[str, object] | None:
    open_ones = (each for each in interpreters.of(patient.patient_id) if each.state != "closed")
    asked = next(open_ones, None)
    if asked is None:
        return None
    news = InterpreterNews(state=asked.state, due_at=asked.due_at, is_late=asked.is_overdue)
    return {"interpreter": news}


PARTS: dict[Widget, Part] = {
    Widget.RESULTS: _results,
    Widget.VISITS: _visits,
    Widget.MEDICINES: _medicines,
    Widget.BILLS: _bills,
    Widget.GOALS: _goals,
    Widget.FAMILY: family.news,
    Widget.CONSENTS: _consents,
    Widget.SECURITY: _security,
    Widget.INTERPRETER: _interpreter,
}
