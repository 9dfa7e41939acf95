"""OBX-5 of type ED as FHIR Attachments: PDFs, scans and texts that travel inside a message."""

import base64
import binascii

from portal import codings
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.orders import Order, Result, encapsulated, is_document

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
    "PLAIN": "text/plain",
    "TEXT": "text/plain",
    "TXT": "text/plain",
}


def documents(order: Order) -> list[Resource]:
    return [found for found in map(document, order.results) if found]


def document(result: Result) -> Resource | None:
    """None when it is not one, is withdrawn, or its data cannot be read."""
    obx = result.first
    if not is_document(obx) or obx.text(11).strip().upper() in _WITHDRAWN:
        return None
    data = _data(obx, "".join(encapsulated(line) for line in result.lines))
    if not data:
        return None
    attachment = {
        "contentType": _content_type(obx, data),
        "data": base64.b64encode(data).decode("ascii"),
        "title": codings.local_name(obx.value(3)),
    }
    return {key: part for key, part in attachment.items() if part}


def _data(obx: Segment, text: str) -> bytes | None:
    """Table 0299: A is plain text, Hex, Base64. Nothing said is tried as Base64."""
    encoding = obx.text(5, 4).strip().upper()
    if encoding == "A":
        return text.encode()
    compact = "".join(text.split())
    try:
        if encoding == "HEX":
            return bytes.fromhex(compact)
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None


def _content_type(obx: Segment, data: bytes) -> str:
    if data.startswith(b"%PDF"):
        return "application/pdf"
    said = [obx.text(5, part).strip().upper().rpartition("/")[2] for part in (3, 2)]
    return next((_TYPES[name] for name in said if name in _TYPES), "application/octet-stream")
