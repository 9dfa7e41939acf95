"""Lab results: the list, one card in plain words, and the documents that came with it."""

from functools import partial
from typing import Annotated

from functions.results import plain_words
from functions.results.views import ResultsView, ResultView
from pydantic import Field

from portal import audit, patients, published, seen, seen_marks
from portal.access import Caller
from portal.answers import Answer, Bytes
from portal.audit import Event
from portal.cards import Card
from portal.errors import NotFound
from portal.model import Model
from portal.scopes import Scope
from portal.web import Room

app = Room("results")

PAGE_LENGTH = 20
EARLIER_VALUES = 8
SANDBOX = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

ReportId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class ListAsk(Model):
    before: str = Field(default="", max_length=80)


@app.action("GET", "/results", ask=ListAsk, view=ResultsView, needs=Scope.READ_RESULTS)
def list_results(caller: Caller, ask: ListAsk) -> Answer:
    """List the patient's results, newest first."""
    audit.record(Event.RESULTS_LISTED, caller)
    sees = partial(caller.may_see, Scope.READ_RESULTS)
    summaries, cursor = seen.results(sees, caller.patient_id, PAGE_LENGTH, ask.before)
    lines = [plain_words.line(summary, caller.language) for summary in summaries]
    view = ResultsView(results=lines, next=cursor, has_record=bool(lines) or has_record(caller))
    return Answer(view, "results/list.html", is_kept=True)


def has_record(caller: Caller) -> bool:
    patient = patients.with_id(caller.patient_id)
    return patient is None or patient.has_record


class ViewAsk(Model):
    report_id: ReportId


@app.action("GET", "/results/{report_id}", ask=ViewAsk, view=ResultView, needs=Scope.READ_RESULTS)
def view(caller: Caller, ask: ViewAsk) -> Answer:
    """Show one result as a card in plain words, with earlier values."""
    card = shown_card(caller, ask.report_id)
    audit.record(Event.RESULT_VIEWED, caller, about=card.report_id)
    if not caller.is_preview:
        seen_marks.mark(caller.subject_id, caller.patient_id, card)
    view = plain_words.of(caller, card, EARLIER_VALUES)
    return Answer(view, "results/view.html", is_kept=True)


def shown_card(caller: Caller, report_id: str) -> Card:
    """A hidden card and a missing one are the same 404; the try is recorded."""
    sees = partial(caller.may_see, Scope.READ_RESULTS)
    card = seen.card(sees, caller.patient_id, report_id)
    if card is None:
        audit.record(Event.RESULT_VIEWED, caller, about=report_id, outcome=audit.Outcome.REFUSED)
        raise NotFound
    return card


class DocumentAsk(Model):
    report_id: ReportId
    document_id: ReportId


@app.action(
    "GET", "/results/{report_id}/documents/{document_id}", ask=DocumentAsk, needs=Scope.READ_RESULTS
)
def document(caller: Caller, ask: DocumentAsk) -> Bytes:
    """Download a document the lab sent with a result, unless the lab took it back."""
    card = shown_card(caller, ask.report_id)
    about = f"{card.report_id}/{ask.document_id}"
    is_on_card = any(each.document_id == ask.document_id for each in card.documents)
    found = published.document(caller.patient_id, card.report_id, ask.document_id)
    if found is None or not is_on_card:
        audit.record(Event.DOCUMENT_VIEWED, caller, about=about, outcome=audit.Outcome.REFUSED)
        raise NotFound
    audit.record(Event.DOCUMENT_VIEWED, caller, about=about)
    return download(*found, name=ask.document_id[:8])


def download(content_type: str, body: bytes, name: str) -> Bytes:
    """Only a PDF opens in the browser. Anything else is saved, and never runs as a page of ours."""
    is_pdf = content_type == "application/pdf" and body.startswith(b"%PDF-")
    how = f'inline; filename="result-{name}.pdf"' if is_pdf else f'attachment; filename="{name}"'
    kind = content_type if is_pdf else "application/octet-stream"
    headers = {"Content-Disposition": how}
    if not is_pdf:
        headers["Content-Security-Policy"] = SANDBOX
    return Bytes(kind, body, headers=headers)
