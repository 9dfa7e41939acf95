"""What HTTP itself must get right before a FHIR push is read, and the form of every answer."""

import re
from dataclasses import dataclass
from email.message import Message as MimeHeader
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from functions.ehr.transport import MAX_BYTES, Push

from portal import audit, credentials, fhir, fhir_documents, fhir_outcomes
from portal.access import Visitor
from portal.answers import Bytes
from portal.audit import Event, Outcome
from portal.fhir import Resource
from portal.fhir_outcomes import Issue, Refused
from portal.moments import parsed
from portal.settings import settings

FHIR = "application/fhir+json"
TAKEN_TYPES = (FHIR, "application/json")
# Refused in FHIR's own words, and not as a page: what FHIR clients send by mistake, or nothing.
OTHER_TYPES = (
    "application/fhir+xml",
    "application/xml",
    "text/xml",
    "application/json+fhir",
    "text/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "",
)
CONTENT_TYPES = [*TAKEN_TYPES, *OTHER_TYPES]
_REFUSED = re.compile(r"q=0(\.0*)?")
VERSIONS = frozenset({"4.0", "4.3"})  # R4 and R4B


@dataclass(frozen=True)
class Fault:
    """`why` is for the audit trail."""

    status: int
    why: str
    issue: Issue


def _fault(status: int, why: str, code: str, words: str) -> Fault:
    return Fault(status, why, Issue(code=code, words=words))


UNKNOWN_CREDENTIAL = _fault(401, "unknown-credential", "login", "Send a valid bearer credential.")
NOT_ALLOWED = _fault(403, "not-allowed", "forbidden", "This credential may not push FHIR.")
TOO_LARGE = _fault(413, "too-large", "too-long", "Send at most 5 MB in one request.")
NOT_FHIR = _fault(400, "not-fhir", "structure", "Send a FHIR resource in JSON.")
ENCODED = _fault(415, "encoded", "not-supported", "Send it without a Content-Encoding.")
OTHER_TYPE = _fault(415, "other-type", "not-supported", f"Send {FHIR}.")
OTHER_VERSION = _fault(415, "other-version", "not-supported", "Send FHIR R4: fhirVersion=4.0.")
OTHER_ACCEPT = _fault(406, "other-accept", "not-supported", f"Accept {FHIR}.")


def fault(push: Push, sender: credentials.Sender) -> Fault | None:
    if not sender.may_push_fhir:
        return NOT_ALLOWED
    content_type = _header(push.headers.get("content-type", ""))
    if content_type.get_content_type() not in TAKEN_TYPES:
        return OTHER_TYPE
    if content_type.get_param("fhirVersion", "4.0") not in VERSIONS:
        return OTHER_VERSION
    if push.headers.get("content-encoding", "identity").strip().lower() != "identity":
        return ENCODED
    if not _is_accepted(push.headers.get("accept", "*/*")):
        return OTHER_ACCEPT
    if len(push.body) > MAX_BYTES:
        return TOO_LARGE
    return None if fhir_documents.is_fhir(push.body) else NOT_FHIR


def _header(text: str) -> MimeHeader:
    header = MimeHeader()
    header["content-type"] = text or "text/plain"
    return header


def _is_accepted(accept: str) -> bool:
    ranges = [each.partition(";") for each in accept.lower().split(",")]
    wanted = {name.strip() for name, _, parts in ranges if not _REFUSED.fullmatch(parts.strip())}
    return bool(wanted & {*TAKEN_TYPES, "application/*", "*/*", ""})


def answered(status: int, resource: Resource, headers: dict[str, str] | None = None) -> Bytes:
    return Bytes(f"{FHIR}; charset=utf-8", fhir.dumps(resource).encode(), status, headers or {})


def refused(visitor: Visitor, found: Fault) -> Bytes:
    audit.record(Event.MESSAGE_REFUSED, visitor, why=found.why, outcome=Outcome.REFUSED)
    headers = {"WWW-Authenticate": "Bearer"} if found.status == 401 else {}
    return answered(found.status, fhir_outcomes.operation_outcome([found.issue]), headers)


def put_aside(visitor: Visitor, refusal: Refused, raw_id: str) -> Bytes:
    """Refused for what it says: it waits in quarantine, and the sender is told why."""
    note(visitor, refusal, raw_id)
    return answered(refusal.status, fhir_outcomes.operation_outcome(refusal.issues))


def note(visitor: Visitor, refusal: Refused, raw_id: str) -> None:
    why = refusal.reason.value
    audit.record(Event.MESSAGE_REFUSED, visitor, about=raw_id, why=why, outcome=Outcome.REFUSED)
    if refusal.status != HTTPStatus.PRECONDITION_FAILED:
        metric = partial(single_metric, "Quarantined", MetricUnit.Count, 1, namespace="Portal")
        with metric(default_dimensions={"service": "portal"}):
            pass


def written(outcome: fhir_outcomes.Outcome, patient_id: str, *, is_minimal: bool) -> Bytes:
    """The answer to a single resource (FHIR R4 http.html#create)."""
    headers = {"Location": f"{settings().portal_url}/ehr/fhir/{outcome.location(patient_id)}"}
    if outcome.version_id:
        headers["ETag"] = fhir_outcomes.etag(outcome.version_id)
    if moment := parsed(outcome.at):
        headers["Last-Modified"] = format_datetime(moment, usegmt=True)
    if is_minimal:
        return Bytes(f"{FHIR}; charset=utf-8", b"", outcome.status, headers)
    return answered(outcome.status, fhir_outcomes.informed("It is stored."), headers)
