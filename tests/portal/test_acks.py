from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.lab_messages import MSH, PID, a_message, an_obx, an_oru

from portal import hl7
from portal.acks import AckCode, Condition, Envelope, Problem, ack, problem_of
from portal.errors import Reason, Unusable
from portal.hl7_faults import why_refused

_NOW = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
_MISSING = Problem(Condition.REQUIRED_FIELD_MISSING, "PID-3 is empty | fix & resend", "PID-3.1")


def answer(raw: bytes, code: AckCode = AckCode.ACCEPTED, *problems: Problem) -> hl7.Message:
    return hl7.read(ack(hl7.read(raw), code, problems, at=_NOW, control_id="A1"))


def test_an_ack_goes_back_where_the_message_came_from() -> None:
    header = answer(an_oru()).first("MSH")

    assert [header.text(n) for n in (3, 4, 5, 6)] == ["PORTAL", "CLINIC", "LAB", "CENTRAL"]
    assert header.raw(9) == "ACK^R01^ACK"
    assert header.text(7) == "20260301123000+0000"
    assert header.text(10) == "A1"
    assert (header.text(11), header.text(12)) == ("P", "2.5.1")


def test_an_accepting_ack_has_no_err_segment() -> None:
    reply = answer(an_oru(), AckCode.ACCEPTED, _MISSING)

    assert reply.first("MSA").text(1) == "AA"
    assert not reply.first("ERR")


def test_an_error_says_where_what_and_how_bad() -> None:
    error = answer(an_oru(), AckCode.ERROR, _MISSING).first("ERR")

    assert error.raw(2) == "PID^1^3^1^1"
    assert error.raw(3) == "101^Required field missing^HL70357"
    assert error.text(4) == "E"
    assert error.text(8) == "PID-3 is empty | fix & resend"


@pytest.mark.parametrize("control_id", ["MSG1", r"a b~c\Zx\&d", "9" * 300, "zz1zz", "é\x01"])
def test_msa_2_is_the_control_id_byte_for_byte(control_id: str) -> None:
    raw = a_message(MSH.replace("MSG1", control_id), PID)

    reply = ack(hl7.read(raw), AckCode.ACCEPTED, at=_NOW, control_id="A1")

    assert f"MSA|AA|{control_id}\r".encode() in reply


@pytest.mark.parametrize("version", ["2.1", "2.2", "2.3", "2.8.2", "2.9", "2.999", "", "x^y"])
def test_any_version_is_answered_in_its_own_words(version: str) -> None:
    reply = answer(a_message(MSH.replace("2.5.1", version), PID), AckCode.REJECTED, _MISSING)

    assert reply.first("MSH").raw(12) == version
    assert reply.first("ERR")


def test_the_answer_uses_the_senders_delimiters_and_charset() -> None:
    raw = "MSH#*!@$#LAB#C#P#D###ORU*R01#Ñ7#P#2.3####8859/1".encode("latin-1")

    reply = ack(hl7.read(raw), AckCode.ACCEPTED, at=_NOW, control_id="A1")

    assert reply.startswith(b"MSH#*!@$#P#D#LAB#C#")
    assert b"MSA#AA#\xd17\r" in reply


@given(st.binary() | st.binary().map(lambda junk: b"MSH|^~\\&|" + junk))
def test_whatever_comes_is_answered(raw: bytes) -> None:
    request = hl7.read(raw)
    reply = ack(request, AckCode.ERROR, [_MISSING], at=_NOW, control_id="A1")

    assert reply.count(b"MSA") >= 1 or request.charset == "utf-16"
    assert why_refused(raw) is not None


def test_a_refusal_names_segments_and_fields_but_never_values() -> None:
    patient = PID.replace("19800229", "secretdate")
    reasons = why_refused(an_oru(an_obx(flag="secret^flag"), patient=patient, order="OBR|1"))

    assert "PID[1], field 7, does not hold what its data type allows." in reasons
    assert "OBX[1], field 8, has more parts than HL7 allows." in reasons
    assert "OBR[1] lacks field 4, which HL7 requires." in reasons
    assert "secret" not in " ".join(reasons)
    assert "Doe" not in " ".join(reasons)


def test_a_refusal_tells_what_is_missing_altogether() -> None:
    assert why_refused(b"hello") == ["No MSH segment: this is not an HL7 v2 message."]
    assert "No PID segment: the patient." in why_refused(MSH.encode())
    assert why_refused(MSH.replace("2.5.1", "2.9").encode())[0].startswith("MSH-12")


def test_a_huge_message_is_explained_by_its_beginning() -> None:
    huge = an_oru(*[an_obx("x" * 50 + "&^~" * 1000)] * 2000)

    assert len(why_refused(huge)) <= 12


@pytest.mark.parametrize(
    ("detail", "location"),
    [
        ("PID-3 is empty, and so are PID-2 and PID-4: nobody can tell.", "PID-3"),
        ("There is no OBR segment: no test is named.", "OBR"),
        ("OBX-5.2 of OBX 4 holds no number.", "OBX-5.2"),
        ("There is no MSH segment: this is not an HL7 v2 message.", "MSH"),
        ("Nobody knows.", ""),
    ],
)
def test_the_place_of_a_problem_is_the_first_field_or_segment_its_sentence_names(
    detail: str, location: str
) -> None:
    assert problem_of(Unusable(Reason.BAD_VALUE, detail)).location == location


def test_every_condition_is_of_table_0357() -> None:
    known = {"100", "101", "102", "199", "200", "201", "202", "203", "204", "205", "207"}

    assert {condition.value for condition in Condition} <= known


@given(st.text(), st.sampled_from(["|^~\\&", "#*!@$", "|^~\\&#"]))
def test_the_envelope_of_a_batch_holds_its_comment_in_one_field(comment: str, marks: str) -> None:
    header = hl7.read(f"MSH{marks}{marks[0]}A{marks[0]}B".encode())

    made = Envelope("B", header, comment).around(b"", 0, at=_NOW, control_id="A1").decode()

    first, last, end = made.split("\r")
    assert first.split(marks[0])[10:] == ["A1", ""]
    assert (last, end) == (f"BTS{marks[0]}0", "")
