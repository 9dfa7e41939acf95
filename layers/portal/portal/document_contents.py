"""The content of a document (OBX under TXA) as FHIR Attachments, one for each group of lines.

Consecutive lines of text (TX, FT, ST) under one OBX-3 are one text, an empty OBX-5 being its empty
line; an ED is decoded as `portal.documents` does, over several OBX where the sender cut it. Other
value types are data about the document, not its text, and are not read.
"""

import base64

from portal import codings, observations
from portal.documents import document
from portal.entries import Draft
from portal.fhir import Resource
from portal.hl7_segments import Segment
from portal.orders import Result, encapsulated, is_document

_TEXT = frozenset({"TX", "FT", "ST"})
_WITHDRAWN = frozenset("DWXN")
_DELETED = frozenset("DW")
_PDF = "JVBERi"  # how "%PDF" begins in base64
_METADATA = "METADMPMSS"  # of the French CI-SIS: who may see the document, whom to mail it


def put_content(draft: Draft, lines: list[Segment]) -> None:
    groups = [(group, found) for group in _groups(lines) if (found := _attachment(group))]
    if groups:
        said = next(obx for obx in groups[0][0] if obx.whole(5).strip())
        draft.put("content", [{"attachment": found} for _, found in groups], said, 5)


def is_withdrawn(lines: list[Segment]) -> bool:
    """Whether the message sends content only to say that it is deleted."""
    found = [obx for obx in lines if _is_content(obx)]
    return bool(found) and all(_status(obx) in _DELETED for obx in found)


def _groups(lines: list[Segment]) -> list[list[Segment]]:
    groups: list[list[Segment]] = []
    for obx in lines:
        if not _is_content(obx) or _status(obx) in _WITHDRAWN:
            continue
        if groups and _continues(groups[-1], obx):
            groups[-1].append(obx)
        else:
            groups.append([obx])
    return groups


def _is_content(obx: Segment) -> bool:
    is_text = obx.text(2).strip().upper() in _TEXT
    return (is_text or is_document(obx)) and obx.text(3, 3).strip().upper() != _METADATA


def _continues(group: list[Segment], obx: Segment) -> bool:
    first = group[0]
    if first.raw(3) != obx.raw(3) or is_document(first) != is_document(obx):
        return False
    return not is_document(obx) or (_begins_pdf(first) and not _begins_pdf(obx))


def _begins_pdf(obx: Segment) -> bool:
    return _PDF in obx.raw(5) and encapsulated(obx).lstrip().startswith(_PDF)


def _attachment(group: list[Segment]) -> Resource:
    first = group[0]
    if is_document(first):
        return document(Result(group, first)) or {}
    text = observations.shown(group).strip("\n")
    if not text.strip():
        return {}
    data = base64.b64encode(text.encode()).decode("ascii")
    title = codings.local_name(first.value(3))
    return {"contentType": "text/plain", "data": data} | ({"title": title} if title else {})


def _status(obx: Segment) -> str:
    return obx.text(11).strip().upper()
