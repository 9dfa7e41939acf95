"""Signing in with a passkey: alone, as the step of a session, and every way it is refused."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from tests.authenticator import (
    ADD,
    SIGN_IN,
    Authenticator,
    a_passkey,
    options_for,
    raw,
    sent,
    text,
)
from tests.builders import a_link_session, a_patient, a_session
from tests.client import Client, Response
from tests.clock import held
from tests.visitors import a_browser, nobodys_trail

from portal import audit, challenges, factors, passkey_rows, passkeys, patients, sessions
from portal.errors import Unavailable
from portal.methods import Method
from portal.patients import Patient
from portal.tables import CareRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")

PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def a_visitor() -> Client:
    return a_browser(accept="application/json")


def shown(visitor: Client, phone: Authenticator, **more: str) -> Response:
    """The whole exchange: ask, answer."""
    return sent(visitor, SIGN_IN, phone.assertion(options_for(visitor, SIGN_IN)) | more)


def trail(patient: Patient) -> list[tuple[str, str, str]]:
    """Event, why and outcome of what happened when signing in, oldest first."""
    rows = audit.of_patient(patient.patient_id)
    return [(r.event, r.why, r.outcome) for r in rows if r.event.startswith("sign-in")]


def told(patient: Patient, event: str) -> int:
    """How often the patient is owed a message about it, and staff a look."""
    owed = CareRow.query(patient.patient_id, CareRow.sk.startswith(f"outbox#{event}#"))
    looks = CareRow.query(patient.patient_id, CareRow.sk.startswith("review#"))
    number = len(list(owed))
    assert number == sum(row.reason == event for row in looks)
    return number


def test_a_passkey_opens_a_session_that_needs_no_further_step() -> None:
    patient = a_patient()
    phone, visitor = a_passkey(patient), a_visitor()

    answer = shown(visitor, phone)

    assert (answer.status, answer.json) == (200, {"next": "/"})
    assert visitor.get("/results").status == 200
    assert trail(patient)[-1] == ("sign-in.signed-in", "patient-request", "done")
    assert audit.of_patient(patient.patient_id)[-2].about == "passkey"
    (factor,) = factors.of(patient.patient_id, Method.PASSKEY)
    assert factor.used_at > 0


def test_everybody_is_asked_the_same_and_no_passkey_is_named() -> None:
    patient = a_patient()
    a_passkey(patient)
    known = a_browser(accept="application/json", cookies={"session": a_session(patient)})

    asked = [options_for(each, SIGN_IN) for each in (a_visitor(), known)]

    assert asked[0].pop("challenge") != asked[1].pop("challenge")
    assert asked[0] == asked[1]
    assert asked[0] == {
        "rpId": "portal.localhost",
        "allowCredentials": [],
        "userVerification": "required",
        "timeout": 300_000,
    }


def test_asking_leaves_a_challenge_that_goes_by_itself() -> None:
    options_for(a_visitor(), SIGN_IN)

    rows = [row for row in SessionRow.scan() if row.pk.startswith("passkey-challenge#")]

    assert rows
    assert all(row.ends_at for row in rows)


@pytest.mark.parametrize(
    ("return_to", "goes_to"),
    [("/results", "/results"), ("//evil.example", "/"), ("https://evil.example", "/")],
)
def test_it_leads_back_to_a_page_of_ours(return_to: str, goes_to: str) -> None:
    phone = a_passkey(a_patient())

    assert shown(a_visitor(), phone, return_to=return_to).json == {"next": goes_to}


def test_a_browser_that_sends_it_as_a_form_goes_on_by_itself() -> None:
    phone, browser = a_passkey(a_patient()), a_browser()

    answer = browser.post(SIGN_IN, **phone.assertion(options_for(a_visitor(), SIGN_IN)))

    assert (answer.status, answer.location) == (303, "/")
    assert browser.get("/results").status == 200


def test_in_a_session_by_link_it_is_the_step() -> None:
    patient = a_patient()
    phone = a_passkey(patient)
    by_link = a_browser(accept="application/json", cookies={"session": a_link_session(patient)})
    before = by_link.cookies["session"]
    assert by_link.get("/results").status == 403

    assert shown(by_link, phone).status == 200

    assert by_link.get("/results").status == 200
    assert sessions.live(before) is None
    session = sessions.live(by_link.cookies["session"])
    assert session
    assert session.methods == {Method.EMAIL_LINK, Method.PASSKEY}
    events = [row.event for row in audit.of_patient(patient.patient_id)]
    assert "sign-in.stepped-up" in events
    assert "sign-in.signed-in" not in events


def test_a_passkey_of_somebody_else_is_no_step() -> None:
    patient, other = a_patient(), a_patient()
    phone = a_passkey(other)
    by_link = a_browser(accept="application/json", cookies={"session": a_link_session(patient)})

    refused = shown(by_link, phone)

    assert refused.status == 401
    assert by_link.get("/results").status == 403
    assert by_link.get("/").status == 200, "the session stands as it was"
    assert trail(patient)[-1] == ("sign-in.step-refused", "passkey-of-another", "refused")
    assert "sign-in.signed-in" not in [event for event, _, _ in trail(other)]


def test_an_ended_session_does_not_stand_in_the_way() -> None:
    patient = a_patient()
    phone, cookie = a_passkey(patient), a_session(a_patient())
    sessions.end(cookie)
    visitor = a_browser(accept="application/json", cookies={"session": cookie})

    assert shown(visitor, phone).status == 200


def test_a_replayed_answer_is_refused() -> None:
    patient = a_patient()
    phone, visitor, thief = a_passkey(patient), a_visitor(), a_visitor()
    answer = phone.assertion(options_for(visitor, SIGN_IN))
    assert sent(visitor, SIGN_IN, answer).status == 200

    assert sent(thief, SIGN_IN, answer).status == 401
    assert thief.get("/").status == 401
    assert nobodys_trail(thief)[0].why == "challenge-no-good"


def test_an_answer_sent_many_times_at_once_opens_one_session() -> None:
    phone = a_passkey(a_patient(), counter=None)
    answer = phone.assertion(options_for(a_visitor(), SIGN_IN))

    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: sent(a_visitor(), SIGN_IN, answer).status, range(8))

    assert sorted(answers) == [200] + [401] * 7


def test_a_challenge_is_good_for_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    phone, visitor = a_passkey(a_patient()), a_visitor()
    answer = phone.assertion(options_for(visitor, SIGN_IN))
    clock.advance(seconds=challenges.LIFE_SECONDS - 1)
    assert sent(visitor, SIGN_IN, answer).status == 200

    answer = phone.assertion(options_for(visitor, SIGN_IN))
    clock.advance(seconds=challenges.LIFE_SECONDS)
    assert sent(visitor, SIGN_IN, answer).status == 401


def test_a_challenge_for_adding_a_passkey_signs_nobody_in() -> None:
    patient = a_patient()
    phone = a_passkey(patient)
    owner = a_browser(accept="application/json", cookies={"session": a_session(patient)})

    assert sent(a_visitor(), SIGN_IN, phone.assertion(options_for(owner, ADD))).status == 401


def test_a_made_up_challenge_is_refused() -> None:
    phone = a_passkey(a_patient())

    assert sent(a_visitor(), SIGN_IN, phone.assertion({"challenge": text(bytes(32))})).status == 401


BENT: dict[str, Callable[[Authenticator], Authenticator]] = {
    "another-origin": lambda it: replace(it, origin="https://portal.localhost.evil.example"),
    "another-port": lambda it: replace(it, origin="http://portal.localhost:4567"),
    "https-for-http": lambda it: replace(it, origin="https://portal.localhost:4566"),
    "another-host": lambda it: replace(it, host="evil.example"),
    "in-another-sites-frame": lambda it: replace(it, more_client_data={"crossOrigin": True}),
    "an-attestation": lambda it: replace(it, more_client_data={"type": "webauthn.create"}),
    "owner-not-checked": lambda it: replace(it, flags=0x01),
    "nobody-there": lambda it: replace(it, flags=0x04),
    "another-key": lambda it: replace(it, key=ec.generate_private_key(ec.SECP256R1())),
    "another-curve": lambda it: replace(it, key=ec.generate_private_key(ec.SECP384R1())),
    "another-accounts-name": lambda it: replace(it, handle=text(bytes(32))),
    "a-name-cut-short": lambda it: replace(it, handle=it.handle[:-1]),
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_a_wrong_answer_is_refused_and_noted(
    bend: Callable[[Authenticator], Authenticator],
) -> None:
    patient, thief = a_patient(), a_visitor()
    phone = a_passkey(patient)

    refused = shown(thief, bend(phone))

    assert refused.status == 401
    assert thief.get("/").status == 401
    rows = [*trail(patient), *((row.event, row.why, row.outcome) for row in nobodys_trail(thief))]
    assert [outcome for event, _, outcome in rows if event == "sign-in.refused"] == ["refused"]
    assert shown(a_visitor(), phone).status == 200, "the right one goes on working"


def test_an_unknown_passkey_is_refused() -> None:
    thief = a_visitor()

    assert shown(thief, Authenticator(handle="AAAA")).status == 401
    assert nobodys_trail(thief)[0].why == "passkey-unknown"


def test_the_passkey_of_one_account_does_not_open_another() -> None:
    """The right signature for the wrong name: the name is not what is believed."""
    victim, thief = a_patient(), a_patient()
    theirs, mine = a_passkey(victim), a_passkey(thief)

    mixed = [replace(mine, handle=theirs.handle), replace(mine, credential_id=theirs.credential_id)]

    assert [shown(a_visitor(), each).status for each in mixed] == [401, 401]


def test_every_refusal_says_the_same() -> None:
    phone = a_passkey(a_patient())
    wrong = [Authenticator(handle="AA"), replace(phone, flags=0x01), replace(phone, key=OTHER)]

    refused = [shown(a_visitor(), each) for each in wrong]

    said = {(each.status, each.json["title"], each.json["detail"]) for each in refused}

    assert len(said) == 1
    assert "passkey did not work" in refused[0].json["title"]


OTHER = ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize("back_to", [1, 4])
def test_a_count_that_does_not_grow_is_refused_and_told(back_to: int) -> None:
    patient = a_patient()
    phone = a_passkey(patient)
    for _ in range(5):
        assert shown(a_visitor(), phone).status == 200

    refused = shown(a_visitor(), replace(phone, counter=back_to - 1))

    assert refused.status == 401
    assert ("sign-in.refused", "passkey-copied", "refused") in trail(patient)
    assert told(patient, "sign-in.passkey-copied") == 1
    assert shown(a_visitor(), phone).status == 200


def test_a_count_that_falls_to_nothing_is_refused() -> None:
    patient = a_patient()
    phone = a_passkey(patient)
    assert shown(a_visitor(), phone).status == 200

    assert shown(a_visitor(), replace(phone, counter=None)).status == 401
    assert told(patient, "sign-in.passkey-copied") == 1


def test_a_stranger_cannot_make_us_believe_in_a_copy() -> None:
    patient = a_patient()
    phone = a_passkey(patient)
    for _ in range(3):
        shown(a_visitor(), phone)

    refused = shown(a_visitor(), replace(phone, counter=0, key=OTHER))

    assert refused.status == 401
    assert told(patient, "sign-in.passkey-copied") == 0


def test_a_shared_passkey_never_counts_and_always_works() -> None:
    phone = a_passkey(a_patient(), counter=None)

    assert [shown(a_visitor(), phone).status for _ in range(3)] == [200] * 3


def test_a_passkey_that_was_backed_up_meanwhile_is_known_to_be() -> None:
    patient = a_patient()
    phone = a_passkey(patient, flags=0x01 | 0x04 | 0x08)

    shown(a_visitor(), replace(phone, flags=0x01 | 0x04 | 0x08 | 0x10))

    (factor,) = factors.of(patient.patient_id, Method.PASSKEY)
    assert factor.secret["is_backed_up"] is True
    assert shown(a_visitor(), phone).status == 401, "its count went on with the copy"


def test_a_passkey_removed_while_it_is_used_opens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    phone, visitor = a_passkey(patient), a_visitor()
    note = passkey_rows.note_use

    def removed(patient_id: str, factor: Any, counter: int, *, is_backed_up: bool) -> None:
        factors.remove(patient_id, factor, passkey_rows.lookup_row(factor))
        note(patient_id, factor, counter, is_backed_up=is_backed_up)

    monkeypatch.setattr(passkeys, "note_use", removed)

    assert shown(visitor, phone).status == 401
    assert factors.of(patient.patient_id) == []


@pytest.mark.parametrize("change", [{"is_deceased": True}, {"replaced_by": "another"}])
def test_who_has_died_or_is_part_of_another_record_does_not_come_in(
    change: dict[str, Any],
) -> None:
    patient = a_patient()
    phone = a_passkey(patient)
    stored = patients.with_id(patient.patient_id)
    assert stored
    patients.rewrite(stored.model_copy(update=change))

    assert shown(a_visitor(), phone).status == 401
    assert trail(patient)[-1] == ("sign-in.refused", "account-closed", "refused")


def test_many_refusals_are_told() -> None:
    patient = a_patient()
    phone = replace(a_passkey(patient), key=OTHER)

    for _ in range(6):
        shown(a_visitor(), phone)

    assert told(patient, "sign-in.many-refusals") == 1


def test_a_new_device_is_told() -> None:
    patient = a_patient()
    phone = a_passkey(patient, counter=None)
    for agent in (PHONE, PHONE, LAPTOP):
        visitor = a_visitor()
        answer = phone.assertion(options_for(visitor, SIGN_IN))
        assert sent(visitor, SIGN_IN, answer, **{"user-agent": agent}).status == 200

    assert told(patient, "sign-in.new-device") == 1


@pytest.mark.parametrize(
    ("limit", "url"),
    [("OPTIONS_PER_SOURCE", f"{SIGN_IN}/options"), ("TRIES_PER_SOURCE", SIGN_IN)],
)
def test_one_source_tries_only_so_often(
    limit: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"functions.sign_in.passkey.{limit}", 2)
    visitor, other = a_visitor(), a_visitor()
    wrong = Authenticator(handle="AA").assertion({"challenge": text(bytes(32))})

    last = [sent(visitor, url, wrong) for _ in range(3)][-1]

    assert last.status == 429
    assert int(last.headers["retry-after"]) > 0
    assert sent(other, url, wrong).status != 429


def test_without_its_audit_row_nobody_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    phone, visitor = a_passkey(patient), a_visitor()
    answer = phone.assertion(options_for(visitor, SIGN_IN))
    before = len(sessions.listed(patient.patient_id))

    def down(*_: Any, **__: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(audit, "save", down)

    assert sent(visitor, SIGN_IN, answer).status == 503
    assert "session" not in visitor.cookies
    assert len(sessions.listed(patient.patient_id)) == before


FIELDS = ("credential_id", "client_data", "authenticator_data", "signature", "user_handle")


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("said", ["", "=", "A", "A" * 21_000, "ä", "{}", "null"])
def test_a_malformed_answer_is_a_refusal_and_no_fault_of_ours(field: str, said: str) -> None:
    phone, visitor = a_passkey(a_patient()), a_visitor()
    answer = phone.assertion(options_for(visitor, SIGN_IN))

    assert sent(visitor, SIGN_IN, answer | {field: said}).status in {400, 401}
    assert visitor.get("/").status == 401


@pytest.mark.parametrize(
    "said",
    [
        b"[" * 9_000,
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"type": [], "challenge": {}, "origin": 1}',
        b'{"type": "webauthn.get", "challenge": "A", "origin": null}',
        b'{"type": "webauthn.get", "challenge": "\\u00e4", "origin": ""}',
    ],
)
def test_client_data_of_any_shape_is_refused(said: bytes) -> None:
    phone, visitor = a_passkey(a_patient()), a_visitor()
    answer = phone.assertion(options_for(visitor, SIGN_IN)) | {"client_data": text(said)}

    assert sent(visitor, SIGN_IN, answer).status == 401


ENROLLED: list[Authenticator] = []


@given(st.sampled_from(FIELDS), st.integers(0, 10_000), st.binary(min_size=1, max_size=40))
@tries(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_changed_byte_gets_through(field: str, at: int, put: bytes) -> None:
    if not ENROLLED:
        ENROLLED.append(a_passkey(a_patient(), counter=None))
    visitor = a_visitor()
    answer = ENROLLED[0].assertion(options_for(visitor, SIGN_IN))
    whole = raw(answer[field])
    at %= len(whole)
    bent = whole[:at] + put + whole[at + len(put) :]

    status = sent(visitor, SIGN_IN, answer | {field: text(bent)}).status

    assert status == (200 if bent == whole else 401)
