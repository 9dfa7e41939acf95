"""What a message is answered with, and where it goes (HL7 v2.5.1 chapter 2, 2.9)."""

from dataclasses import dataclass
from enum import Enum, auto

from portal import conversion, credentials, headers, senders
from portal.acks import AckCode, Condition, Problem, problem_of
from portal.envelopes import type_of
from portal.errors import Reason, Unusable
from portal.hl7 import Message
from portal.senders import Sender

_CONDITIONS = {
    "MSH-11": Condition.UNSUPPORTED_PROCESSING_ID,
    "MSH-12": Condition.UNSUPPORTED_VERSION,
}
MOST_REPETITIONS = 100_000
_ACKNOWLEDGEMENTS = frozenset({"ACK", "MCF"})


class Fate(Enum):
    QUEUED = auto()  # its workflow files it, or puts it into quarantine with the same reason
    ASIDE = auto()  # quarantined at once: the workflow would find nothing wrong with it
    LEFT = auto()  # with its sender


@dataclass(frozen=True)
class Verdict:
    """`code` is None for what is never answered: an acknowledgement."""

    code: AckCode | None
    problems: tuple[Problem, ...] = ()
    fate: Fate = Fate.QUEUED

    @property
    def is_good(self) -> bool:
        return self.code is None or self.code.is_good


ACCEPTED = Verdict(AckCode.ACCEPTED)
UNANSWERED = Verdict(None, fate=Fate.LEFT)


def of(raw: bytes, charset: str | None, credential: credentials.Sender) -> tuple[Message, Verdict]:
    message, sender = senders.read(raw, charset)
    return message, _of(message, sender, charset, credential)


def _of(
    message: Message, sender: Sender, charset: str | None, credential: credentials.Sender
) -> Verdict:
    header = message.first("MSH")
    if not credential.may_send_as(header.text(4), header.text(3)):
        words = "This credential may not send for the application or facility in MSH-3 and MSH-4."
        problem = Problem(Condition.OTHER, words, "MSH-4")
        return Verdict(AckCode.REJECTED, (problem,), Fate.LEFT)
    if type_of(message)[0] in _ACKNOWLEDGEMENTS:
        return UNANSWERED
    return _of_header(message, charset) or _of_content(message, sender)


def _of_header(message: Message, charset: str | None) -> Verdict | None:
    header = message.first("MSH")
    if not _is_decoded(message, charset):
        words = "The message is not in the charset that HTTP, MSH-18 or its sender's settings name."
        return _aside(AckCode.REJECTED, Condition.DATA_TYPE, words, "MSH-18")
    if found := headers.fault(message):
        return _aside(AckCode.REJECTED, _CONDITIONS[found.place], found.words, found.place)
    if _repeats_beyond_reason(message):
        words = "A field repeats more often than any real one: the message was not read further."
        return _aside(AckCode.ERROR, Condition.DATA_TYPE, words)
    if not header.raw(10):
        words = "MSH-10 is empty: give each message a control id."
        return _aside(AckCode.ERROR, Condition.REQUIRED_FIELD_MISSING, words, "MSH-10")
    return None


def _repeats_beyond_reason(message: Message) -> bool:
    mark = message.delimiters.repetition
    if message.text.count(mark) <= MOST_REPETITIONS:
        return False
    fields = message.text.replace("\n", message.delimiters.field).split(message.delimiters.field)
    return any(field.count(mark) > MOST_REPETITIONS for field in fields)


def _aside(code: AckCode, condition: Condition, words: str, location: str = "") -> Verdict:
    return Verdict(code, (Problem(condition, words, location),), Fate.ASIDE)


def _is_decoded(message: Message, charset: str | None) -> bool:
    """The reader falls back to Latin-1, which takes any bytes: staff may see it, patients not."""
    return message.charset == charset if charset else message.charset != "latin-1"


def _of_content(message: Message, sender: Sender) -> Verdict:
    try:
        conversion.convert(message, sender)
    except Unusable as error:
        return _unusable(error, message, sender)
    return ACCEPTED


def _unusable(error: Unusable, message: Message, sender: Sender) -> Verdict:
    if error.reason is not Reason.UNSUPPORTED_TYPE:
        return Verdict(AckCode.ERROR, (problem_of(error),))
    if sender.otherwise == "quarantine":
        return ACCEPTED
    kind, _ = type_of(message)
    takes_others = kind in conversion.CONVERTERS and any(
        each.startswith(f"{kind}^") for each in sender.takes
    )
    condition = Condition.UNSUPPORTED_EVENT if takes_others else Condition.UNSUPPORTED_MESSAGE_TYPE
    return Verdict(AckCode.REJECTED, (Problem(condition, error.detail, "MSH-9"),))


def together(verdicts: list[Verdict]) -> Verdict:
    """Of a message in parts: the first that is not good speaks, with all problems."""
    bad = [verdict for verdict in verdicts if not verdict.is_good]
    if not bad:
        return verdicts[0]
    problems = dict.fromkeys(problem for verdict in bad for problem in verdict.problems)
    return Verdict(bad[0].code, tuple(problems), bad[0].fate)
