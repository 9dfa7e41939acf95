"""What HTTP itself must get right before a message is read (HAPI's "HL7 over HTTP")."""

from dataclasses import dataclass
from email.message import Message as MimeHeader

from portal import audit
from portal.access import Visitor
from portal.answers import Bytes
from portal.audit import Event, Outcome
from portal.hl7_text import decoded
from portal.model import Model

ER7 = "x-application/hl7-v2+er7"
HL7_TYPES = [ER7, "application/hl7-v2+er7", "application/hl7-v2"]
MAX_BYTES = 5_000_000


class Push(Model):
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Refusal:
    """`why` is for the audit trail, `words` for the sender's staff."""

    status: int
    why: str
    words: str


UNKNOWN_CREDENTIAL = Refusal(401, "unknown-credential", "Send a valid bearer credential.")
ENCODED = Refusal(415, "encoded", "Send the message without a Content-Encoding.")
TOO_LARGE = Refusal(413, "too-large", "Send at most 5 MB in one request.")
UNKNOWN_CHARSET = Refusal(415, "unknown-charset", "Name a charset we know, such as utf-8, or none.")


def fault(push: Push) -> Refusal | None:
    """Nothing is ever decompressed: a small body could become a huge one."""
    if push.headers.get("content-encoding", "identity").strip().lower() != "identity":
        return ENCODED
    if len(push.body) > MAX_BYTES:
        return TOO_LARGE
    charset = charset_of(push.headers)
    return None if charset is None or decoded(b"", charset)[1] == charset else UNKNOWN_CHARSET


def refused(visitor: Visitor, refusal: Refusal) -> Bytes:
    """Never of an HL7 type, so that nobody takes it for an acknowledgement."""
    audit.record(Event.MESSAGE_REFUSED, visitor, why=refusal.why, outcome=Outcome.REFUSED)
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else {}
    return Bytes("text/plain; charset=utf-8", refusal.words.encode(), refusal.status, headers)


def charset_of(headers: dict[str, str]) -> str | None:
    """HTTP's charset wins over MSH-18; none named means MSH-18, then UTF-8."""
    return _content_type(headers).get_content_charset()


def answered_as(headers: dict[str, str], codec: str) -> str:
    """The answer has the request's media type, and the charset it was read with."""
    name = charset_of(headers) or codec.replace("_", "-").replace("iso8859", "iso-8859")
    return f"{_content_type(headers).get_content_type()}; charset={name}"


def _content_type(headers: dict[str, str]) -> MimeHeader:
    header = MimeHeader()
    header["content-type"] = headers.get("content-type", ER7)
    return header
