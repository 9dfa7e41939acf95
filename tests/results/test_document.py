"""Documents that came with a result: a PDF opens, anything else is only saved."""

import re
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from tests.builders import OBX, a_message, a_patient, released
from tests.client import Response
from tests.visitors import signed_in

from portal import audit
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
PAGE = b"<html><script>alert(document.cookie)</script></html>"


def a_document(patient: Patient, body: bytes, kind: str = "PDF", title: str = "Report") -> str:
    """Released with a result; returns its address."""
    data = b64encode(body).decode()
    obx = f"ED|PDF^{title}^L||^application^{kind}^Base64^{data}||||||F"
    report_id = released(a_message(patient, obx)).report_ids[0]
    answer = signed_in(patient, accept="application/json").get(f"/results/{report_id}")
    (document,) = answer.json["card"]["documents"]
    return f"/results/{report_id}/documents/{document['document_id']}"


def opened(patient: Patient, address: str, **facts: str) -> Response:
    return signed_in(patient, **facts).get(address)


@pytest.mark.parametrize("accept", ["text/html,*/*;q=0.8", "application/json", "application/pdf"])
def test_a_pdf_arrives_as_the_lab_sent_it(accept: str) -> None:
    patient = a_patient()

    answer = opened(patient, a_document(patient, PDF), accept=accept)

    assert (answer.status, answer.body) == (200, PDF)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline;")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    for directive in ("base-uri", "frame-ancestors"):
        assert f"{directive} 'none'" in answer.headers["content-security-policy"]


def test_the_page_of_the_result_links_to_it() -> None:
    patient = a_patient()
    address = a_document(patient, PDF)

    assert f'href="{address}"' in opened(patient, address.partition("/documents")[0]).text


@pytest.mark.parametrize("accept", ["text/html,*/*;q=0.8", "application/json"])
@pytest.mark.parametrize("kind", ["HTML", "XML", "PDF", "PNG", "svg+xml", "javascript"])
def test_what_is_no_pdf_is_saved_and_never_runs(kind: str, accept: str) -> None:
    patient = a_patient()

    answer = opened(patient, a_document(patient, PAGE, kind), accept=accept)

    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    for directive in ("default-src", "base-uri", "form-action", "frame-ancestors"):
        assert f"{directive} 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_title_cannot_write_headers() -> None:
    patient = a_patient()
    title = 'x"; filename="evil.html\\X0D\\\\X0A\\Set-Cookie: session=evil'

    headers = opened(patient, a_document(patient, PDF, title=title)).headers

    assert "evil" not in str(headers)


def test_another_patients_document_looks_like_one_that_does_not_exist() -> None:
    mine, theirs = a_patient(), a_patient()
    hidden = a_document(theirs, PDF)
    missing = f"/results/{'0' * 32}/documents/{'0' * 32}"

    answers = [opened(mine, each) for each in (hidden, missing)]

    assert [each.status for each in answers] == [404, 404]
    assert answers[0].text.replace(hidden, "*") == answers[1].text.replace(missing, "*")
    assert answers[0].headers == answers[1].headers


def test_a_document_opens_only_under_its_own_result() -> None:
    patient = a_patient()
    address = a_document(patient, PDF)
    other = released(a_message(patient)).report_ids[0]

    moved = f"/results/{other}/documents/{address.rpartition('/')[2]}"

    assert opened(patient, moved).status == 404


def test_opening_is_recorded() -> None:
    patient = a_patient()
    address = a_document(patient, PDF)

    opened(patient, address)

    row = audit.of_patient(patient.patient_id)[-1]
    report_id, document_id = address.split("/")[2], address.split("/")[4]
    assert (row.event, row.about) == ("results.document-viewed", f"{report_id}/{document_id}")
    assert row.outcome == "done"


def test_a_document_that_is_not_there_is_recorded_as_refused() -> None:
    patient = a_patient()
    report_id = released(a_message(patient)).report_ids[0]

    answer = opened(patient, f"/results/{report_id}/documents/{'0' * 32}")

    assert answer.status == 404
    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.outcome) == ("results.document-viewed", "refused")


@pytest.mark.parametrize("status", ["D", "W"])
def test_a_document_the_lab_took_back_does_not_open_any_more(status: str) -> None:
    patient = a_patient()
    data = b64encode(PDF).decode()
    sent = [
        f"ED|PDF^Report^L||^AP^PDF^Base64^{data}||||||F",
        f"ED|PDF^Report^L||||||||{status}",
    ]
    (report_id,) = released(a_message(patient, sent[0], OBX, filler="GONE7")).report_ids
    browser = signed_in(patient, accept="application/json")
    card = browser.get(f"/results/{report_id}").json["card"]
    address = f"/results/{report_id}/documents/{card['documents'][0]['document_id']}"
    assert browser.get(address).status == 200

    released(a_message(patient, sent[1], OBX, filler="GONE7"))

    assert browser.get(address).status == 404
    assert browser.get(f"/results/{report_id}").json["card"]["documents"] == []
    assert audit.of_patient(patient.patient_id)[-2].outcome == "refused"


def test_a_document_that_was_replaced_stays_and_says_so() -> None:
    patient = a_patient()
    kept = [PDF, PDF + b"\n% newer"]
    for day, body in enumerate(kept, start=1):
        obx = f"ED|PDF^Report^L||^AP^PDF^Base64^{b64encode(body).decode()}||||||F"
        at = datetime(2026, 11, day, tzinfo=UTC)
        (report_id,) = released(a_message(patient, obx, filler="N7", signed_off=at)).report_ids
    browser = signed_in(patient)

    page = browser.get(f"/results/{report_id}").text

    addresses = re.findall(r'href="(/results/\w+/documents/\w+)"', page)
    assert [browser.get(each).body for each in addresses] == [*reversed(kept)]
    assert page.count("Earlier version: the lab sent a newer one.") == 1


@pytest.mark.parametrize(
    ("kind", "words"), [("HTML", "web page"), ("RTF", "text with layout (RTF)"), ("PDF", "PDF")]
)
def test_a_download_tells_its_kind_and_its_size(kind: str, words: str) -> None:
    patient = a_patient()
    body = {"PDF": PDF, "RTF": b"{\\rtf1 hello}"}.get(kind, PAGE)
    address = a_document(patient, body * 50, kind)

    page = opened(patient, address.partition("/documents")[0]).text

    assert f"{words}, {max(1, round(len(body) * 50 / 1000))} kB" in page


def test_plain_text_is_read_on_the_page() -> None:
    patient = a_patient()
    data = b64encode(b"Dear patient,\nall is well.").decode()
    (report_id,) = released(
        a_message(patient, f"ED|L1^Letter^L||^TEXT^PLAIN^Base64^{data}||||||F")
    ).report_ids

    page = opened(patient, f"/results/{report_id}").text

    assert "Dear patient,\nall is well.</div>" in page
    assert "Documents from the lab" not in page
