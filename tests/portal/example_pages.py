"""Every page with something on it. Text that comes from data carries DATA, so that a test can tell
it from the template's own words."""

from collections.abc import Callable

from functions.home.views import Bill, Goal, HomeView, Medicine, NewResult, NextVisit, WidgetView
from functions.results.views import (
    Change,
    EarlierValue,
    EarlierVersion,
    ReadingView,
    ResultLine,
    ResultsView,
    ResultView,
)
from functions.sign_in.views import AskView, ConfirmView, SentView, SignedOutView

from portal.answers import ProblemView
from portal.cards import Card, CardStatus, Document
from portal.model import Model
from portal.placing import NOT_AS_USUAL

DATA = "§"
PICTURE = (
    f'<svg role="img" viewBox="0 0 240 28" aria-label="{DATA} 112 mg/dL"><rect class="rp-track" '
    'width="240" height="8"/><rect class="rp-band" x="60" width="120" height="8"/></svg>'
)
AT = "2026-11-18T08:10:00-05:00"


def a_reading(text: str = DATA, **fields: object) -> ReadingView:
    earlier = [
        EarlierValue(value=f"{n}.4", unit=text, observed_at=f"202{n}-03-01", same_unit=n != 3)
        for n in range(1, 5)
    ]
    dull: dict[str, object] = {
        "everyday_name": f"Blood sugar {text}",
        "lab_name": f"Glucose {text}",
        "loinc": "2345-7",
        "value": "112",
        "unit": f"mg/dL {text}",
        "reference_range": f"70-99 {text}",
        "flag": "H",
        "flag_words": f"high {text}",
        "position": "above",
        "position_words": f"above {text}",
        "status_words": "",
        "about": f"About sugar. {text}",
        "meaning": f"It may be breakfast. {text}",
        "is_narrative": False,
        "notes": (f"Fasting {text}",),
        "observed_at": AT,
        "earlier": earlier,
        "picture": PICTURE,
        "trend": PICTURE,
    }
    asked = dull | fields
    side = asked["position"] in {each.value for each in NOT_AS_USUAL}
    return ReadingView.model_validate({"is_outside": side} | asked)


def a_narrative(text: str = DATA) -> ReadingView:
    return a_reading(text, everyday_name="", about="", is_narrative=True, value=f"A\n  B {text}")


def an_unknown_test(text: str = DATA) -> ReadingView:
    return a_reading(text, everyday_name="", about="", meaning="", earlier=[], position="unknown")


def a_corrected(text: str = DATA) -> ReadingView:
    before = EarlierVersion(
        value=f"905 {text}",
        unit=text,
        reference_range=text,
        flag=text,
        status_words=text,
        reported_at=AT,
    )
    return a_reading(
        text,
        changed_at=AT,
        change_words=f"Changed {text}",
        changes=[
            Change(label=text, before=f"905 {text}", now=f"112 {text}"),
            Change(label=text, before="", now=""),
        ],
        reasons=(f"Fasting {text}",),
        versions=[before, before],
    )


def a_germ(text: str = DATA) -> ReadingView:
    medicine = a_corrected(text).model_copy(
        update={
            "role": "susceptibility",
            "medicine": f"Ampicillin {text}",
            "rating": "R",
            "rating_words": f"Resistant {text}",
            "rating_meaning": f"May not work {text}",
        }
    )
    unrated = medicine.model_copy(update={"rating_words": "", "value": "", "changes": []})
    members = [a_reading(text, role="count"), medicine, unrated]
    return a_reading(text, role="germ", value=f"Escherichia coli {text}", members=members)


def a_card(text: str = DATA) -> Card:
    document = Document(
        document_id="d1", title=f"Report {text}", content_type="application/pdf", size_bytes=84_000
    )
    return Card(
        report_id="r1",
        lab_title=f"BMP {text}",
        status=CardStatus.CORRECTED,
        sender=text,
        ordered_by=f"Dr. Okafor {text}",
        performing_lab=f"LabOne {text}",
        performing_lab_address=f"1 Road {text}",
        collected_at=AT,
        resulted_at=AT,
        released_at=AT,
        documents=(document,),
        notes=(f"Hemolyzed {text}",),
    )


def a_result(*readings: ReadingView, text: str = DATA, outside: int = 2) -> ResultView:
    return ResultView(
        title=f"Panel {text}",
        status_words=f"Corrected {text}",
        status_meaning=f"The lab changed it {text}",
        outside=outside,
        readings=list(readings),
        card=a_card(text),
    )


def results(text: str = DATA, outside: int = 2) -> ResultsView:
    line = ResultLine(
        report_id="r1",
        title=f"Panel {text}",
        lab_title=f"BMP {text}",
        status="final",
        status_words=f"Final {text}",
        collected_at=AT,
        released_at=AT,
        ordered_by=f"Dr. Okafor {text}",
        readings=8,
        outside=outside,
    )
    return ResultsView(results=[line, line], next="cursor==")


DAY = "2031-02-01"


def home(text: str = DATA) -> HomeView:
    new = NewResult(
        report_id="r1", title=text, status_words=text, released_at="2026-11-19T14:22:15Z", outside=1
    )
    days = [("2026-11-22T14:22:15Z", 0), ("2026-11-23T14:22:15Z", 1), ("2027-01-01T09:00:00Z", 40)]
    visits = [
        NextVisit(
            starts_at=at,
            days=day,
            kind=text,
            as_sent=text,
            with_whom=text,
            where=text,
            instruction=text,
            is_sure=day > 1,
        )
        for at, day in days
    ]
    medicines = [
        Medicine(name=f"{text} {left}", directions=text, refills_left=left)
        for left in (*range(19), None)
    ]
    parts = [
        WidgetView(name="results", words=text, results=[new]),
        WidgetView(name="visits", words=text, visits=visits),
        WidgetView(name="medicines", words=text, medicines=medicines),
        WidgetView(name="bills", words=text, bills=[Bill(on=DAY, amount="120", currency="USD")]),
        WidgetView(name="goals", words=text, goals=[Goal(words=text, due_on=DAY)]),
    ]
    return HomeView(
        given_name=f"Rosa {text}", is_demo=True, latest=[new], widgets=parts, may_arrange=True
    )


def problem(text: str = DATA) -> ProblemView:
    return ProblemView(
        kind="not-found", status=404, title=f"Gone {text}", what_to_do=text, request_id=text
    )


def a_panel(text: str = DATA) -> ResultView:
    return a_result(a_reading(text), a_narrative(text), an_unknown_test(text), text=text)


def all_within(text: str = DATA) -> ResultView:
    reading = a_reading(text, position="within", flag="", meaning="")
    return a_result(reading, reading, text=text, outside=0)


def a_culture(text: str = DATA) -> ResultView:
    found = a_result(a_germ(text), a_germ(text), a_corrected(text), text=text)
    return found.model_copy(update={"kind_words": text, "growth_words": text})


def taken_back(text: str = DATA) -> ResultView:
    reasons = {"reasons": (f"Hemolyzed {text}",), "taken_back": (f"Sodium {text}", "")}
    card = a_card(text).model_copy(update=reasons)
    narrative = a_corrected(text).model_copy(update={"is_narrative": True, "is_unreadable": True})
    return a_result(narrative, text=text, outside=0).model_copy(update={"card": card})


EXAMPLES: dict[str, tuple[str, Callable[[str], Model]]] = {
    "home": ("home/home.html", home),
    "first-visit": ("home/home.html", lambda _: HomeView(given_name="", is_demo=True, latest=[])),
    "results": ("results/list.html", results),
    "no-results": ("results/list.html", lambda _: ResultsView(results=[])),
    "panel": ("results/view.html", a_panel),
    "all-within": ("results/view.html", all_within),
    "one-outside": ("results/view.html", lambda t: a_result(a_reading(t), text=t, outside=1)),
    "culture": ("results/view.html", a_culture),
    "taken-back": ("results/view.html", taken_back),
    "bare": ("results/view.html", lambda t: a_result(text=t, outside=0)),
    "ask": ("sign_in/ask.html", lambda t: AskView(address=t, errors={"address": t})),
    "ask-idle": ("sign_in/ask.html", lambda _: AskView(because="idle")),
    "ask-needed": ("sign_in/ask.html", lambda _: AskView(because="needed")),
    "ask-out": ("sign_in/ask.html", lambda _: AskView(because="signed-out")),
    "sent": ("sign_in/sent.html", lambda t: SentView(minutes=10, address=t)),
    "confirm": ("sign_in/confirm.html", lambda t: ConfirmView(token=t, needs_code=False)),
    "code": (
        "sign_in/confirm.html",
        lambda t: ConfirmView(token=t, needs_code=True, errors={"code": t}),
    ),
    "signed-out": ("sign_in/signed_out.html", lambda _: SignedOutView(everywhere=False)),
    "out-everywhere": ("sign_in/signed_out.html", lambda _: SignedOutView(everywhere=True)),
    "problem": ("errors/problem.html", problem),
}
