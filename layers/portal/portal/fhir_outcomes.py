"""What a FHIR push is answered with: OperationOutcomes, and the response of each entry.

Words name elements and say what to do; they never quote what stands in a resource.
"""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.model import Frozen


class Issue(Frozen):
    """`code` is of FHIR's issue-type; `place` a FHIRPath: "Bundle.entry[3].resource"."""

    code: str
    words: str
    place: str = ""


class Refused(Exception):
    """`status` is HTTP's; `reason` is what a kept body waits in quarantine for. `waits_for`:
    index keys of patients, any of which would let it go on."""

    def __init__(
        self,
        status: int,
        code: str,
        words: str,
        place: str = "",
        reason: Reason = Reason.BAD_VALUE,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.reason = reason
        self.issues: tuple[Issue, ...] = (Issue(code=code, words=words, place=place),)
        self.waits_for: tuple[str, ...] = ()

    @property
    def unusable(self) -> Unusable:
        """For the workflow, which puts messages aside."""
        detail = " ".join(f"{each.place}: {each.words}".lstrip(": ") for each in self.issues[:3])
        return Unusable(self.reason, detail, self.waits_for)


def together(faults: Iterable[Refused]) -> Refused:
    """At least one. The first one's status, and everybody's issues."""
    first, *others = faults
    first.issues = (*first.issues, *(issue for each in others for issue in each.issues))
    return first


CODES = {
    Reason.PATIENT_UNMATCHED: "not-found",
    Reason.PATIENT_MISMATCH: "business-rule",
    Reason.NO_PATIENT_IDENTIFIER: "required",
    Reason.SEVERAL_PATIENTS: "business-rule",
    Reason.INVALID_FHIR: "invalid",
}


WORDS = {  # where `matching` speaks of HL7 v2's fields
    Reason.PATIENT_UNMATCHED: "No patient here has one of these identifiers. It goes on by itself "
    "when the patient is registered: an ADT, or a Patient with identifier, name and birth date.",
    Reason.PATIENT_MISMATCH: "The identifiers are known, but name or birth date are another "
    "person's, or are missing: send the Patient with both.",
}


def refused(error: Unusable, place: str = "") -> Refused:
    words = WORDS.get(error.reason, error.detail)
    made = Refused(422, CODES.get(error.reason, "processing"), words, place, error.reason)
    made.waits_for = error.waits_for
    return made


class Outcome(Frozen):
    """What became of one entry. `entry_id` is the id the portal gives, "" for the Patient, whose
    id is the patient's. `is_filed`: its resource counts; a match of ifNoneExist adds nothing."""

    number: int
    status: int
    resource_type: str = ""
    entry_id: str = ""
    version_id: str = ""
    at: str = ""
    is_filed: bool = False
    issues: tuple[Issue, ...] = ()

    def location(self, patient_id: str) -> str:
        where = f"{self.resource_type}/{self.entry_id or patient_id}"
        return f"{where}/_history/{self.version_id}" if self.version_id else where


def failed(number: int, refusal: Refused) -> Outcome:
    return Outcome(number=number, status=refusal.status, issues=refusal.issues)


def operation_outcome(issues: Iterable[Issue], severity: str = "error") -> Resource:
    return {
        "resourceType": "OperationOutcome",
        "issue": [_issue(each, severity) for each in issues],
    }


def _issue(issue: Issue, severity: str) -> Resource:
    made = {"severity": severity, "code": issue.code, "diagnostics": issue.words}
    return made | ({"expression": [issue.place]} if issue.place else {})


def informed(words: str) -> Resource:
    return operation_outcome([Issue(code="informational", words=words)], "information")


def response_bundle(kind: str, outcomes: Iterable[Outcome], patient_id: str) -> Resource:
    """`kind` is transaction or batch. One entry for each that was sent, in its order."""
    in_order = sorted(outcomes, key=lambda each: each.number)
    entries = [{"response": _response(each, patient_id)} for each in in_order]
    made: Resource = {"resourceType": "Bundle", "type": f"{kind}-response"}
    return made | ({"entry": entries} if entries else {})


def _response(outcome: Outcome, patient_id: str) -> dict[str, Any]:
    made: dict[str, Any] = {"status": line(outcome.status)}
    if outcome.issues:
        return made | {"outcome": operation_outcome(outcome.issues)}
    if outcome.status != HTTPStatus.NO_CONTENT:
        made["location"] = outcome.location(patient_id)
    if outcome.version_id:
        made["etag"] = etag(outcome.version_id)
    return made | ({"lastModified": outcome.at} if outcome.at else {})


def line(status: int) -> str:
    """ "201 Created" """
    return f"{status} {HTTPStatus(status).phrase}"


def etag(version_id: str) -> str:
    return f'W/"{version_id}"'
