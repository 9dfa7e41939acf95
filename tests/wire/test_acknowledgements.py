"""Acknowledgements of single messages in original and in enhanced mode (rows ACK-*)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from functions.ehr import keeping
from tests import stores
from tests.builders import a_message, a_patient
from tests.ehr.pushing import codes, fields, pushed, queued_ids
from tests.wire.messages import an_oru, control_id, with_header, without_pid_3

from portal import arrivals, audit, credentials, objects, senders
from portal.tables import AuditRow, CareRow


def state_of(raw: bytes) -> str:
    return arrivals.arrival(objects.raw_id(raw)).state


def test_a_good_message_gets_one_aa_after_it_is_stored(token: str) -> None:
    raw = an_oru()

    response = pushed(raw, token)

    assert codes(response) == ["AA"]
    assert stores.is_kept(objects.raw_id(raw))
    assert queued_ids() == [objects.raw_id(raw)]


def test_a_content_error_is_an_ae_that_says_where_what_and_how_bad(token: str) -> None:
    answer = fields(pushed(without_pid_3(an_oru()), token))

    assert answer["MSA"][1] == "AE"
    assert answer["ERR"][2] == "PID^1^3^1"
    assert answer["ERR"][3].endswith("HL70357")
    assert answer["ERR"][4] == "E"


@pytest.mark.parametrize(
    ("header", "condition"),
    [
        ({"msh9": "MFN^M02"}, "200"),
        ({"msh9": ""}, "200"),
        ({"msh11": "T"}, "202"),
        ({"msh11": "D"}, "202"),
        ({"msh12": "3.0"}, "203"),
        ({"msh12": "2.10"}, "203"),
        ({"msh12": "2.999"}, "203"),
    ],
)
def test_what_is_not_supported_is_an_ar_and_waits_in_quarantine(
    header: dict[str, str], condition: str, token: str
) -> None:
    raw = an_oru(**header)

    answer = fields(pushed(raw, token))

    assert (answer["MSA"][1], answer["ERR"][3][:3]) == ("AR", condition)
    assert stores.is_kept(objects.raw_id(raw))
    is_queued = objects.raw_id(raw) in queued_ids()
    assert is_queued == (condition == "200"), "else its workflow would file it"
    assert is_queued or state_of(raw) == arrivals.QUARANTINED


def test_an_event_its_sender_is_not_set_to_send_is_a_201(token: str) -> None:
    settings = (
        'name = "Events"\nsends_as = [{ facility = "EVENTS" }]\ntakes = ["ADT^A08", "ORU^R03"]\n'
    )
    senders.keep("events.toml", settings)

    answer = fields(pushed(an_oru(msh4="EVENTS"), token))

    assert (answer["MSA"][1], answer["ERR"][3][:3]) == ("AR", "201")


@pytest.mark.parametrize(("otherwise", "code"), [("refuse", "AR"), ("quarantine", "AA")])
def test_a_type_we_do_not_take_is_answered_as_its_sender_is_set_and_never_lost(
    otherwise: str, code: str, token: str
) -> None:
    name = otherwise.upper()
    settings = f'name = "{name}"\nsends_as = [{{ facility = "{name}" }}]\n'
    senders.keep(f"{otherwise}.toml", f'{settings}otherwise = "{otherwise}"\ntakes = ["ADT"]\n')
    raw = an_oru(msh4=name)

    assert codes(pushed(raw, token)) == [code]
    assert queued_ids() == [objects.raw_id(raw)]


@pytest.mark.parametrize("version", ["2.1", "2.2", "2.3.1", "2.5.1", "2.7", "2.8.2", "2.9", ""])
def test_every_version_of_hl7_v2_is_taken(version: str, token: str) -> None:
    assert codes(pushed(an_oru(msh12=version), token)) == ["AA"]


@pytest.mark.parametrize("where", ["keep_raw", "received", "enqueue"])
@pytest.mark.parametrize("accept", ["", "AL", "NE"])
def test_our_own_outage_is_a_503_in_either_mode(
    where: str, accept: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://store")

    owner: Any = {"keep_raw": objects, "received": arrivals, "enqueue": keeping}[where]
    monkeypatch.setattr(owner, where, down)

    response = pushed(an_oru(msh15=accept), token)

    assert response.status == 503
    assert "MSA" not in response.text
    assert "hl7" not in response.headers["content-type"]


def test_a_queue_that_takes_only_some_of_a_batch_is_an_outage(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Queue:
        def send_message_batch(self, **_: Any) -> dict[str, Any]:
            return {"Failed": [{"Id": "0"}]}

    monkeypatch.setattr(keeping, "client", lambda _: Queue())

    assert pushed(an_oru(), token).status == 503


@pytest.mark.parametrize("sent", ["A B-7", "zz1zz", "ID\\T\\9", "9" * 199, "Ñandú"])
def test_msa_2_is_msh_10_byte_for_byte(sent: str, token: str) -> None:
    response = pushed(an_oru(msh10=sent), token)

    assert f"MSA|AA|{sent}\r".encode() in response.body


def test_the_answers_header_is_new_and_goes_back_where_the_message_came_from(token: str) -> None:
    raw = an_oru(msh7="20260301120000-0500")
    sent, answer = raw.split(b"\r")[0].decode().split("|"), fields(pushed(raw, token))["MSH"]

    assert answer[2:6] == sent[4:6] + sent[2:4]
    assert answer[8] == "ACK^R01^ACK"
    assert answer[10:12] == sent[10:12]
    assert answer[6] != sent[6]
    assert answer[9] != sent[9]


# accept, application -> what a good message, one with an error, and one of another type get
ENHANCED = {
    ("AL", ""): ("CA", "CE", "CR"),
    ("AL", "AL"): ("CA", "CA", "CR"),
    ("AL", "NE"): ("CA", "CE", "CR"),
    ("AL", "ER"): ("CA", "CA", "CR"),
    ("AL", "SU"): ("CA", "CE", "CR"),
    ("NE", ""): (None, None, None),
    ("NE", "AL"): (None, None, None),
    ("ER", "AL"): (None, None, "CR"),
    ("ER", "NE"): (None, "CE", "CR"),
    ("SU", "AL"): ("CA", "CA", None),
    ("SU", "NE"): ("CA", None, None),
    ("??", "NE"): ("CA", "CE", "CR"),
    ("", "AL"): ("AA", "AE", "AR"),
    ("", "NE"): (None, None, None),
    ("", "ER"): (None, "AE", "AR"),
    ("", "SU"): ("AA", None, None),
}


@pytest.mark.parametrize(("accept", "application"), ENHANCED)
def test_each_mode_gets_the_acknowledgements_it_asks_for(
    accept: str, application: str, token: str
) -> None:
    modes = {"msh15": accept, "msh16": application}
    sent = [an_oru(**modes), without_pid_3(an_oru(**modes)), an_oru(msh9="MFN^M02", **modes)]

    responses = [pushed(raw, token) for raw in sent]

    for response, code in zip(responses, ENHANCED[accept, application], strict=True):
        assert response.status == (200 if code else 204)
        assert codes(response) == ([code] if code else [])
        assert code or response.body == b""
    assert all(stores.is_kept(objects.raw_id(raw)) for raw in sent)


def test_an_acknowledgement_is_not_acknowledged_and_is_nobodys_chart(token: str) -> None:
    raw = b"MSH|^~\\&|LAB|RIVERBEND|P|C|20260301||ACK^R01^ACK|A1|P|2.5.1\rMSA|AA|C1\r"
    before = len(list(AuditRow.scan()))

    response = pushed(raw, token)

    assert (response.status, response.body) == (204, b"")
    assert not stores.is_kept(objects.raw_id(raw))
    assert len(list(AuditRow.scan())) == before + 1


def test_the_answer_uses_the_requests_delimiters(token: str) -> None:
    raw = a_message(a_patient()).translate(bytes.maketrans(b"|^~\\&", b"#*!@$"))

    answer = pushed(raw, token).text

    assert answer.startswith("MSH#*!@$#PORTAL#CLINIC#LAB#RIVERBEND#")
    assert f"MSA#AA#{raw.split(b'#')[9].decode()}\r" in answer


def test_a_fifth_encoding_character_is_accepted(token: str) -> None:
    response = pushed(an_oru(msh2="^~\\&#", msh12="2.7"), token)

    assert codes(response) == ["AA"]


@pytest.mark.parametrize("body", [b"", b"MSH", b"MSH|", b"MSH|^~\\&", b"PID|1||7", b"hello"])
def test_without_a_usable_msh_the_answer_is_no_hl7(body: bytes, token: str) -> None:
    response = pushed(body, token)

    assert response.status == 400
    assert response.headers["content-type"].startswith("text/plain")
    assert b"MSA" not in response.body


@pytest.mark.parametrize(("accept", "code"), [("", "AE"), ("AL", "CE")])
def test_without_msh_10_it_is_an_error_101_and_waits_in_quarantine(
    accept: str, code: str, token: str
) -> None:
    raw = an_oru(msh10="", msh15=accept)

    answer = fields(pushed(raw, token))

    assert (answer["MSA"][1:3], answer["ERR"][3][:3]) == ([code, ""], "101")
    assert queued_ids() == []
    assert state_of(raw) == arrivals.QUARANTINED


@pytest.mark.parametrize("header", [{}, {"msh11": "T"}, {"msh15": "AL"}, {"msh9": "MFN^M02"}])
def test_the_same_bytes_twice_are_one_message_and_get_the_same_answer(
    header: dict[str, str], token: str
) -> None:
    raw = an_oru(**header)

    first, second = pushed(raw, token), pushed(raw, token)

    assert first.body == second.body
    assert len(list(CareRow.query(f"arrival#{objects.raw_id(raw)}"))) == 1


def test_what_staff_sent_on_its_way_is_not_put_aside_again(token: str) -> None:
    raw = an_oru(msh11="T")
    pushed(raw, token)
    arrivals.finished(objects.raw_id(raw), arrivals.CARDED)

    pushed(raw, token)

    assert state_of(raw) == arrivals.CARDED


def test_other_bytes_under_the_same_control_id_are_a_message_of_their_own(token: str) -> None:
    first = an_oru()
    second = with_header(an_oru(), msh10=control_id(first))

    assert [codes(pushed(raw, token)) for raw in (first, second)] == [["AA"], ["AA"]]
    assert queued_ids() == [objects.raw_id(second)]
    assert stores.is_kept(objects.raw_id(first))
    assert stores.is_kept(objects.raw_id(second))


def test_a_retry_while_the_first_is_in_flight_has_one_effect_and_both_get_the_answer(
    token: str,
) -> None:
    raw = an_oru()
    stores.queued("LabMessages")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: pushed(raw, token).body, range(4)))

    assert len(set(answers)) == 1
    assert b"MSA|AA|" in answers[0]
    assert len(list(CareRow.query(f"arrival#{objects.raw_id(raw)}"))) == 1


class Killed(BaseException):
    """The process died."""


def test_a_kill_after_the_store_and_before_the_answer_leaves_the_message(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise Killed

    raw = an_oru()
    monkeypatch.setattr(audit, "record", die)

    with pytest.raises(Killed):
        pushed(raw, token)

    assert stores.is_kept(objects.raw_id(raw))
    assert queued_ids() == [objects.raw_id(raw)]


@pytest.mark.parametrize("where", ["keep_raw", "received", "enqueue"])
def test_a_kill_before_the_store_or_the_queue_gives_no_answer(
    where: str, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> None:
        raise Killed

    owner: Any = {"keep_raw": objects, "received": arrivals, "enqueue": keeping}[where]
    monkeypatch.setattr(owner, where, die)

    with pytest.raises(Killed):
        pushed(an_oru(), token)


@pytest.mark.parametrize(
    ("allowed", "code"),
    [("RIVERBEND", "AA"), ("LAB^RIVERBEND", "AA"), ("ADT^RIVERBEND", "AR"), ("ELSEWHERE", "AR")],
)
def test_a_credential_sends_for_its_own_application_and_facility(
    allowed: str, code: str, token: str
) -> None:
    del token
    own = credentials.issue("Own", facilities=[allowed])
    raw = an_oru()

    assert codes(pushed(raw, own)) == [code]
    assert stores.is_kept(objects.raw_id(raw)) == (code == "AA")
    (row,) = [row for row in AuditRow.scan() if row.why == "sender:Own"][-1:]
    assert row.event == ("ehr.message-taken" if code == "AA" else "ehr.message-refused")
