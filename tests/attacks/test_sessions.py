"""Attacks on sessions: stolen, planted, revived, prolonged, raised, or taken for something else."""

import pytest
from tests.attacks.scenes import (
    CODE,
    PROOF,
    a_chart,
    anybody,
    by_link,
    caller_of,
    code_now,
    inside,
    is_out,
    known,
    post_json,
    sees_no_chart,
)
from tests.builders import a_link_session, a_patient, a_session, a_visitor, an_app
from tests.client import actions
from tests.clock import held
from tests.visitors import HTTPS_URL, a_browser, on_https

from portal import credentials, desk, devices, factors, sessions, user_accounts
from portal.audit import Event
from portal.errors import SignInNeeded
from portal.methods import Confidence, Method
from portal.secrets_kept import hashed, token
from portal.tables import SessionRow

BEHIND_A_SESSION = sorted(
    {(each.method, each.path) for _, each in actions() if each.needs is not None}
)


def url_of(path: str) -> str:
    """Ids of the right shape that are nobody's."""
    known_shapes = {"session_id": "0" * 64, "device_id": "0" * 64}
    for name in ("report_id", "document_id", "factor_id", *known_shapes):
        path = path.replace(f"{{{name}}}", known_shapes.get(name, "0" * 32))
    return path


def test_a_cookie_known_before_the_step_is_worthless_after_it() -> None:
    """Session fixation: on a shared computer the thief has copied the cookie."""
    patient = known()
    secret = an_app(patient)
    owner = by_link(patient)
    thief = a_browser(cookies=dict(owner.cookies))

    assert owner.post(CODE, method="totp", code=code_now(secret)).status == 303

    assert is_out(thief)
    assert not sees_no_chart(owner)


def test_a_cookie_known_before_the_identity_was_shown_is_worthless_after_it() -> None:
    patient = a_patient()
    owner = by_link(patient)
    thief = a_browser(cookies=dict(owner.cookies))

    owner.post(PROOF, born_on="1980-02-03", identifier=patient.identifiers[0][1])

    assert is_out(thief)
    assert not is_out(owner)


def test_a_cookie_of_the_attackers_choice_never_becomes_a_session_by_a_step() -> None:
    planted = token(256)
    browser = a_browser(cookies={"session": planted})

    browser.post(CODE, method="totp", code="000000")

    assert sessions.live(planted) is None
    assert sees_no_chart(browser)


@pytest.mark.parametrize("order", [0, 1], ids=["thief's first", "owner's first"])
def test_of_two_session_cookies_one_alone_is_looked_at(order: int) -> None:
    """Cookie tossing from a neighbouring host: the page and the step must mean the same one."""
    thief, owner = known(given="Mallory"), known(given="Ana")
    both = [f"session={a_session(thief)}", f"session={a_session(owner)}"]
    first = ("Mallory", "Ana")[order]
    sent = "; ".join(both if order == 0 else reversed(both))

    page = a_browser(accept="application/json").get("/", cookie=sent)

    assert page.json["given_name"] == first


@pytest.mark.parametrize(
    "name",
    ["Session", "SESSION", "\u00a0session", "sess%69on", "$session", "__Secure-session"],
    ids=ascii,
)
def test_a_look_alike_of_the_session_cookie_is_not_it(name: str) -> None:
    cookie = a_session(anybody())

    answer = a_browser().get("/", cookie=f"x=1; {name}={cookie}")

    assert answer.location.startswith("/sign-in?")


@pytest.mark.parametrize(
    "name", ["session", "__Secure-session", "__host-session", "__HOST-session"]
)
def test_on_https_a_cookie_without_the_host_prefix_is_nobodys(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie = a_session(anybody())

    with on_https(monkeypatch):
        planted = a_browser(origin=HTTPS_URL, cookies={name: cookie})
        ours = a_browser(origin=HTTPS_URL, cookies={"__Host-session": cookie})
        assert is_out(planted)
        assert not is_out(ours)


@pytest.mark.parametrize(
    "bend",
    [
        lambda c: hashed(c),
        lambda c: c[:-1],
        lambda c: c + "A",
        lambda c: c.swapcase(),
        lambda c: f'"{c}"',
        lambda c: f"{c}=",
        lambda c: f"{c}%00",
        lambda c: f"session#{hashed(c)}",
        lambda c: f"{c},{c}",
        lambda c: c * 200,
        lambda _: "*",
        lambda _: "' OR '1'='1",
        lambda _: "null",
        lambda _: "[object Object]",
    ],
    ids=[
        "its hash", "shorter", "longer", "other letters", "quoted", "padded", "with a null",
        "its key", "twice", "very long", "a star", "SQL", "null", "an object",
    ],
)  # fmt: skip
def test_a_bent_cookie_opens_nothing(bend: object) -> None:
    cookie = a_session(anybody())

    assert is_out(a_browser(cookies={"session": bend(cookie)}))  # type: ignore[operator]


@pytest.mark.parametrize("where", ["query", "bearer", "body", "header"])
def test_a_session_counts_in_its_cookie_only(where: str) -> None:
    cookie = a_session(anybody())
    browser = a_browser()
    headers = {
        "bearer": {"authorization": f"Bearer {cookie}"},
        "header": {"x-session": cookie, "x-amzn-remapped-cookie": f"session={cookie}"},
    }.get(where, {})

    answer = browser.get(f"/?session={cookie}", **headers)
    posted = post_json(browser, "/sign-in/stay", {"session": cookie, "session_cookie": cookie})

    assert answer.location.startswith("/sign-in?")
    assert posted.status == 401


def test_a_senders_credential_is_no_session() -> None:
    secret = credentials.issue("Riverbend laboratory", [])

    assert is_out(a_browser(cookies={"session": secret}))
    assert a_browser().get("/", authorization=f"Bearer {secret}").status == 303


@pytest.mark.parametrize("other", ["device", "browser", "lang"])
def test_a_session_cookie_under_another_name_opens_nothing(other: str) -> None:
    assert is_out(a_browser(cookies={other: a_session(anybody())}))


@pytest.mark.parametrize(("method", "path"), BEHIND_A_SESSION, ids=lambda part: part)
def test_an_idle_cookie_is_refused_at_every_route(
    method: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    thief = inside(anybody(), accept="application/json")
    clock.advance(seconds=sessions.IDLE_SECONDS + 1)

    answer = thief.send(method, url_of(path), b"{}", {"content-type": "application/json"})

    assert answer.status == 401
    assert "set-cookie" not in answer.headers


def test_an_idle_session_cannot_be_revived_by_any_of_its_routes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = known()
    secret = an_app(patient)
    thief = inside(patient)
    clock.advance(seconds=sessions.IDLE_SECONDS + 1)

    thief.post("/sign-in/stay")
    thief.post(CODE, method="totp", code=code_now(secret))
    thief.post(PROOF, born_on="1980-02-03", identifier=patient.identifiers[0][1])

    assert is_out(thief)


def test_staying_does_not_outlive_the_twelve_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    thief = inside(known())

    for _ in range(12 * 6):
        clock.advance(minutes=10)
        thief.post("/sign-in/stay")
    clock.advance(seconds=2)

    assert is_out(thief)


def test_stepping_up_every_hour_does_not_outlive_the_twelve_hours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    patient = known()
    secret = an_app(patient)
    thief = inside(patient)

    for minute in range(10, 12 * 60 + 1, 10):
        clock.advance(minutes=10)
        if minute % 60 == 0:
            thief.post(CODE, method="totp", code=code_now(secret))
        else:
            thief.get("/")
    clock.advance(seconds=2)

    assert is_out(thief)


def test_a_row_of_the_future_is_no_longer_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, should the clock of another function run ahead."""
    clock = held(monkeypatch)
    cookie = a_session(anybody())
    clock.advance(hours=12, seconds=1)
    row = SessionRow.get(f"session#{hashed(cookie)}", "session")
    row.update([SessionRow.seen_at.set(clock.moment.timestamp())])

    assert sessions.live(cookie) is None


def test_signing_out_everywhere_reaches_a_session_that_was_rising() -> None:
    patient = known()
    cookie = a_link_session(patient)
    sessions.end_all(patient.patient_id)

    try:
        risen = sessions.rise(cookie, Method.TOTP)
    except SignInNeeded:
        return
    assert sessions.live(risen) is None


def test_a_session_of_an_older_generation_does_not_come_back_with_a_new_device() -> None:
    patient = known()
    thief = inside(patient)
    sessions.end_all(patient.patient_id)
    thief.cookies["device"] = devices.remember(patient.patient_id, a_visitor())

    assert is_out(thief)


def test_a_signed_out_cookie_stays_out_after_the_next_sign_in() -> None:
    patient = known()
    stolen = inside(patient)
    copy = a_browser(cookies=dict(stolen.cookies))
    stolen.post("/sign-out")
    inside(patient)

    assert is_out(copy)


@pytest.mark.parametrize("path", ["/sign-out", "/sign-out?everywhere=yes"])
def test_a_picture_on_another_site_cannot_sign_anybody_out(path: str) -> None:
    owner = inside(known())

    assert owner.get(path).status == 404
    assert not is_out(owner)


def test_another_site_cannot_sign_anybody_out_everywhere() -> None:
    patient = known()
    owner = inside(patient)
    attacked = a_browser(cookies=dict(owner.cookies), origin="https://evil.example")

    assert attacked.post("/sign-out", everywhere="yes").status == 403
    assert not is_out(owner)


def test_signing_out_with_a_made_up_cookie_ends_nobodys_session() -> None:
    owner = inside(known())
    thief = a_browser(cookies={"session": hashed(owner.cookies["session"])})

    thief.post("/sign-out", everywhere="yes")

    assert not is_out(owner)


def test_signing_out_everywhere_ends_only_ones_own() -> None:
    owner, thief = inside(known()), inside(known())

    thief.post("/sign-out", everywhere="yes")

    assert not is_out(owner)


@pytest.mark.parametrize("how", ["closed", "signed out everywhere", "contacts corrected"])
def test_what_the_clinic_ends_is_ended_for_a_stolen_session(how: str) -> None:
    patient = known()
    thief = inside(patient)

    if how == "closed":
        desk.close(patient.patient_id, made_by="staff")
    elif how == "contacts corrected":
        desk.correct_contacts(patient.patient_id, "new@example.org", "", made_by="staff")
    else:
        sessions.end_all(patient.patient_id)

    assert is_out(thief)


def test_reopening_a_closed_account_revives_no_session() -> None:
    patient = known()
    thief = inside(patient)
    desk.close(patient.patient_id, made_by="staff")
    desk.reopen(patient.patient_id, made_by="staff")

    assert is_out(thief)


def test_a_stolen_session_by_link_sees_no_chart_of_somebody_we_know() -> None:
    chart = a_chart()
    thief = by_link(chart.patient, accept="application/json")

    for path in ("/results", f"/results/{chart.ids['report_id']}"):
        answer = thief.get(path)
        assert answer.status == 403
        assert "98" not in answer.text


def test_the_front_page_of_a_session_by_link_says_neither_name_nor_result() -> None:
    chart = a_chart()

    page = by_link(chart.patient, accept="application/json").get("/")

    assert page.json["is_locked"]
    assert not page.json["given_name"]
    assert page.json["latest"] == []


def test_two_factors_of_somebody_we_do_not_know_show_no_chart() -> None:
    """Whoever claims to be the patient, with a mailbox and an app of their own."""
    patient = a_patient()
    cookie = sessions.rise(a_link_session(patient), Method.TOTP)

    assert user_accounts.of(patient.patient_id).confidence < Confidence.PROOFED
    assert sees_no_chart(a_browser(cookies={"session": cookie}))


def test_an_old_step_does_not_let_a_found_phone_change_the_ways_to_sign_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = held(monkeypatch)
    thief = inside(known())
    for _ in range(2):
        clock.advance(minutes=5, seconds=1)
        assert not sees_no_chart(thief)

    assert thief.post("/settings/security/totp").status in (303, 403)
    assert "/sign-in/step" in thief.get("/settings/security/totp").location


def test_showing_the_identity_again_does_not_make_an_old_step_fresh(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A birth date and a record number are no factor."""
    clock = held(monkeypatch)
    patient = known()
    an_app(patient)
    thief = inside(patient)
    clock.advance(minutes=10, seconds=1)

    thief.post(PROOF, born_on="1980-02-03", identifier=patient.identifiers[0][1])

    assert "/sign-in/step" in thief.get("/settings/security/totp").location


def test_adding_a_factor_throws_out_whoever_else_is_signed_in() -> None:
    patient = known()
    owner, thief = inside(patient), inside(patient)
    caller = caller_of(owner, patient)

    factors.changed(caller, Event.FACTOR_ADDED)

    assert is_out(thief)
    assert not is_out(owner)


def test_a_session_list_of_the_owner_shows_no_cookie() -> None:
    patient = known()
    owner, other = inside(patient), inside(patient)

    page = owner.get("/settings/security").text

    for cookie in (owner.cookies["session"], other.cookies["session"]):
        assert cookie not in page


def test_the_id_in_the_session_list_is_no_cookie() -> None:
    patient = known()
    owner = inside(patient)
    (listed,) = sessions.listed(patient.patient_id)

    assert is_out(a_browser(cookies={"session": listed.session_id}))
    assert not is_out(owner)


def test_nothing_a_session_is_shown_stays_in_a_cache_for_the_next_at_the_computer() -> None:
    chart = a_chart()
    owner = inside(chart.patient)

    for path in ("/", "/results", f"/results/{chart.ids['report_id']}"):
        assert "no-store" in owner.get(path).headers["cache-control"]
    security = inside(known()).get("/settings/security")
    assert "no-store" in security.headers["cache-control"]


def test_a_session_row_says_no_secret_to_whoever_reads_the_table() -> None:
    cookie = a_session(anybody())

    rows = [str(row.attribute_values) for row in SessionRow.scan()]

    assert not any(cookie in row for row in rows)
