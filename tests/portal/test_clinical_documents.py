import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.converter_checks import ZONE, check, completed, converted

from portal import clinical_documents, envelopes, hl7, people
from portal.entries import Entry, reference
from portal.errors import Reason, Unusable
from portal.hl7_text import Delimiters, escaped

TEXT = "OBX|%d|TX|BODY^Report body^L||%s||||||F"
PDF = base64.b64encode(b"%PDF-1.7 and all the rest of it, long enough to be cut in two").decode()


def an_mdm(
    *segments: str, event: str = "T02", fields: dict[int, str] | None = None, orc: str = ""
) -> bytes:
    """TXA with the given fields beside its type, times and numbers."""
    said = {2: "DS", 3: "TX", 4: "20270301080000", 6: "20270301093000", 12: "D1^DOCS", 17: "AU"}
    txa = "|".join(["TXA", *((said | (fields or {})).get(n, "") for n in range(1, 26))])
    header = rf"MSH|^~\&|DOCS|CLINIC|PORTAL|CLINIC|20270301100000||MDM^{event}|M1|P|2.5.1"
    visit = "PV1|1|I" + "|" * 17 + "V7^^^ADMIT"
    return "\r".join([header, visit, *([orc] if orc else []), txa, *segments]).encode()


def documents(*segments: str, **facts: Any) -> list[Entry]:
    raw = an_mdm(*segments, **facts)
    found = converted(raw, clinical_documents.entries)
    for entry in found:
        check(entry, hl7.read(raw), clinical_documents.REQUIRED)
    return found


def said(*segments: str, **facts: Any) -> dict[str, Any]:
    return documents(*segments, **facts)[0].elements


def texts(elements: dict[str, Any]) -> list[str]:
    data = (one["attachment"]["data"] for one in elements["content"])
    return [base64.b64decode(each).decode() for each in data]


@pytest.mark.parametrize(
    ("event", "availability", "status"),
    [
        ("T01", "", "current"),
        ("T02", "", "current"),
        ("T02", "AV", "current"),
        ("T02", "OB", "superseded"),
        ("T02", "CA", "entered-in-error"),
        ("T02", "UN", "current"),
        ("T02", "active", "current"),
        ("T04", "", None),
        ("T03", "OB", "superseded"),
        ("T04", "CA", "entered-in-error"),
        ("T08", "", "current"),
        ("T11", "", "entered-in-error"),
        ("T11", "AV", "entered-in-error"),
    ],
)
def test_the_event_and_the_availability_say_what_becomes_of_a_document(
    event: str, availability: str, status: str | None
) -> None:
    assert said(event=event, fields={19: availability}).get("status") == status


def test_a_document_that_is_unavailable_for_care_says_so_until_it_is_available() -> None:
    before = documents(fields={19: "UN"})[0]
    after = documents(event="T04", fields={19: "AV"})[0]

    concept = before.elements["_status"]["extension"][0]["valueCodeableConcept"]
    assert concept["coding"][0]["code"] == "UN"
    assert "_status" in after.cleared
    assert "_status" not in documents(event="T04")[0].cleared


@pytest.mark.parametrize(
    ("event", "completion", "doc_status"),
    [
        ("T02", "AU", "final"),
        ("T02", "LA", "final"),
        ("T02", "AU^Authenticated^HL70271", "final"),
        ("T02", "DI", "preliminary"),
        ("T02", "DO", "preliminary"),
        ("T02", "IN", "preliminary"),
        ("T02", "IP", "preliminary"),
        ("T02", "PA", "preliminary"),
        ("T10", "AU", "amended"),
        ("T10", "PA", "preliminary"),
        ("T06", "AU", "final"),
        ("T02", "validated", None),
        ("T02", "", None),
    ],
)
def test_the_completion_status_says_whether_the_text_is_final(
    event: str, completion: str, doc_status: str | None
) -> None:
    assert said(event=event, fields={17: completion}).get("docStatus") == doc_status


def test_lines_of_text_become_one_text_with_its_paragraphs() -> None:
    lines = [TEXT % (n, text) for n, text in enumerate(("Day one.", "", "  Day two~went well."), 1)]
    elements = said(*lines)

    assert texts(elements) == ["Day one.\n\n  Day two\nwent well."]
    attachment = elements["content"][0]["attachment"]
    assert (attachment["contentType"], attachment["title"]) == ("text/plain", "Report body")


def test_formatting_escapes_become_line_ends() -> None:
    assert texts(said(r"OBX|1|FT|BODY^Body||one\.br\two \T\ three||||||F")) == ["one\ntwo & three"]


def test_each_group_of_lines_is_a_content_of_its_own() -> None:
    elements = said(
        "OBX|1|TX|IMP^Impression||Normal.||||||F",
        "OBX|2|TX|FIND^Findings||Clear lungs.||||||F",
        "OBX|3|ST|FIND^Findings||Heart normal.||||||F",
        f"OBX|4|ED|PDF^The report||^application^pdf^Base64^{PDF}||||||F",
        "OBX|5|NM|HR^Heart rate||72|/min|||||F",
    )

    assert [one["attachment"]["title"] for one in elements["content"]] == [
        "Impression",
        "Findings",
        "The report",
    ]
    assert texts(elements)[1] == "Clear lungs.\nHeart normal."
    assert elements["content"][2]["attachment"]["contentType"] == "application/pdf"


def test_a_pdf_cut_over_several_obx_is_one_and_two_pdfs_are_two() -> None:
    part = "OBX|%d|ED|PDF^The report||^application^pdf^Base64^%s||||||F"
    cut = said(part % (1, PDF[:40]), part % (2, PDF[40:]))
    two = said(part % (1, PDF), part % (2, PDF))

    assert texts(cut)[0].endswith("cut in two")
    assert len(cut["content"]) == 1
    assert len(two["content"]) == 2


def test_what_cannot_be_decoded_or_was_withdrawn_is_no_content() -> None:
    assert "content" not in said("OBX|1|ED|PDF^Report||^application^pdf^Base64^<not base64>||||||F")
    assert texts(said(TEXT % (1, "kept"), "OBX|2|TX|B^B||gone||||||D")) == ["kept"]


@pytest.mark.parametrize("event", ["T01", "T03", "T05", "T09"])
def test_a_notification_leaves_the_content_as_it_is_and_has_only_a_title_alone(event: str) -> None:
    entry = documents(event=event)[0]

    assert "content" not in entry.elements.keys() | set(entry.cleared)
    content = completed(entry, clinical_documents.REQUIRED)["content"]
    assert content == [{"attachment": {"title": "Document"}}]


@pytest.mark.parametrize(("event", "code"), [("T05", "appends"), ("T06", "appends")])
def test_an_addendum_adds_to_its_parent_which_stays(event: str, code: str) -> None:
    found = documents(event=event, fields={12: "D2^DOCS", 13: "D1^DOCS"})
    target = reference("DocumentReference", documents()[0].key)

    assert len(found) == 1
    assert found[0].elements["relatesTo"] == [{"code": code, "target": target}]


@pytest.mark.parametrize("event", ["T09", "T10"])
def test_a_replacement_supersedes_its_parent(event: str) -> None:
    new, old = documents(event=event, fields={12: "D2^DOCS", 13: "D1^DOCS"})

    assert new.elements["relatesTo"][0]["code"] == "replaces"
    assert old.key == documents()[0].key
    assert old.elements == {"status": "superseded"}
    assert old.sources == {"status": "TXA[1]-13"}


def test_a_document_that_names_itself_as_its_parent_does_not_replace_itself() -> None:
    (only,) = documents(event="T10", fields={13: "D1^DOCS"})

    assert only.elements["status"] == "current"
    assert "relatesTo" not in only.elements


def test_a_parent_in_another_event_is_no_relation() -> None:
    (only,) = documents(event="T02", fields={13: "D0^DOCS"})

    assert "relatesTo" not in only.elements


@pytest.mark.parametrize(
    ("lines", "orc"),
    [
        (("OBX|1|TX|B^B||text||||||D",), ""),
        (("OBX|1|TX|B^B||text||||||D", "OBX|2|TX|M^Mail||Dear colleague||||||F"), "ORC|CA"),
    ],
)
def test_a_status_change_that_deletes_takes_back_the_document_and_its_parent(
    lines: tuple[str, ...], orc: str
) -> None:
    found = documents(*lines, event="T04", fields={12: "D2^DOCS", 13: "D1^DOCS"}, orc=orc)

    assert [entry.elements["status"] for entry in found] == ["entered-in-error"] * 2
    assert "content" not in found[0].elements


def test_content_that_could_not_be_had_does_not_delete_the_document() -> None:
    elements = said("OBX|1|TX|B^B||||||||X")

    assert elements["status"] == "current"
    assert "content" not in elements


def test_an_order_that_is_cancelled_does_not_delete_a_new_document() -> None:
    assert said(TEXT % (1, "text"), orc="ORC|CA")["status"] == "current"


@pytest.mark.parametrize(
    ("sent", "code", "text"),
    [
        ("DS", "DS", "Discharge summary"),
        ("CN^Consult note", "CN", "Consult note"),
        ("11506-3^Progress note^LN", "11506-3", "Progress note"),
        ("18748-4", "18748-4", "Imaging report"),
        ("XX^Strange note", "XX", "Strange note"),
        ("Letter", None, "Letter"),
    ],
)
def test_the_type_is_the_senders_with_the_code_of_table_0270_or_of_its_order(
    sent: str, code: str | None, text: str
) -> None:
    found = said("OBX|1|TX|18748-4^Imaging report^LN||x||||||F", fields={2: sent})["type"]

    assert found["text"] == text
    assert [one["code"] for one in found.get("coding", ())] == ([code] if code else [])


@pytest.mark.parametrize(
    ("sent", "label"), [("V", "V"), ("VR", "V"), ("R", "R"), ("RE", "R"), ("U", "N"), ("UC", "N")]
)
def test_confidentiality_is_a_label(sent: str, label: str) -> None:
    (found,) = said(fields={18: sent})["securityLabel"]

    assert found["coding"][0]["code"] == label
    assert found["coding"][0]["system"].endswith("v3-Confidentiality")


def test_a_level_that_is_not_known_is_kept_as_text() -> None:
    assert said(fields={18: "HIV"})["securityLabel"] == [{"text": "HIV"}]


def test_what_is_hidden_from_the_patient_is_labelled_until_it_is_opened() -> None:
    line = "OBX|2|CWE|%s^Hidden^MetaDMPMSS||%s^^HL70136||||||F"
    hidden = documents(TEXT % (1, "x"), line % ("INVISIBLE_PATIENT", "Y"))[0]
    parents = said(TEXT % (1, "x"), line % ("INVISIBLE_REP_LEGAUX", "Y"))
    opened = documents(TEXT % (1, "x"), line % ("INVISIBLE_PATIENT", "N"))[0]

    assert hidden.elements["securityLabel"][0]["coding"][0]["code"] == "NOPAT"
    assert parents["securityLabel"][0]["coding"][0]["code"] == "INVISIBLE_REP_LEGAUX"
    assert "securityLabel" in opened.cleared
    assert "securityLabel" not in documents(TEXT % (1, "x"))[0].cleared
    assert texts(hidden.elements) == ["x"]


def test_times_are_of_what_happened_and_of_what_was_written() -> None:
    elements = said()

    assert elements["context.period"] == {"start": "2027-03-01T08:00:00-05:00"}
    assert elements["date"] == "2027-03-01T09:30:00-05:00"
    assert said(fields={6: ""})["date"] == "2027-03-01T08:00:00-05:00"
    assert said(fields={6: "", 7: "202703011015"})["date"] == "2027-03-01T10:15:00-05:00"


def test_a_day_without_a_time_is_no_instant() -> None:
    elements = said(fields={4: "20270301", 6: "20270302"})

    assert "date" not in elements
    assert elements["context.period"] == {"start": "2027-03-01"}


def test_author_and_signer_are_named() -> None:
    elements = said(
        fields={5: "3^Lind^Eva", 9: "1^Okafor^Ada~2^Roe^Max", 22: "4^Sun^Li^^^^^^^^^^^^2027"}
    )

    assert [one["display"] for one in elements["author"]] == ["Ada Okafor", "Max Roe"]
    assert elements["authenticator"]["display"] == "Li Sun"
    assert elements["context.related"][0]["display"] == "Eva Lind"


def test_who_was_to_sign_did_so_only_when_the_document_is_authenticated() -> None:
    assigned = {10: "4^Sun^Li", 22: "^^^^^^^^^^^^^^2027"}

    assert said(fields=assigned)["authenticator"]["display"] == "Li Sun"
    assert "authenticator" not in said(fields=assigned | {17: "DO"})


def test_the_visit_is_referred_to_by_its_number() -> None:
    assert said()["context.encounter"] == [reference("Encounter", "ADMIT\nV7")]


def test_a_document_is_known_by_its_number_within_its_authority() -> None:
    entry = documents()[0]

    assert entry.key == "DOCS\nD1"
    assert entry.elements["masterIdentifier"]["value"] == "D1"
    assert documents(event="T11", fields={2: "OP", 4: ""})[0].key == entry.key
    assert documents(fields={12: "D1"})[0].key == "CLINIC\nD1"


def test_without_a_number_documents_differ_in_type_time_order_or_file() -> None:
    ways: list[dict[int, str]] = [
        {},
        {2: "OP"},
        {4: "20270401"},
        {9: "1^Roe"},
        {15: "O1"},
        {16: "F"},
    ]
    keys = [documents(fields={12: ""} | way)[0].key for way in ways]

    assert len(set(keys)) == len(ways)
    assert keys[0] == documents(event="T11", fields={12: ""})[0].key


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (an_mdm().replace(b"TXA", b"ZXA"), "TXA segment"),
        (an_mdm(fields={4: "", 6: "", 12: ""}), "TXA-12"),
    ],
)
def test_what_cannot_be_told_from_others_is_refused_in_words(raw: bytes, named: str) -> None:
    with pytest.raises(Unusable) as refused:
        converted(raw, clinical_documents.entries)

    assert refused.value.reason is Reason.BAD_VALUE
    assert named in refused.value.detail


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])), min_size=1))
def test_no_word_of_a_text_is_lost(lines: list[str]) -> None:
    sent = [escaped(line, Delimiters()) for line in lines]
    elements = said(*(TEXT % (n, line) for n, line in enumerate(sent, 1)))
    found = "\n".join(texts(elements)).split() if "content" in elements else []

    assert found == " ".join(lines).split()


@given(st.binary(max_size=300), st.sampled_from(["T02", "T04", "T10", "T11"]))
def test_any_bytes_after_the_header_raise_nothing_but_a_reason(tail: bytes, event: str) -> None:
    raw = an_mdm(event=event) + b"\rOBX|1|ED|A^B||" + tail

    for entry in converted(raw, clinical_documents.entries):
        check(entry, hl7.read(raw), clinical_documents.REQUIRED)


@given(st.data())
def test_any_fields_give_a_valid_document_or_a_reason(data: st.DataObject) -> None:
    field = st.text(st.sampled_from('AB09 ^~&\\|"Dé.') | st.characters(codec="utf-8"), max_size=12)
    fields = data.draw(st.dictionaries(st.integers(1, 25), field))
    obx = data.draw(st.lists(field, max_size=12))
    raw = an_mdm("|".join(["OBX", *obx]), fields=fields)
    message = hl7.read(raw)
    envelope = envelopes.envelope(message, people.claim(message.first("PID")), ZONE)

    try:
        found = clinical_documents.entries(message, envelope)
    except Unusable as refused:
        found = [] if refused.reason is Reason.BAD_VALUE else pytest.fail(refused.detail)
    for entry in found:
        check(entry, message, clinical_documents.REQUIRED)
