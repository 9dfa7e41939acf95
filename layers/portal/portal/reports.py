"""What each message said of a report, kept unchanged; the card is a fold over all of it.

A report is known by sender, filler order number and OBR-4, and its id tells none of them. Each
message adds one version under its own raw id, so a replay writes the same row again and order does
not matter.
"""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal import chart, fhir, keys
from portal.cards import Document
from portal.fhir import Resource
from portal.model import Frozen

if TYPE_CHECKING:  # who reads versions needs no converter
    from portal.conversion import Converted
    from portal.lab_reports import LabReport


class Version(Frozen):
    """One message's word on one report. Times are FHIR instants, "" when unknown."""

    report_id: str
    raw_id: str
    sender: str
    sent_at: str
    signed_off_at: str
    arrived_at: str
    resources: str  # FHIR R4, as fhir.dumps writes it
    documents: tuple[Document, ...] = ()
    about: tuple[tuple[str, str], ...] = ()  # identifiers the message named its patient by

    def parsed(self) -> list[Resource]:
        found: list[Resource] = fhir.loads(self.resources)
        return found


def report_id(sender: str, report: "LabReport") -> str:
    """The same for every patient: it outlives the merge of two records."""
    key = "\n".join((sender, report.filler_order_number, report.code))
    return keys.blind("report", key)[:32]


def keep(patient_id: str, raw_id: str, arrived_at: str, results: "Converted") -> list[str]:
    """Stores this message's version of each of its reports; returns their ids."""
    found = []
    for report in results.reports:
        name = report_id(results.envelope.sender, report)
        documents = tuple(_documents(patient_id, name, report.resources))
        version = Version(
            report_id=name,
            raw_id=raw_id,
            sender=results.envelope.sender,
            sent_at=results.envelope.sent_at.isoformat() if results.envelope.sent_at else "",
            signed_off_at=report.signed_off_at.isoformat() if report.signed_off_at else "",
            arrived_at=arrived_at,
            resources=fhir.dumps(report.resources),
            documents=documents,
            about=tuple((each.authority, each.value) for each in results.claim.identifiers),
        )
        chart.keep(patient_id, f"report#{name}#{raw_id}", version.model_dump())
        found.append(name)
    return list(dict.fromkeys(found))


def versions(patient_id: str, name: str) -> list[Version]:
    rows = chart.starting_with(patient_id, f"report#{name}#")
    return [Version.model_validate(row) for row in rows]


def _documents(patient_id: str, name: str, resources: list[Resource]) -> Iterator[Document]:
    """Moves attachments out of the report, into rows of their own; the FHIR keeps a reference."""
    for resource in resources:
        for attachment in resource.get("presentedForm", ()):
            data = attachment.pop("data", "")
            content_type = attachment.get("contentType", "application/octet-stream")
            found = Document(
                document_id=hashlib.sha256(data.encode()).hexdigest()[:32],
                title=attachment.get("title", ""),
                content_type=content_type,
                size_bytes=len(data) * 3 // 4 - data.count("="),
            )
            attachment["url"] = f"/results/{name}/documents/{found.document_id}"
            row = {"content_type": content_type, "data": data}
            chart.keep(patient_id, f"document#{name}#{found.document_id}", row)
            yield found
