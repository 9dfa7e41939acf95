"""HL7 over HTTP: media types, charsets, methods, sizes, credentials (rows HTTP-*)."""

import base64
import gzip
import tracemalloc
from typing import Any

import pytest
from functions.ehr import app as ehr
from functions.ehr import transport
from tests import stores
from tests.architecture.sources import imports, modules
from tests.client import Client
from tests.ehr.pushing import ER7, codes, fields, pushed, queued_ids, refusals
from tests.wire.messages import an_oru, without_pid_3

from portal import arrivals, credentials, hl7, objects, splitting
from portal.access import Visitor
from portal.answers import Bytes
from portal.tables import AuditRow


@pytest.mark.parametrize(
    "content_type",
    [
        f"{ER7}; charset=utf-8",
        "application/hl7-v2+er7; charset=utf-8",
        "application/hl7-v2; charset=utf-8",
        f"{ER7}; charset=iso-8859-1",
        f"{ER7};charset=US-ASCII",
    ],
)
def test_the_answer_has_the_requests_media_type_and_charset(content_type: str, token: str) -> None:
    response = pushed(an_oru(), token, content_type)

    assert codes(response) == ["AA"]
    expected = content_type.lower().replace(";charset", "; charset")
    assert response.headers["content-type"] == expected


def test_the_answers_bytes_are_in_the_charset_it_names(token: str) -> None:
    raw = an_oru(msh10="Ñ-1").decode().encode("latin-1")

    response = pushed(raw, token, f"{ER7}; charset=iso-8859-1")

    assert response.headers["content-type"].endswith("iso-8859-1")
    assert "MSA|AA|Ñ-1\r".encode("latin-1") in response.body


@pytest.mark.parametrize("kind", ["x-application/hl7-v2+xml", "application/hl7-v2+xml", "text/xml"])
def test_xml_is_refused_and_never_read(
    kind: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hl7, "read", never)
    bomb = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'

    response = pushed(bomb, token, kind)

    assert response.status == 415
    assert "root:" not in response.text
    assert not stores.is_kept(objects.raw_id(bomb))


def test_nothing_that_runs_on_aws_imports_a_parser_of_xml() -> None:
    imported = {name.partition(".")[0] for tree in modules().values() for name in imports(tree)}

    assert not imported & {"xml", "lxml", "defusedxml", "bs4", "xmltodict"}


@pytest.mark.parametrize(("accept", "code"), [("", "AE"), ("AL", "CE")])
def test_an_error_in_the_message_is_still_a_200(accept: str, code: str, token: str) -> None:
    response = pushed(without_pid_3(an_oru(msh15=accept)), token)

    assert (response.status, codes(response)) == (200, [code])


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"hello", {}, 400),
        (b"MSH|^~\\&|A|B|C|D|||ORU^R01|1|P|2.5", {"authorization": "Bearer no"}, 401),
        (b"x", {"content-type": "text/plain"}, 415),
        (b"x", {"content-encoding": "gzip"}, 415),
        (b"x", {"content-type": f"{ER7}; charset=ebcdic"}, 415),
        (b"MSH|^~\\&|" + b"x" * transport.MAX_BYTES, {}, 413),
    ],
)
def test_a_refusal_of_http_is_never_of_an_hl7_type(
    body: bytes, headers: dict[str, str], status: int, token: str
) -> None:
    sent = {"content-type": ER7, "authorization": f"Bearer {token}"} | headers
    response = Client(accept="*/*", origin=None).send("POST", "/ehr/hl7", body, sent)

    assert response.status == status
    assert "hl7" not in response.headers["content-type"]
    assert "MSA" not in response.text


def test_the_charset_of_http_wins_over_msh_18(token: str) -> None:
    raw = an_oru(msh18="8859/1", msh10="Ñ")

    assert "MSA|AA|Ñ\r" in pushed(raw, token, f"{ER7}; charset=utf-8").text


def test_without_a_charset_bytes_that_are_no_utf_8_are_not_guessed(token: str) -> None:
    utf_8, latin = an_oru(msh10="Ñ"), an_oru(msh10="Ñ").decode().encode("latin-1")

    assert codes(pushed(utf_8, token)) == ["AA"]
    answer = pushed(latin, token)

    assert b"MSA|AR|\xd1\r" in answer.body
    assert arrivals.arrival(objects.raw_id(latin)).state == arrivals.QUARANTINED


def test_msh_18_is_believed_where_http_names_no_charset(token: str) -> None:
    raw = an_oru(msh10="Ñ", msh18="8859/1").decode().encode("latin-1")

    response = pushed(raw, token)

    assert b"MSA|AA|\xd1\r" in response.body
    assert response.headers["content-type"] == f"{ER7}; charset=iso-8859-1"


def test_a_body_that_is_not_in_its_charset_is_an_ar_and_waits_in_quarantine(token: str) -> None:
    raw = an_oru() + b"NTE|1||\xff\xfe\xd1\r"

    answer = fields(pushed(raw, token, f"{ER7}; charset=utf-8"))

    assert answer["MSA"][1] == "AR"
    assert queued_ids() == []
    assert objects.raw(objects.raw_id(raw))[0] == raw
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.QUARANTINED


@pytest.mark.parametrize("charset", ["utf-7", "ebcdic", "rot13", "unicode_escape", "%00"])
def test_an_unknown_charset_is_a_415(charset: str, token: str) -> None:
    assert pushed(an_oru(), token, f"{ER7}; charset={charset}").status == 415


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("kind", [ER7, "application/json"])
def test_another_method_is_a_405_that_names_post(method: str, kind: str, token: str) -> None:
    headers = {"content-type": kind, "authorization": f"Bearer {token}"}
    body = b"" if method == "GET" else an_oru()

    response = Client(accept="*/*", origin=None).send(method, "/ehr/hl7", body, headers)

    assert (response.status, response.headers["allow"]) == (405, "POST")
    assert not stores.is_kept(objects.raw_id(body))


@pytest.mark.parametrize("authorization", ["", "Bearer ehr_wrong", "Basic YTpi"])
def test_without_a_credential_nothing_is_read_or_stored_and_it_is_audited(
    authorization: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del token
    monkeypatch.setattr(hl7, "read", never)
    monkeypatch.setattr(splitting, "parts", never)
    raw, before = an_oru(), len(refusals())

    response = pushed(raw, authorization=authorization)

    assert (response.status, response.headers["www-authenticate"]) == (401, "Bearer")
    assert not stores.is_kept(objects.raw_id(raw))
    assert len(refusals()) == before + 1


def test_a_sender_that_may_not_use_its_msh_4_is_an_ar_and_audited(token: str) -> None:
    del token
    own = credentials.issue("Narrow", facilities=["ELSEWHERE"])
    raw = an_oru()

    answer = fields(pushed(raw, own))

    assert answer["MSA"][1] == "AR"
    assert answer["ERR"][2].startswith("MSH^1^4")
    assert not stores.is_kept(objects.raw_id(raw))
    rows = [row for row in AuditRow.scan() if row.why == "sender:Narrow"]
    assert [row.event for row in rows] == ["ehr.message-refused"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_any_line_end_is_taken_and_the_answer_has_cr(end: bytes, token: str) -> None:
    response = pushed(an_oru().replace(b"\r", end), token)

    assert codes(response) == ["AA"]
    assert b"\n" not in response.body


@pytest.mark.parametrize("over", [0, 1])
def test_up_to_the_limit_it_is_taken_and_beyond_it_not_even_read(
    over: int, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = an_oru() + b"NTE|1||"
    raw += b"x" * (transport.MAX_BYTES - len(raw) + over)
    if over:
        monkeypatch.setattr(hl7, "read", never)

    assert pushed(raw, token).status == (413 if over else 200)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, identity", "GZIP"])
def test_nothing_is_decompressed(encoding: str, token: str) -> None:
    """The memory it takes is that of the small body, not of what hides in it."""
    bomb = gzip.compress(b"MSH|^~\\&|" + b"\0" * 50_000_000)
    pushed(b"MSH|", token)
    tracemalloc.start()

    response = pushed(bomb, token, **{"content-encoding": encoding})

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status == 415
    assert peak < 16_000_000
    assert not stores.is_kept(objects.raw_id(bomb))


def test_a_body_that_did_not_arrive_whole_is_not_stored_or_acknowledged(token: str) -> None:
    """API Gateway hands nothing over before the body is whole; what is handed over damaged is
    refused."""
    raw = an_oru()
    event: dict[str, Any] = {
        "path": "/ehr/hl7",
        "headers": {"content-type": ER7, "authorization": f"Bearer {token}"},
        "body": base64.b64encode(raw).decode()[:-5],
        "isBase64Encoded": True,
        "requestContext": {"httpMethod": "POST", "resourcePath": "/ehr/hl7", "identity": {}},
    }

    answer = ehr.app(event, None)

    assert answer["statusCode"] == 400
    assert not stores.is_kept(objects.raw_id(raw))


def never(*_: object, **__: object) -> Bytes:
    raise AssertionError("it must not come to this")


def test_the_action_says_only_post_whoever_asks() -> None:
    visitor = Visitor("r", "s", "en", "", "", "/ehr/hl7")

    assert ehr.only_post(visitor, transport.Push(headers={}, body=b"")).status == 405
