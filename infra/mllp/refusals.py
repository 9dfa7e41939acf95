"""The listener's own "no": what the sender is told when the portal gave no acknowledgement."""

from datetime import UTC, datetime
from secrets import token_hex

from portal import acks, hl7
from portal.acks import AckCode, Condition, Problem, is_asked
from portal.hl7_segments import Segment


def refusal(message: bytes, words: str) -> bytes | None:
    """Empty when the sender wants none, None when there is no MSH to answer to."""
    request = hl7.read(message)
    header = request.first("MSH")
    if not header:
        return None
    code = wanted(header)
    if code is None:
        return b""
    problem = Problem(Condition.OTHER, words)
    control_id = token_hex(10).upper()
    return acks.ack(request, code, [problem], at=datetime.now(UTC), control_id=control_id)


def wanted(header: Segment) -> AckCode | None:
    """The mode follows from MSH-15. An acknowledgement is never acknowledged."""
    accept, application = header.text(15).strip(), header.text(16)
    if header.text(9) == "ACK" or not is_asked(accept or application, is_good=False):
        return None
    return AckCode.COMMIT_REJECTED if accept else AckCode.REJECTED


def whole_segments(head: bytes) -> bytes:
    """Without the last line, which may go on beyond what was read."""
    return head[: max(head.rfind(b"\r"), head.rfind(b"\n")) + 1]


def ack_codes(answer: bytes) -> list[AckCode]:
    """MSA-1 of an acknowledgement, or of each in a batch of them."""
    codes = [msa.raw(1) for msa in hl7.read(answer).all("MSA")]
    return [AckCode(code) for code in codes if code in AckCode]


def is_acknowledgement(answer: bytes) -> bool:
    """A batch may hold none: its messages asked for nothing."""
    return bool(ack_codes(answer)) or answer.startswith((b"BHS", b"FHS"))
