"""Messages taken: judged, kept, queued, audited, and only then acknowledged."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from functions.ehr import batches, keeping, replies, verdicts
from functions.ehr.keeping import Part
from functions.ehr.replies import Taken
from functions.ehr.transport import Push, Refusal, answered_as, charset_of, refused
from functions.ehr.verdicts import Fate

from portal import audit, credentials, objects, splitting
from portal.access import Visitor
from portal.answers import Bytes
from portal.arrivals import Arrival
from portal.audit import Event
from portal.hl7 import Message
from portal.moments import now, parsed

MAX_PARTS = 100  # what a request can keep within seconds, and its reading within a quarter of one

NO_MSH = Refusal(400, "no-usable-msh", "Send an HL7 v2 message: MSH is not usable.")
TOO_MANY = Refusal(413, "too-many", f"Send at most {MAX_PARTS} messages in one request.")


def taken(visitor: Visitor, sender: credentials.Sender, push: Push) -> Bytes:
    file, charset = batches.read(push.body), charset_of(push.headers)
    pieces = [splitting.parts(each, charset) for each in file.messages]
    if sum(map(len, pieces)) > MAX_PARTS:
        return refused(visitor, TOO_MANY)
    judged = [
        judgement(raw, parts, charset, sender)
        for raw, parts in zip(file.messages, pieces, strict=True)
    ]
    if not any(is_usable(each.message) for each in judged):
        return refused(visitor, NO_MSH)
    kept = keep(visitor, judged, charset or "", sender.name, push.body)
    body = replies.to_file(file, list(dated(judged, kept)), charset)
    if not body:
        return Bytes("text/plain; charset=utf-8", b"", 204)
    return Bytes(answered_as(push.headers, judged[0].message.charset), body)


def is_usable(message: Message) -> bool:
    header = message.first("MSH")
    return bool(header.raw(9) or header.raw(10))


def judgement(
    raw: bytes, pieces: list[bytes], charset: str | None, sender: credentials.Sender
) -> Taken:
    found = [verdicts.of(piece, charset, sender) for piece in pieces]
    parts = [Part(piece, each) for piece, (_, each) in zip(pieces, found, strict=True)]
    verdict = verdicts.together([part.verdict for part in parts])
    return Taken(raw, found[0][0], verdict, tuple(parts), now())


def keep(
    visitor: Visitor, judged: Sequence[Taken], charset: str, sender: str, body: bytes
) -> dict[bytes, Arrival]:
    unique = {part.raw: part for each in judged for part in each.parts}
    parts = list(unique.values())
    kept = keeping.keep(parts, charset, sender, body)
    for part in parts:
        if part.verdict.fate is Fate.ASIDE:
            keeping.put_aside(part, kept[part.raw], visitor)
    is_taken = any(each.verdict.is_good for each in judged)
    event = Event.MESSAGE_TAKEN if is_taken else Event.MESSAGE_REFUSED
    about = objects.raw_id(body) if kept else ""
    audit.record(event, visitor, about=about, why=f"sender:{sender}")
    return kept


def dated(judged: Sequence[Taken], kept: dict[bytes, Arrival]) -> Iterator[Taken]:
    """With the time at which the message came first."""
    for each in judged:
        arrival = kept.get(each.parts[0].raw)
        at = parsed(arrival.received_at) if arrival else None
        yield replace(each, at=at or each.at)
