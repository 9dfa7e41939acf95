"""Attacks by trying often: each throttled way says 429, and for how long; nobody else waits."""

import ast
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from tests.architecture.sources import modules
from tests.attacks.scenes import CODE, PROOF, TEXT, by_link, inside, known
from tests.authenticator import SIGN_IN, a_passkey, options_for, sent
from tests.builders import a_patient, a_phone
from tests.client import Client, Response
from tests.clock import held
from tests.family.test_by_law import about
from tests.family.ties import a_child
from tests.settings.accounts import a_number
from tests.staff.colleagues import a_colleague
from tests.visitors import a_browser

from portal import passwords, throttles
from portal.moments import fresh_id
from portal.roles import Role

LIMIT = 2
SIGN, STEP, STAFF = "functions.sign_in", "functions.sign_in.step", "functions.staff"
EMPTY_PASSKEY = dict.fromkeys(
    ("credential_id", "client_data", "authenticator_data", "signature", "user_handle"), "AA"
)
BEFORE = "1980-01-01"
NEWCOMER = {"given": "Sam", "family": "Lee", "born_on": BEFORE, "code": "000000"}


@dataclass(frozen=True)
class Throttle:
    """`limit`: the constant. `who`: makes one who tries; `act`: one try."""

    limit: str
    who: Callable[[], Client]
    act: Callable[[Client], Response]


def stranger() -> Client:
    return a_browser(accept="application/json")


def at_step() -> Client:
    patient = known()
    a_phone(patient, a_number())
    return by_link(patient, accept="application/json")


def without_factor() -> Client:
    return by_link(a_patient(), accept="application/json")


def signed_in() -> Client:
    return inside(known(), accept="application/json")


def at_desk() -> Client:
    desk = a_colleague(Role.FRONT_DESK)
    desk.accept = "application/json"
    return desk


def of_one(text: str) -> Callable[[Client], str]:
    """The same for the same client, another for another."""
    return lambda client: f"{text}{client.source.replace('.', '')}@example.org"


ADDRESS = of_one("throttled")


def registering(client: Client, number: str) -> Response:
    fields = {"given": "A", "family": "B", "born_on": BEFORE, "identifier": number}
    return client.post("/activate/register", address=ADDRESS(client), **fields)


def inviting(client: Client, email: str) -> Response:
    return client.post("/family/invite", name="Sam Lee", email=email, preset="everything")


def a_new_network(client: Client) -> Client:
    client.source = a_browser().source
    return client


def phone_of(client: Client) -> str:
    return "+1212" + client.source.replace(".", "").rjust(7, "5")[-7:]


THROTTLES: dict[str, Throttle] = {
    "ask-source": Throttle(
        f"{SIGN}.app.ASKS_PER_SOURCE",
        stranger,
        lambda c: c.post("/sign-in", address=f"{fresh_id()}@example.org"),
    ),
    "ask-address": Throttle(
        f"{SIGN}.app.ASKS_PER_ADDRESS",
        stranger,
        lambda c: c.post("/sign-in", address=ADDRESS(c)),
    ),
    "spend-source": Throttle(
        f"{SIGN}.app.SPENDS_PER_SOURCE", stranger, lambda c: c.post(f"/sign-in/{'A' * 22}")
    ),
    "password-source": Throttle(
        f"{SIGN}.password.TRIES_PER_SOURCE",
        stranger,
        lambda c: c.post("/sign-in/password", address=f"{fresh_id()}@example.org", password="x"),
    ),
    "password-address": Throttle(
        f"{SIGN}.password.TRIES_PER_ADDRESS",
        stranger,
        lambda c: c.post("/sign-in/password", address=ADDRESS(c), password="x"),
    ),
    "passkey-options": Throttle(
        f"{SIGN}.passkey.OPTIONS_PER_SOURCE", stranger, lambda c: sent(c, f"{SIGN_IN}/options", {})
    ),
    "passkey-source": Throttle(
        f"{SIGN}.passkey.TRIES_PER_SOURCE", stranger, lambda c: sent(c, SIGN_IN, EMPTY_PASSKEY)
    ),
    "step-code": Throttle(
        f"{STEP}.CODES_PER_ACCOUNT", at_step, lambda c: c.post(CODE, method="totp", code="0")
    ),
    "step-text": Throttle(f"{STEP}.TEXTS_PER_ACCOUNT", at_step, lambda c: c.post(TEXT)),
    "step-proof": Throttle(
        f"{STEP}.PROOFS_PER_ACCOUNT",
        without_factor,
        lambda c: c.post(PROOF, born_on=BEFORE, identifier="X"),
    ),
    "activate-source": Throttle(
        "functions.activate.app.TRIES_PER_SOURCE",
        stranger,
        lambda c: c.post(f"/activate/{'A' * 22}", born_on=BEFORE),
    ),
    "register-source": Throttle(
        "functions.activate.register.ASKS_PER_SOURCE",
        stranger,
        lambda c: registering(c, fresh_id()),
    ),
    "register-number": Throttle(
        "functions.activate.register.ASKS_PER_NUMBER",
        stranger,
        lambda c: registering(c, ADDRESS(c)[:20]),
    ),
    "register-code": Throttle(
        "functions.activate.register.CODES_PER_SOURCE",
        stranger,
        lambda c: c.post("/activate/register/code", code="000000"),
    ),
    "settings-code": Throttle(
        "functions.settings.changes.CODES_PER_ACCOUNT",
        signed_in,
        lambda c: c.post("/settings/security/totp/confirm", code="0"),
    ),
    "settings-password": Throttle(
        "functions.settings.password.TRIES_PER_ACCOUNT",
        signed_in,
        lambda c: c.post("/settings/security/password", password="short"),
    ),
    "settings-text": Throttle(
        "functions.settings.phone.TEXTS_PER_ACCOUNT",
        signed_in,
        lambda c: c.post("/settings/security/phone", phone=a_number()),
    ),
    "settings-text-phone": Throttle(
        "functions.settings.phone.TEXTS_PER_PHONE",
        signed_in,
        lambda c: c.post("/settings/security/phone", phone=phone_of(c)),
    ),
    "settings-text-source": Throttle(
        "functions.settings.phone.TEXTS_PER_SOURCE",
        signed_in,
        lambda c: c.post("/settings/security/phone", phone=a_number()),
    ),
    "contact-code": Throttle(
        "functions.settings.contact.CODES_PER_ACCOUNT",
        signed_in,
        lambda c: c.post("/settings/contact", kind="email", address=f"{fresh_id()}@example.org"),
    ),
    "contact-address": Throttle(
        "functions.settings.contact.CODES_PER_ADDRESS",
        signed_in,
        lambda c: c.post("/settings/contact", kind="email", address=ADDRESS(c)),
    ),
    "contact-source": Throttle(
        "functions.settings.contact.CODES_PER_SOURCE",
        signed_in,
        lambda c: c.post("/settings/contact", kind="email", address=f"{fresh_id()}@example.org"),
    ),
    "interpreter": Throttle(
        "functions.settings.help.REQUESTS_PER_PERSON",
        signed_in,
        lambda c: c.post("/settings/interpreter", language="es", how="phone"),
    ),
    "sso-begin": Throttle(
        f"{SIGN}.sso.BEGINS_PER_SOURCE",
        stranger,
        lambda c: c.post("/sign-in/with/no-such-hospital"),
    ),
    "sso-return": Throttle(
        f"{SIGN}.sso.RETURNS_PER_SOURCE", stranger, lambda c: c.get("/sign-in/callback?state=x")
    ),
    "staff-begin": Throttle(
        f"{STAFF}.sign_in.BEGINS_PER_SOURCE", stranger, lambda c: c.post("/staff/sign-in")
    ),
    "staff-return": Throttle(
        f"{STAFF}.sign_in.RETURNS_PER_SOURCE", stranger, lambda c: c.get("/staff/callback?state=x")
    ),
    "invite": Throttle(
        "functions.family.invite.INVITES_PER_PERSON",
        signed_in,
        lambda c: inviting(c, f"{fresh_id()}@example.org"),
    ),
    "invite-address": Throttle(
        "functions.family.invite.INVITES_PER_ADDRESS",
        signed_in,
        lambda c: inviting(c, ADDRESS(c)),
    ),
    "ask-proxy": Throttle(
        "functions.family.children.ASKS_PER_PERSON",
        signed_in,
        lambda c: c.post("/family/children", **about(a_child())),
    ),
    "join-source": Throttle(
        "functions.family.join.TRIES_PER_SOURCE",
        stranger,
        lambda c: c.post(f"/family/join/{'A' * 22}", **NEWCOMER),
    ),
    "staff-find": Throttle(
        f"{STAFF}.front_desk.FINDS_PER_PERSON",
        at_desk,
        lambda c: c.post("/staff/patients", number="X"),
    ),
    "staff-activation": Throttle(
        f"{STAFF}.front_desk.ACTIVATIONS_PER_PERSON",
        at_desk,
        lambda c: c.post(f"/staff/patients/{'0' * 32}/activation"),
    ),
}
OF_ACCOUNTS = sorted(
    kind for kind in THROTTLES if not kind.endswith(("-source", "-return", "-begin"))
)
OF_AN_ADDRESS = {
    "ask-address",
    "contact-address",
    "invite-address",
    "password-address",
    "register-number",
    "settings-text-phone",
}
WITHOUT_SOURCE = [kind for kind in OF_ACCOUNTS if kind not in {"passkey-options", "register-code"}]


def kinds_of_the_product() -> set[str]:
    return {
        str(node.args[1].value)
        for tree in modules().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "throttles.count"
        if isinstance(node.args[1], ast.Constant)
    }


def over_the_limit(kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Client, Response]:
    throttle = THROTTLES[kind]
    monkeypatch.setattr(throttle.limit, LIMIT)
    thief = throttle.who()
    before = [throttle.act(thief).status for _ in range(LIMIT)]
    assert 429 not in before, before
    return thief, throttle.act(thief)


def test_every_throttle_of_the_product_is_tried_here() -> None:
    assert kinds_of_the_product() == THROTTLES.keys()


@pytest.mark.parametrize("kind", THROTTLES)
def test_trying_too_often_is_answered_429_with_the_seconds_to_wait(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)

    _, answer = over_the_limit(kind, monkeypatch)

    assert answer.status == 429
    wait = answer.headers.get("retry-after", "")
    assert wait.isdecimal()
    left = throttles.WINDOW_SECONDS - int(clock.moment.timestamp()) % throttles.WINDOW_SECONDS
    assert int(wait) == left
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("kind", THROTTLES)
def test_somebody_else_is_not_made_to_wait(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    held(monkeypatch)
    over_the_limit(kind, monkeypatch)

    assert THROTTLES[kind].act(THROTTLES[kind].who()).status != 429


@pytest.mark.parametrize("kind", WITHOUT_SOURCE)
def test_another_network_does_not_give_more_tries_at_the_same_account(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(monkeypatch)
    throttle = THROTTLES[kind]
    thief, _ = over_the_limit(kind, monkeypatch)
    if kind in OF_AN_ADDRESS:
        named = {"ask-address": "/sign-in", "password-address": "/sign-in/password"}.get(kind)
        if named is None:
            return
        moved = a_browser(accept="application/json")
        answer = moved.post(named, address=ADDRESS(thief), password="x")
    else:
        answer = throttle.act(a_new_network(thief))

    assert answer.status == 429


@pytest.mark.parametrize("kind", ["step-code", "password-address", "spend-source", "step-proof"])
def test_waiting_is_over_when_it_was_said_to_be(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    thief, answer = over_the_limit(kind, monkeypatch)

    clock.advance(seconds=int(answer.headers["retry-after"]) - 1)
    assert THROTTLES[kind].act(thief).status == 429
    clock.advance(seconds=1)
    assert THROTTLES[kind].act(thief).status != 429


def test_an_address_written_differently_is_the_same_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.sign_in.password.TRIES_PER_ADDRESS", 2)
    name = fresh_id()[:8]
    spellings = [f"a{name}@example.org", f" A{name}@EXAMPLE.org ", f"\uff41{name}@example.org"]

    statuses = [
        a_browser().post("/sign-in/password", address=each, password="x").status
        for each in spellings
    ]

    assert statuses == [400, 400, 429]


def test_a_throttled_guess_is_not_even_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """The right code over the limit is worth as little as a wrong one."""
    monkeypatch.setattr("functions.sign_in.password.TRIES_PER_ADDRESS", 1)
    patient = known()
    passwords.keep(patient.patient_id, "correct horse battery staple")
    fields = {"address": patient.email, "password": "correct horse battery staple"}
    assert a_browser().post("/sign-in/password", **fields).status == 303
    thief = a_browser()

    assert thief.post("/sign-in/password", **fields).status == 429
    assert thief.cookies == {}


def test_a_throttled_address_does_not_keep_its_owner_from_other_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Locking somebody out by trying wrong passwords: the passkey still opens."""
    monkeypatch.setattr("functions.sign_in.password.TRIES_PER_ADDRESS", 1)
    patient = known()
    phone = a_passkey(patient)
    for _ in range(3):
        a_browser().post("/sign-in/password", address=patient.email, password="x")
    app = stranger()

    assert sent(app, SIGN_IN, phone.assertion(options_for(app, SIGN_IN))).status == 200


def test_refusals_by_throttle_are_a_page_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.sign_in.app.SPENDS_PER_SOURCE", 0)

    page = a_browser().post(f"/sign-in/{'A' * 22}")

    assert page.status == 429
    assert "Wait a few minutes" in page.text
    assert page.headers.get("retry-after", "").isdecimal()
