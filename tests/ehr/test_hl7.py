"""POST /ehr/hl7, as an EHR's interface engine sees it."""

from typing import Any

import pytest
from functions.ehr import keeping, transport
from tests import stores
from tests.builders import a_message, a_patient
from tests.client import Response
from tests.ehr.pushing import ER7, fields, pushed, refusals

from portal import arrivals, credentials, objects
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture
def token() -> str:
    return credentials.issue("Test lab", facilities=[])


def test_a_result_is_stored_and_queued_and_then_accepted(token: str) -> None:
    raw = a_message(a_patient(), control_id="ABC-7")

    response = pushed(raw, token)

    assert response.status == 200
    assert response.headers["content-type"].startswith(ER7)
    assert fields(response)["MSA"][1:3] == ["AA", "ABC-7"]
    assert stores.queued("LabMessages") == [{"raw_id": objects.raw_id(raw)}]
    assert objects.raw(objects.raw_id(raw))[0] == raw
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.RECEIVED


def test_the_acknowledgement_answers_the_sender(token: str) -> None:
    sent = fields(Response(200, {}, raw := a_message(a_patient())))["MSH"]

    answer = fields(pushed(raw, token))["MSH"]

    assert answer[2:6] == sent[4:6] + sent[2:4]
    assert answer[8] == "ACK^R01^ACK"
    assert answer[10:12] == sent[10:12]
    assert answer[9] != sent[9]


def test_the_same_bytes_twice_are_one_message_and_get_the_same_answer(token: str) -> None:
    raw = a_message(a_patient())

    first, second = pushed(raw, token), pushed(raw, token)

    assert first.body == second.body


@pytest.mark.parametrize("content_type", [*transport.HL7_TYPES, f"{ER7}; charset=utf-8"])
def test_each_spelling_of_the_media_type_is_taken(content_type: str, token: str) -> None:
    assert fields(pushed(a_message(a_patient()), token, content_type))["MSA"][1] == "AA"


def test_bytes_of_another_charset_are_kept_and_read_as_http_says(token: str) -> None:
    raw = a_message(a_patient(), pid={"name": "Nuñez^Ana"}).decode().encode("latin-1")

    pushed(raw, token, f"{ER7}; charset=iso-8859-1")

    assert objects.raw(objects.raw_id(raw)) == (raw, "iso-8859-1")


@pytest.mark.parametrize("authorization", ["", "Bearer ehr_wrong", "Basic YTpi", "Bearer", "x y z"])
def test_without_a_credential_nothing_is_stored(authorization: str) -> None:
    raw = a_message(a_patient())
    before = len(refusals())

    response = pushed(raw, authorization=authorization)

    assert response.status == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert "hl7" not in response.headers["content-type"]
    assert not stores.is_kept(objects.raw_id(raw))
    assert len(refusals()) == before + 1


def test_a_revoked_credential_is_unknown(token: str) -> None:
    credentials.revoke(token)

    assert pushed(a_message(a_patient()), token).status == 401


def test_a_credential_is_kept_as_a_hash(token: str) -> None:
    table = stores.client("dynamodb").scan(TableName="sessions")["Items"]

    assert token not in repr(table)


def test_a_credential_sends_for_its_own_facility_only() -> None:
    token = credentials.issue("Other lab", facilities=["ELSEWHERE"])
    raw = a_message(a_patient())

    answer = fields(pushed(raw, token))

    assert answer["MSA"][1] == "AR"
    assert "MSH-4" in "|".join(answer["ERR"])
    assert not stores.is_kept(objects.raw_id(raw))


@pytest.mark.parametrize("body", [b"", b"hello", b"MSH|", b"\x00\xff", b"PID|1||2"])
def test_what_is_no_hl7_is_refused_by_http_alone(body: bytes, token: str) -> None:
    response = pushed(body, token)

    assert response.status == 400
    assert response.headers["content-type"].startswith("text/plain")


def test_a_message_that_is_too_large_is_refused(token: str) -> None:
    assert pushed(b"MSH|^~\\&|" + b"x" * transport.MAX_BYTES, token).status == 413


def test_a_content_error_is_an_ae_with_its_place_and_the_message_is_kept(token: str) -> None:
    raw = a_message(a_patient()).replace(b"PID|", b"ZID|")

    answer = fields(pushed(raw, token))

    assert answer["MSA"][1] == "AE"
    assert answer["ERR"][3].startswith("101")
    assert answer["ERR"][4] == "E"
    assert stores.queued("LabMessages") == [{"raw_id": objects.raw_id(raw)}]


def test_another_type_of_message_is_rejected_and_kept(token: str) -> None:
    raw = a_message(a_patient()).replace(b"ORU^R01^ORU_R01", b"MFN^M02")

    answer = fields(pushed(raw, token))

    assert (answer["MSA"][1], answer["ERR"][3][:3]) == ("AR", "200")
    assert stores.is_kept(objects.raw_id(raw))


def test_a_message_without_a_control_id_is_an_error_and_kept(token: str) -> None:
    raw = a_message(a_patient(), control_id="CTRL").replace(b"|CTRL|", b"||")

    answer = fields(pushed(raw, token))

    assert (answer["MSA"][1:3], answer["ERR"][3][:3]) == (["AE", ""], "101")
    assert stores.is_kept(objects.raw_id(raw))


@pytest.mark.parametrize("where", ["keep_raw", "received", "enqueue"])
def test_our_own_outage_is_a_503_and_never_an_acknowledgement(
    where: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import EndpointConnectionError

    def down(*_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://store")

    owner = {"keep_raw": objects, "received": arrivals, "enqueue": keeping}[where]
    monkeypatch.setattr(owner, where, down)

    response = pushed(a_message(a_patient()), token)

    assert response.status == 503
    assert "MSA" not in response.text
    assert "hl7" not in response.headers["content-type"]


def test_the_push_is_audited_before_the_answer_with_the_sender(token: str) -> None:
    raw = a_message(a_patient())

    pushed(raw, token)

    rows = [row for row in AuditRow.scan() if row.about == objects.raw_id(raw)]
    assert [(row.event, row.why) for row in rows] == [("ehr.message-taken", "sender:Test lab")]


def test_a_push_that_cannot_be_audited_is_not_acknowledged(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal import audit
    from portal.errors import Unavailable

    def down(_: object) -> None:
        raise Unavailable

    monkeypatch.setattr(audit, "save", down)

    assert pushed(a_message(a_patient()), token).status == 503
