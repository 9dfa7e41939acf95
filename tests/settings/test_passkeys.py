"""Adding a passkey: who may, what is asked of the device, what is kept, and what is refused."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st
from tests.authenticator import ADD, SIGN_IN, Authenticator, a_passkey, options_for, raw, sent, text
from tests.builders import a_link_session, a_patient, a_session, an_app
from tests.client import Client, Response
from tests.clock import held
from tests.visitors import a_browser

from portal import (
    audit,
    challenges,
    ctap_cbor,
    devices,
    factors,
    passkey_rows,
    passkeys,
    patients,
    sessions,
    user_accounts,
)
from portal.access import Caller, Visitor
from portal.authenticators import Attestation
from portal.errors import Unavailable
from portal.factors import Factor
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import CareRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")

LAPTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36"


def an_owner(patient: Patient, cookie: str = "") -> Client:
    return a_browser(accept="application/json", cookies={"session": cookie or a_session(patient)})


def adding(owner: Client, phone: Authenticator) -> Response:
    return sent(owner, ADD, phone.attestation(options_for(owner, ADD)))


def kept(patient: Patient) -> list[Factor]:
    return factors.of(patient.patient_id, Method.PASSKEY)


def test_a_passkey_is_added_and_signs_in() -> None:
    patient, phone = a_patient(), Authenticator()

    answer = adding(an_owner(patient), phone)

    assert answer.json == {"done": "added", "next": "/settings/security?done=added"}
    visitor = a_browser(accept="application/json")
    assert sent(visitor, SIGN_IN, phone.assertion(options_for(visitor, SIGN_IN))).status == 200
    assert visitor.get("/results").status == 200


def test_the_device_is_asked_for_a_passkey_that_needs_no_name_and_checks_its_owner() -> None:
    patient = a_patient(given="Ana", family="Rivera")

    options = options_for(an_owner(patient), ADD)

    assert options["rp"] == {"id": "portal.localhost", "name": "Test clinic"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert options["excludeCredentials"] == []
    assert options["user"]["name"] == "Ana Rivera"


def test_the_account_has_the_same_name_for_every_device_and_it_says_nothing() -> None:
    patient = a_patient()

    handles = {options_for(an_owner(patient), ADD)["user"]["id"] for _ in range(2)}

    (handle,) = handles
    assert len(raw(handle)) == 32
    assert patient.patient_id not in f"{raw(handle).hex()}{handle}"


def test_a_device_that_has_a_passkey_of_the_account_is_told() -> None:
    patient = a_patient()
    phone = a_passkey(patient)

    (excluded,) = options_for(an_owner(patient), ADD)["excludeCredentials"]

    assert excluded["id"] == text(phone.credential_id)
    assert set(excluded["transports"]) == {"internal", "hybrid"}


def test_the_list_names_it_by_the_browser_it_was_made_in() -> None:
    patient, phone = a_patient(), Authenticator()
    owner = an_owner(patient)

    made = phone.attestation(options_for(owner, ADD))
    sent(owner, ADD, made, **{"user-agent": LAPTOP})

    assert [each.name for each in kept(patient)] == ["Chrome, Linux"]


def test_a_passkey_that_is_backed_up_says_so() -> None:
    patient = a_patient()

    a_passkey(patient, flags=0x01 | 0x04 | 0x08 | 0x10)

    assert [each.secret["is_backed_up"] for each in kept(patient)] == [True]


def test_its_key_is_sealed_and_its_id_is_a_hash() -> None:
    phone = a_passkey(a_patient())

    everything = "".join(str(row.attribute_values) for row in SessionRow.scan())

    assert text(phone.credential_id) not in everything
    assert phone.credential_id.hex() not in everything


def test_somebody_who_showed_their_identity_just_now_begins_with_a_passkey() -> None:
    patient, phone = a_patient(), Authenticator()
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    owner = an_owner(patient, sessions.rise(a_link_session(patient), None))
    before = owner.cookies["session"]
    assert owner.get("/results").status == 403

    answer = adding(owner, phone)

    assert answer.json["done"] == "begun"
    assert owner.cookies["session"] != before
    assert sessions.live(before) is None
    assert owner.get("/results").status == 200


@pytest.mark.parametrize("has_factor", [False, True])
def test_a_link_alone_adds_no_passkey(has_factor: bool) -> None:
    patient = a_patient()
    if has_factor:
        an_app(patient)
    owner = an_owner(patient, a_link_session(patient))

    asked = sent(owner, f"{ADD}/options", {})
    given = sent(owner, ADD, Authenticator().attestation(a_made_up_challenge()))

    assert (asked.status, given.status) == (403, 403)
    assert asked.json["needs"] == "/sign-in/step"
    assert kept(patient) == []


def test_a_factor_shown_long_ago_adds_no_passkey(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    owner = an_owner(patient)
    an_app(patient)
    clock.advance(seconds=sessions.FRESH_SECONDS + 1)

    assert sent(owner, f"{ADD}/options", {}).status == 403


def test_adding_one_signs_out_elsewhere_forgets_devices_and_is_told() -> None:
    patient = a_patient()
    elsewhere = a_session(patient)
    devices.remember(patient.patient_id, Visitor("r", "s", "en"))
    owner = an_owner(patient)

    adding(owner, Authenticator())

    assert sessions.live(elsewhere) is None
    assert devices.of(patient.patient_id) == []
    assert owner.get("/").status == 200
    told = CareRow.query(patient.patient_id, CareRow.sk.startswith("outbox#settings.factor-added"))
    assert len(list(told)) == 1


def test_the_trail_tells_that_one_was_begun_and_added() -> None:
    patient = a_patient()

    adding(an_owner(patient), Authenticator())

    rows = [(row.event, row.about, row.outcome) for row in audit.of_patient(patient.patient_id)]
    assert rows[-2:] == [
        ("settings.factor-begun", "passkey", "done"),
        ("settings.factor-added", "passkey", "done"),
    ]


BENT: dict[str, Callable[[Authenticator], Any]] = {
    "another-origin": lambda it: replace(it, origin="https://portal.localhost.evil.example"),
    "no-port": lambda it: replace(it, origin="http://portal.localhost"),
    "another-host": lambda it: replace(it, host="localhost"),
    "in-another-sites-frame": lambda it: replace(it, more_client_data={"crossOrigin": True}),
    "an-assertion": lambda it: replace(it, more_client_data={"type": "webauthn.get"}),
    "owner-not-checked": lambda it: replace(it, flags=0x01),
    "nobody-there": lambda it: replace(it, flags=0x04),
    "impossible-backup": lambda it: replace(it, flags=0x01 | 0x04 | 0x10),
}


@pytest.mark.parametrize("bend", BENT.values(), ids=BENT)
def test_what_was_not_made_for_this_portal_by_its_owner_is_refused(
    bend: Callable[[Authenticator], Authenticator],
) -> None:
    patient = a_patient()
    owner = an_owner(patient)

    refused = adding(owner, bend(Authenticator()))

    assert refused.status == 400
    assert "credential_id" in refused.json["errors"]
    assert kept(patient) == []
    last = audit.of_patient(patient.patient_id)[-1]
    assert (last.event, last.outcome) == ("settings.factor-added", "refused")
    assert owner.get("/results").status == 200, "the session stands"


@pytest.mark.parametrize("fmt", ["tpm", "apple", "android-safetynet", "made-up"])
def test_an_attestation_we_did_not_ask_for_is_refused(fmt: str) -> None:
    patient, phone = a_patient(), Authenticator()
    owner = an_owner(patient)

    refused = sent(owner, ADD, phone.attestation(options_for(owner, ADD), fmt))

    assert (refused.status, kept(patient)) == (400, [])


def test_a_maker_that_vouches_for_its_device_is_not_heard() -> None:
    """Which device somebody has is none of our business, and its certificate nothing to parse."""
    patient, phone = a_patient(), Authenticator()
    owner = an_owner(patient)

    refused = sent(owner, ADD, vouched_for(phone, phone.attestation(options_for(owner, ADD))))

    assert (refused.status, kept(patient)) == (400, [])
    assert audit.of_patient(patient.patient_id)[-1].why == "attestation-not-asked-for"


def vouched_for(phone: Authenticator, made: dict[str, str]) -> dict[str, str]:
    """The same with a right "fido-u2f" statement (WebAuthn level 3, 8.6)."""
    maker = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Maker")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, maker.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(maker, SHA256())
    )
    whole = cbor2.loads(raw(made["attestation"]))
    key = phone.public_key()
    said = b"\0" + whole["authData"][:32] + sha256(raw(made["client_data"])).digest()
    said += phone.credential_id + b"\4" + key[-2] + key[-3]
    statement = {
        "sig": maker.sign(said, ec.ECDSA(SHA256())),
        "x5c": [certificate.public_bytes(Encoding.DER)],
    }
    bent = cbor2.dumps(whole | {"fmt": "fido-u2f", "attStmt": statement})
    return made | {"attestation": text(bent)}


def test_the_id_beside_the_attestation_is_the_one_in_it() -> None:
    patient, phone = a_patient(), Authenticator()
    owner = an_owner(patient)

    made = phone.attestation(options_for(owner, ADD)) | {"credential_id": text(b"another" * 4)}

    assert sent(owner, ADD, made).status == 400
    assert kept(patient) == []


def test_a_passkey_of_another_patient_cannot_be_added_again() -> None:
    owner_of_it, thief = a_patient(), a_patient()
    phone = a_passkey(owner_of_it)

    refused = adding(an_owner(thief), replace(phone))

    assert (refused.status, kept(thief)) == (400, [])
    visitor = a_browser(accept="application/json")
    sent(visitor, SIGN_IN, phone.assertion(options_for(visitor, SIGN_IN)))
    assert [row.event for row in audit.of_patient(thief.patient_id)][-1] != "sign-in.signed-in"


def a_made_up_challenge() -> dict[str, Any]:
    return {"challenge": text(b"made up by somebody else, 32 byt"), "user": {"id": text(b"x")}}


def test_a_challenge_of_nobodys_is_refused() -> None:
    patient = a_patient()

    refused = sent(an_owner(patient), ADD, Authenticator().attestation(a_made_up_challenge()))

    assert (refused.status, kept(patient)) == (400, [])


def test_a_challenge_of_another_session_is_refused_and_stays_good_there() -> None:
    patient = a_patient()
    asked, other = an_owner(patient), an_owner(patient)
    made = Authenticator().attestation(options_for(asked, ADD))

    assert sent(other, ADD, made).status == 400
    assert sent(asked, ADD, made).status == 200


def test_a_challenge_for_signing_in_adds_nothing() -> None:
    patient = a_patient()
    owner = an_owner(patient)
    options = options_for(owner, SIGN_IN) | {"user": {"id": text(b"x")}}

    assert sent(owner, ADD, Authenticator().attestation(options)).status == 400
    assert kept(patient) == []


def test_a_challenge_is_spent_by_a_wrong_answer_too() -> None:
    patient = a_patient()
    owner = an_owner(patient)
    options = options_for(owner, ADD)

    wrong = sent(owner, ADD, Authenticator(flags=0x01).attestation(options))
    right = sent(owner, ADD, Authenticator().attestation(options))

    assert (wrong.status, right.status) == (400, 400)


def test_a_challenge_is_good_for_five_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    owner = an_owner(a_patient())
    early, late = Authenticator(), Authenticator()
    made = early.attestation(options_for(owner, ADD))
    clock.advance(seconds=challenges.LIFE_SECONDS - 1)
    assert sent(owner, ADD, made).status == 200

    made = late.attestation(options_for(owner, ADD))
    clock.advance(seconds=challenges.LIFE_SECONDS)
    assert sent(owner, ADD, made).status == 400


def test_an_account_takes_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    owner = an_owner(patient)
    made = Authenticator().attestation(options_for(owner, ADD))
    monkeypatch.setattr(factors, "MOST", 0)

    refused = [sent(owner, f"{ADD}/options", {}), sent(owner, ADD, made)]

    assert [each.status for each in refused] == [400, 400]
    assert "Remove one" in str(refused[0].json["errors"])
    assert owner.get("/").status == 200, "the session stands"


def test_who_has_died_gets_no_passkey() -> None:
    patient = a_patient()
    owner = an_owner(patient)
    made = Authenticator().attestation(options_for(owner, ADD))
    stored = patients.with_id(patient.patient_id)
    assert stored
    patients.rewrite(stored.model_copy(update={"is_deceased": True}))

    refused = [sent(owner, f"{ADD}/options", {}), sent(owner, ADD, made)]

    assert [each.status for each in refused] == [400, 400]
    assert kept(patient) == []


def test_a_session_ended_meanwhile_leaves_no_passkey(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    owner = an_owner(patient)
    make = passkeys.made

    def made(caller: Caller, answer: Attestation) -> Factor:
        sessions.end(caller.session_cookie)
        return make(caller, answer)

    monkeypatch.setattr(passkeys, "made", made)

    assert adding(owner, Authenticator()).status == 401
    assert kept(patient) == []


def test_without_its_audit_row_nothing_is_added(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    owner = an_owner(patient)
    made = Authenticator().attestation(options_for(owner, ADD))

    def down(*_: Any, **__: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(audit, "save", down)

    assert sent(owner, ADD, made).status == 503
    assert kept(patient) == []


def test_what_is_removed_is_unknown_to_the_sign_in() -> None:
    patient = a_patient()
    phone = a_passkey(patient)
    (factor,) = kept(patient)

    assert factors.remove(patient.patient_id, factor, passkey_rows.lookup_row(factor))

    visitor = a_browser(accept="application/json")
    refused = sent(visitor, SIGN_IN, phone.assertion(options_for(visitor, SIGN_IN)))
    assert refused.status == 401
    assert adding(an_owner(patient), phone).status == 200, "and may be added again"


def test_a_browser_without_script_is_sent_back_to_the_page() -> None:
    owner = replace(an_owner(a_patient()), accept="text/html")

    answer = sent(owner, ADD, Authenticator().attestation(options_for_page(owner)))

    assert (answer.status, answer.location) == (303, "/settings/security?done=added")


def options_for_page(owner: Client) -> dict[str, Any]:
    return options_for(replace(owner, accept="application/json"), ADD)


PATIENTS: list[Patient] = []
cbor_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


@given(st.data())
@tries(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_an_attestation_holds_it_is_refused_and_breaks_nothing(
    data: st.DataObject,
) -> None:
    if not PATIENTS:
        PATIENTS.append(a_patient())
    phone, patient_id = Authenticator(), PATIENTS[0].patient_id
    caller = Caller("r", "s", "en", session_cookie="c", patient_id=patient_id)
    challenge = challenges.new(f"add#{hashed('c')}")
    made = phone.attestation({"challenge": challenge, "user": {"id": "eA"}})
    whole = cbor2.loads(raw(made["attestation"]))
    bent = data.draw(
        st.one_of(
            st.binary(max_size=300),
            st.binary(max_size=80).map(lambda tail: cbor2.dumps(whole)[:60] + tail),
            st.builds(
                lambda key, value: cbor2.dumps(whole | {key: value}),
                st.sampled_from(["fmt", "attStmt", "authData"]),
                cbor_values,
            ),
            cbor_values.map(
                lambda key: cbor2.dumps(
                    whole | {"authData": whole["authData"][:87] + cbor2.dumps(key)}
                )
            ),
        )
    )
    if bent == raw(made["attestation"]):
        return

    try:
        passkeys.made(caller, Attestation.model_validate(made | {"attestation": text(bent) or "A"}))
    except passkeys.Refused:
        return
    assert cbor2.loads(bent)["authData"] == whole["authData"], "only another attStmt passes"


CYCLE = bytes.fromhex("d81cd2d81d00")  # a tag that is shared with itself


@pytest.mark.parametrize("where", ["key", "attStmt", "authData", "extensions", "inside the key"])
def test_a_tag_that_is_shared_with_itself_is_refused_and_takes_nothing_down(where: str) -> None:
    """CTAP2 has no tags; encoded again, this one would end the process."""
    phone, patient = Authenticator(), a_patient()
    caller = Caller("r", "s", "en", session_cookie="c", patient_id=patient.patient_id)
    challenge = challenges.new(f"add#{hashed('c')}")
    made = phone.attestation({"challenge": challenge, "user": {"id": "eA"}})
    whole = cbor2.loads(raw(made["attestation"]))
    data = whole["authData"]
    key_at = 55 + int.from_bytes(data[53:55])
    flagged = data[:32] + bytes([data[32] | 0x80]) + data[33:]
    bent = {
        "key": whole | {"authData": data[:key_at] + CYCLE},
        "extensions": whole | {"authData": flagged + CYCLE},
        "inside the key": whole | {"authData": data[:key_at] + b"\xa1\x01" + CYCLE},
    }
    sent = cbor2.dumps(bent.get(where, whole))
    if where in whole:
        sent = b"\xa1" + cbor2.dumps(where) + CYCLE

    with pytest.raises(passkeys.Refused):
        passkeys.made(caller, Attestation.model_validate(made | {"attestation": text(sent)}))


@given(st.binary(max_size=200))
def test_tags_are_found_wherever_they_are_and_in_nothing_else(data: bytes) -> None:
    has = ctap_cbor.has_tags
    assert not has(cbor2.dumps(data))
    assert not has(cbor2.dumps({"a": [data, {1: [1.5, None, True, "x" * 300]}], -7: data}))
    assert has(cbor2.dumps([data, {"a": cbor2.CBORTag(99, data)}]))
