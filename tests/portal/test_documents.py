"""Documents inside a message: put together, told by their type, or read as text."""

import base64

import pytest
from tests.portal.converted import observations_of, report_of
from tests.portal.lab_messages import an_obx, an_oru

from portal import hl7
from portal.tracing import traced

_PDF = b"%PDF-1.7 " + bytes(range(256)) * 9


@pytest.mark.parametrize("kind", ["ED", "TX", "ST"])
def test_a_pdf_is_a_document_of_the_report_and_never_text(kind: str) -> None:
    data = base64.b64encode(_PDF).decode()
    raw = an_oru(an_obx(f"^application^PDF^Base64^{data}", kind=kind, test="PDF^Report"))

    form = report_of(raw)["presentedForm"][0]
    assert observations_of(raw) == []
    assert (form["contentType"], form["title"]) == ("application/pdf", "Report")
    assert base64.b64decode(form["data"]) == _PDF


def test_a_pdf_cut_over_several_obx_is_put_together() -> None:
    data = base64.b64encode(_PDF).decode()
    lines = [an_obx(f"^AP^PDF^Base64^{part}", kind="ED") for part in (data[:50], data[50:])]

    assert base64.b64decode(report_of(an_oru(*lines))["presentedForm"][0]["data"]) == _PDF
    assert len(report_of(an_oru(lines[0], lines[0] + "|", lines[1]))["presentedForm"]) == 2


def test_parts_of_a_pdf_may_be_padded_one_by_one_and_broken_into_lines() -> None:
    parts = [base64.b64encode(part).decode() for part in (_PDF[:50], _PDF[50:])]
    broken = [rf"^AP^PDF^Base64^{part[:20]}\.br\{part[20:]}" for part in parts]
    lines = [an_obx(part, kind="ED", sub_id=str(n)) for n, part in enumerate(broken)]

    assert base64.b64decode(report_of(an_oru(*lines))["presentedForm"][0]["data"]) == _PDF


@pytest.mark.parametrize(
    ("body", "said", "kind"),
    [
        (_PDF, "HTML", "application/pdf"),
        (rb"{\rtf1 x}", "", "application/rtf"),
        (b"<html>x</html>", "HTML", "text/html"),
        (b"<a/>", "XML", "text/xml"),
        (b"\xff\xd8\xff\xe0", "Octet-stream", "image/jpeg"),
        (b"\x01\x02", "JPEG", "image/jpeg"),
        (b"\x01\x02", "Octet-stream", "application/octet-stream"),
        (b"<html>x</html>", "PLAIN", "text/plain"),
        (b"a" * 30_000, "PLAIN", "text/plain"),
        (b"a\0b", "PLAIN", "text/plain"),
    ],
)
def test_any_other_content_is_a_document_of_its_own_type(body: bytes, said: str, kind: str) -> None:
    data = base64.b64encode(body).decode()
    (form,) = report_of(an_oru(an_obx(f"^TEXT^{said}^Base64^{data}", kind="ED")))["presentedForm"]

    assert form["contentType"] == kind
    assert base64.b64decode(form["data"]) == body


@pytest.mark.parametrize("encoding", ["A^Fine.", "Hex^46696e652e", "Base64^RmluZS4="])
def test_plain_text_is_a_result_and_no_document(encoding: str) -> None:
    raw = an_oru(an_obx(f"^TEXT^PLAIN^{encoding}", kind="ED", unit=""))

    (found,) = observations_of(raw)
    assert found["valueString"] == "Fine."
    assert "presentedForm" not in report_of(raw)
    assert traced(found, hl7.read(raw))


def test_a_withdrawn_or_unreadable_document_is_no_document() -> None:
    for damaged in (
        an_obx("^^PDF^Base64^!!!", kind="ED"),
        an_obx("^^PDF^A^x", kind="ED", status="D"),
    ):
        raw = an_oru(damaged)

        assert "presentedForm" not in report_of(raw)
        assert "dataAbsentReason" in observations_of(raw)[0]
