"""Everything that can be wrong, drawn once.

    PortalError
    +-- Unusable            a message that cannot become a card: kept, quarantined, explained
    +-- NotFound            missing or hidden: the same 404 for both
    +-- BadInput            the caller can correct it: 400, with the fields that are wrong
    +-- SignInNeeded        no live session: the sign-in page, or 401
    |   +-- LinkIsSpent     a sign-in link that was used, replaced, or is older than ten minutes
    |       +-- ActivationIsSpent  the same of a code or link that opens an account
    |   +-- PasskeyRefused  a passkey that is not known, not the account's, or answered wrongly
    |   +-- StaffSignInNeeded
    +-- StepUpNeeded        a live session that must show more: the next step's page, or 403
    |   +-- StaffStepUpNeeded
    +-- Conflict            somebody else was first: 409
    |   +-- SentBefore      the key of an earlier form, with other content
    |   +-- Unsure          sent before, and whether it was carried out is not known
    +-- UnknownType         a body of a media type the route does not take: 415
    +-- NotAcceptable       a version of the JSON face that is not answered: 406
    +-- Forbidden           a foreign Origin, or an assurance level too low: 403
    |   +-- RoleNeeded      a member of staff without a role that may
    |   +-- AccessEnded     the right to another's record ended while it was open
    |   +-- OwnRecordOnly   a page of one's own account, while another's record is open
    |   +-- NotShared       a part of another's record that the grant does not name
    |   +-- OnlyPreview     a change, in a preview of what somebody else sees
    +-- TooMany             throttled: 429 with Retry-After
    +-- Unavailable         a store we must have is down: 503, nothing shown

`web.py` turns those below Unusable into a page or an application/problem+json answer;
`lab_release` turns Unusable into quarantine.
"""

from enum import StrEnum


class PortalError(Exception):
    pass


class Reason(StrEnum):
    """Why a message waits in quarantine."""

    NOT_HL7 = "not-hl7"
    BAD_HEADER = "bad-header"
    UNSUPPORTED_TYPE = "unsupported-type"
    SEVERAL_MESSAGES = "several-messages"
    SEVERAL_PATIENTS = "several-patients"
    NO_PATIENT_IDENTIFIER = "no-patient-identifier"
    NO_ORDER = "no-order"
    NO_RESULT = "no-result"
    BAD_VALUE = "bad-value"
    INVALID_FHIR = "invalid-fhir"
    PATIENT_UNMATCHED = "patient-unmatched"
    PATIENT_MISMATCH = "patient-mismatch"
    MERGE_CYCLE = "merge-cycle"
    NOT_TRACED = "not-traced"


class Unusable(PortalError):
    """`detail` is a sentence for clinic staff. It names segments and fields, never values.
    `waits_for`: index keys of patients, any of which would let the message go on."""

    def __init__(self, reason: Reason, detail: str, waits_for: tuple[str, ...] = ()) -> None:
        super().__init__(reason.value)
        self.waits_for = waits_for
        self.reason = reason
        self.detail = detail


class NotFound(PortalError):
    pass


class BadInput(PortalError):
    """`fields` maps a field's name to what to do about it, for the person who filled it in."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


class SignInNeeded(PortalError):
    pass


class LinkIsSpent(SignInNeeded):
    pass


class ActivationIsSpent(LinkIsSpent):
    pass


class PasskeyRefused(SignInNeeded):
    pass


class StaffSignInNeeded(SignInNeeded):
    pass


class StepUpNeeded(PortalError):
    pass


class StaffStepUpNeeded(StepUpNeeded):
    pass


class Conflict(PortalError):
    pass


class SentBefore(Conflict):
    pass


class Unsure(Conflict):
    pass


class UnknownType(PortalError):
    pass


class NotAcceptable(PortalError):
    pass


class Forbidden(PortalError):
    pass


class RoleNeeded(Forbidden):
    pass


class AccessEnded(Forbidden):
    pass


class OwnRecordOnly(Forbidden):
    pass


class NotShared(Forbidden):
    pass


class OnlyPreview(Forbidden):
    pass


class TooMany(PortalError):
    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class Unavailable(PortalError):
    pass
