"""What a message is answered with: AA, AE or AR (HL7 v2.5.1 chapter 2.9)."""

from dataclasses import dataclass

from portal import oru
from portal.acks import AckCode, Condition, Problem
from portal.credentials import Sender
from portal.errors import Reason, Unusable
from portal.hl7 import Message
from portal.settings import settings


@dataclass(frozen=True)
class Verdict:
    """`is_kept`: stored and queued, so that staff find it in quarantine with its reason."""

    code: AckCode
    problems: tuple[Problem, ...] = ()
    is_kept: bool = True


CONDITIONS = {
    Reason.NO_PATIENT_IDENTIFIER: Condition.REQUIRED_FIELD_MISSING,
    Reason.NO_ORDER: Condition.SEGMENT_SEQUENCE,
    Reason.NO_RESULT: Condition.SEGMENT_SEQUENCE,
    Reason.BAD_VALUE: Condition.DATA_TYPE,
}


def of(message: Message, sender: Sender) -> Verdict:
    header = message.first("MSH")
    if not sender.may_send_as(header.text(4)):
        words = "This credential may not send for the facility in MSH-4."
        problem = Problem(Condition.OTHER, words, "MSH-4")
        return Verdict(AckCode.REJECTED, (problem,), is_kept=False)
    if not header.raw(10):
        words = "MSH-10 is empty: give each message a control id."
        problem = Problem(Condition.REQUIRED_FIELD_MISSING, words, "MSH-10")
        return Verdict(AckCode.ERROR, (problem,))
    return _of_content(message)


def _of_content(message: Message) -> Verdict:
    try:
        oru.lab_results(message, settings().clinic_time_zone)
    except Unusable as error:
        return _unusable(error)
    return Verdict(AckCode.ACCEPTED)


def _unusable(error: Unusable) -> Verdict:
    if error.reason is Reason.UNSUPPORTED_TYPE:
        problem = Problem(Condition.UNSUPPORTED_MESSAGE_TYPE, error.detail, "MSH-9")
        return Verdict(AckCode.REJECTED, (problem,))
    condition = CONDITIONS.get(error.reason, Condition.OTHER)
    return Verdict(AckCode.ERROR, (Problem(condition, error.detail),))
