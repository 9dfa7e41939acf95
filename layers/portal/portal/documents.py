"""OBX-5 of type ED as FHIR Attachments: PDFs, scans and texts that travel inside a message.

Plain text is no attachment: it is read on the card like any narrative.
"""

import base64
import binascii

from portal import codings
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.orders import Order, Result, encapsulated, is_document

MOST_READABLE = 20_000  # characters of plain text on a card; more is a download
PLAIN_TEXT = "text/plain"
_WITHDRAWN = frozenset("DWXN")
_TYPES = {
    "PDF": "application/pdf",
    "HTML": "text/html",
    "XML": "text/xml",
    "RTF": "application/rtf",
    "JPEG": "image/jpeg",
    "JPG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "TIFF": "image/tiff",
    "TIF": "image/tiff",
    "PLAIN": PLAIN_TEXT,
    "TEXT": PLAIN_TEXT,
    "TXT": PLAIN_TEXT,
    "OCTET-STREAM": "application/octet-stream",
}
_SIGNATURES = {
    b"%PDF": "application/pdf",
    b"{\\rtf": "application/rtf",
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG": "image/png",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
}


def documents(order: Order) -> list[tuple[Result, Resource]]:
    """Each with the OBX it came from."""
    made = ((result, document(result)) for each in order.family for result in each.results)
    return [(result, found) for result, found in made if found]


def document(result: Result) -> Resource | None:
    """None when it is not one, is withdrawn, is plain text, or its data cannot be read."""
    obx = result.first
    if not is_document(obx) or obx.text(11).strip().upper() in _WITHDRAWN:
        return None
    data = _data(result.lines)
    if not data or _plain_text(obx, data):
        return None
    attachment = {
        "contentType": _content_type(obx, data),
        "data": base64.b64encode(data).decode("ascii"),
        "title": codings.local_name(obx.value(3)),
    }
    return {key: part for key, part in attachment.items() if part}


def readable_text(lines: list[Segment]) -> str:
    """The text of an ED that is plain text; "" for anything else."""
    is_short = sum(len(line.raw(5)) for line in lines) <= MOST_READABLE * 2
    data = _data(lines) if is_short and is_document(lines[0]) else None
    return _plain_text(lines[0], data) if data else ""


def _plain_text(obx: Segment, data: bytes) -> str:
    if len(data) > MOST_READABLE or _content_type(obx, data) != PLAIN_TEXT:
        return ""
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n").strip()
    is_text = all(char.isprintable() or char in "\n\t" for char in text)
    return text if is_text and not text.startswith("<") else ""


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _data(lines: list[Segment]) -> bytes | None:
    """Table 0299: A is plain text, Hex, Base64. Nothing said is tried as Base64."""
    encoding = lines[0].text(5, 4).strip().upper()
    parts = [encapsulated(line) for line in lines]
    if encoding == "A":
        return "".join(parts).encode()
    whole = _bytes("".join(parts), encoding)
    if whole is not None or len(parts) == 1:
        return whole
    each = [_bytes(part, encoding) for part in parts]  # every part padded on its own
    return None if None in each else b"".join(filter(None, each))


def _bytes(text: str, encoding: str) -> bytes | None:
    compact = "".join(text.split())
    try:
        if encoding == "HEX":
            return bytes.fromhex(compact)
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _content_type(obx: Segment, data: bytes) -> str:
    """What the bytes are by their first ones, else by what OBX-5.3 and 5.2 say."""
    for start, found in _SIGNATURES.items():
        if data.startswith(start):
            return found
    said = [obx.text(5, part).strip().upper().rpartition("/")[2] for part in (3, 2)]
    return next((_TYPES[name] for name in said if name in _TYPES), "application/octet-stream")
