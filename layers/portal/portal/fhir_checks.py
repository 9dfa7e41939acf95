"""What must be right of an entry before anything is stored: its type, its shape, its codes."""

import base64
import binascii
from collections import Counter

from portal import fhir, fhir_subjects, observations, statements
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.fhir_interactions import Request
from portal.fhir_outcomes import Refused, refused
from portal.fhir_requests import Push

# Codes a card is made by (FHIR R4 observation-status, diagnostic-report-status).
STATUSES = {
    "Observation": frozenset(observations.STATUS.values()) | {"unknown"},
    "DiagnosticReport": frozenset(statements.REPORT_RANKS),
}
# Shown to patients: taken back by a status, which says so, and never by vanishing.
_KEPT = frozenset({"DiagnosticReport", "Observation", "Patient"})


def checked(push: Push) -> Push:
    """Raises Refused when something is wrong with a transaction."""
    push = push.checked(_check)
    counts = Counter(_identity(each) for each in push.requests if each.named)
    seen = Counter(each.full_url for each in push.requests if each.full_url)

    def check_once(request: Request) -> None:
        if (request.named and counts[_identity(request)] > 1) or seen[request.full_url] > 1:
            words = "Another entry is about the same resource: send each one once."
            raise Refused(400, "duplicate", words, request.place)

    return push.checked(check_once)


def _identity(request: Request) -> tuple[str, str]:
    return request.resource_type, request.named


def _check(request: Request) -> None:
    kind, place = request.resource_type, request.place
    if kind not in fhir_subjects.ELEMENTS:
        words = "Resources of this type are no part of a patient's chart."
        raise Refused(422, "not-supported", words, place, Reason.UNSUPPORTED_TYPE)
    if request.method == "DELETE":
        _check_delete(request)
        return
    _check_names(request)
    try:
        fhir.validate(request.resource)
    except Unusable as error:
        raise refused(error, place) from None
    _check_status(request)
    _check_documents(request)


def _check_delete(request: Request) -> None:
    if request.resource_type in _KEPT:
        words = "Send it with the status entered-in-error instead: a patient may have seen it."
        raise Refused(405, "not-supported", words, request.place)


def _check_names(request: Request) -> None:
    resource, place = request.resource, request.place
    if resource.get("resourceType") != request.resource_type:
        words = "Send a resource of the type that the request names."
        raise Refused(400, "invalid", words, f"{place}.resource")
    named = resource.get("id", request.named)
    if request.named and named != request.named:
        words = "Give the resource the id that the request names."
        raise Refused(400, "invalid", words, f"{place}.resource.id")


def _check_status(request: Request) -> None:
    known, resource = STATUSES.get(request.resource_type), request.resource
    if known and resource.get("status") not in known:
        words = "Send a status of FHIR R4."
        place = f"{request.place}.resource.status"
        raise Refused(422, "code-invalid", words, place, Reason.INVALID_FHIR)
    if known and "code" not in resource:
        place = f"{request.place}.resource.code"
        raise Refused(422, "required", "Say what it is of.", place, Reason.INVALID_FHIR)


def _check_documents(request: Request) -> None:
    for number, each in enumerate(request.resource.get("presentedForm", ())):
        if "data" in each and _decoded(each) is None:
            words = "Send the document in Base64."
            place = f"{request.place}.resource.presentedForm[{number}].data"
            raise Refused(422, "value", words, place, Reason.INVALID_FHIR)


def _decoded(attachment: Resource) -> bytes | None:
    try:
        return base64.b64decode("".join(attachment["data"].split()), validate=True)
    except binascii.Error:
        return None
