"""What goes back: an acknowledgement of each message, in envelopes where they came in envelopes.

The same bytes sent twice get the same bytes back: times and ids follow from what came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.ehr import batches, modes
from functions.ehr.batches import File
from functions.ehr.keeping import Part
from functions.ehr.verdicts import Verdict

from portal import acks, objects
from portal.acks import Envelope
from portal.hl7 import Message


@dataclass(frozen=True)
class Taken:
    """One message as it came, in parts where it is about several patients."""

    raw: bytes
    message: Message
    verdict: Verdict
    parts: tuple[Part, ...]
    at: datetime

    @property
    def answer(self) -> bytes:
        """Empty when nobody waits for one."""
        code = modes.code(self.message.first("MSH"), self.verdict)
        if code is None:
            return b""
        problems = self.verdict.problems
        return acks.ack(self.message, code, problems, at=self.at, control_id=control_id(self.raw))


def to_file(file: File, messages: Sequence[Taken], charset: str | None) -> bytes:
    """Empty when nobody waits for any of it."""
    told = list(_of_batches(file, messages, charset))
    replies, fault = b"".join(told), batches.file_fault(file)
    if not file.header or not (replies or fault):
        return replies
    envelope = Envelope("F", batches.header_of(file.header, charset), fault)
    ids = control_id(file.header + messages[0].raw)
    return envelope.around(replies, len(told), at=messages[0].at, control_id=ids)


def _of_batches(file: File, messages: Sequence[Taken], charset: str | None) -> Iterator[bytes]:
    rest = iter(messages)
    for batch in file.batches:
        answers = [next(rest).answer for _ in batch.messages]
        given, fault = list(filter(None, answers)), batches.batch_fault(batch)
        if not batch.header or not (given or fault):
            yield b"".join(given)
            continue
        envelope = Envelope("B", batches.header_of(batch.header, charset), fault)
        at, ids = messages[0].at, control_id(batch.header + b"".join(batch.messages))
        yield envelope.around(b"".join(given), len(given), at=at, control_id=ids)


def control_id(raw: bytes) -> str:
    return objects.raw_id(raw)[:20].upper()
