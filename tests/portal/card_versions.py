"""Versions of one report, made of messages without a store: what `reports.keep` would keep."""

import hashlib

from tests.lab_results import lab_results
from tests.portal.lab_messages import MSH, OBR, an_oru

from portal import fhir, hl7
from portal.cards import Card, Document
from portal.fhir import Resource
from portal.folding import fold
from portal.reports import Version


def versions(raw: bytes) -> list[Version]:
    """One of each report of the message."""
    results = lab_results(hl7.read(raw), "UTC")
    return [
        Version(
            report_id="r1",
            raw_id=hashlib.sha256(raw).hexdigest(),
            sender=results.sender,
            sent_at=results.sent_at.isoformat() if results.sent_at else "",
            signed_off_at=report.signed_off_at.isoformat() if report.signed_off_at else "",
            arrived_at="",
            documents=tuple(map(_document, report.resources[0].get("presentedForm", ()))),
            resources=fhir.dumps(report.resources),
        )
        for report in results.reports
    ]


def _document(attachment: Resource) -> Document:
    data = attachment.pop("data")
    return Document(
        document_id=hashlib.sha256(data.encode()).hexdigest()[:32],
        title=attachment.get("title", ""),
        content_type=attachment["contentType"],
        size_bytes=len(data),
    )


def a_version(*obx: str, status: str = "F", hour: int = 12, control_id: str = "MSG1") -> Version:
    """Of the same report each time; signed off and sent at that hour."""
    header = MSH.replace("20260301120000", f"202603{hour:02}120000").replace("MSG1", control_id)
    order = OBR.replace("20260301110000", f"202603{hour:02}110000").removesuffix("F") + status
    return versions(an_oru(*obx, header=header, order=order))[0]


def a_card(*raws: bytes) -> Card:
    return fold(version for raw in raws for version in versions(raw))
