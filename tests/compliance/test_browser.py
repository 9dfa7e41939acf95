"""What a browser is told and given: cookies, headers, scripts (ASVS V3, V4.1, V14.3)."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.architecture.sources import ROOT, modules, short
from tests.builders import a_patient, a_session
from tests.client import Client, Response
from tests.sign_in.mail import asked
from tests.staff.colleagues import a_colleague
from tests.visitors import HTTPS_URL, a_browser, on_https, signed_in

from portal.assets import asset
from portal.roles import Role
from portal.secrets_kept import hashed

ASSETS = ROOT / "templates" / "assets"
ATTRIBUTES = {"Path=/", "Secure", "HttpOnly"}
IN_SCRIPTS = (  # markup made of text, code made of text, storage, other windows
    "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
    "localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.", "onmessage",
    "window.postMessage", 'window.addEventListener("message"', "opener", "parent.", "__proto__",
    "http://", "https://", "import(",
)  # fmt: skip


@pytest.fixture
def set_cookies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    keep = Client._keep

    def noted(client: Client, text: str) -> None:
        found.append(text)
        keep(client, text)

    monkeypatch.setattr(Client, "_keep", noted)
    return found


def a_visit() -> Client:
    """A browser with a session, on https."""
    return a_browser(origin=HTTPS_URL, cookies={"__Host-session": a_session(a_patient())})


@pytest.mark.usefixtures("portal")
def test_every_cookie_belongs_to_this_host_and_no_script(
    set_cookies: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with on_https(monkeypatch):
        browser, link = asked(a_patient().email, origin=HTTPS_URL)
        browser.post("/settings/language", language="es")
        browser.post(f"/sign-in/{link.token}")
        browser.post("/sign-out", everywhere="yes")

    names = {each.partition("=")[0] for each in set_cookies}
    assert names >= {f"__Host-{name}" for name in ("lang", "browser", "session", "device")}
    for each in set_cookies:
        name, *attributes = each.split("; ")
        assert name.startswith("__Host-")
        assert set(attributes) >= ATTRIBUTES
        assert {"SameSite=Lax", "SameSite=Strict"} & set(attributes)
        assert not [one for one in attributes if one.lower().startswith("domain")]


def test_cookies_are_made_in_one_place() -> None:
    makers = {short(p) for p in modules() if re.search(r"SameSite|Max-Age", p.read_text())}

    assert makers == {"layers/portal/portal/cookies.py"}


@pytest.mark.usefixtures("portal")
def test_the_session_is_told_in_its_cookie_and_nowhere_else() -> None:
    browser, link = asked(a_patient().email, accept="application/json")

    answer = browser.post(f"/sign-in/{link.token}")

    assert answer.status == 200
    cookie = browser.cookies["session"]
    assert cookie not in answer.text
    told = {name: text for name, text in answer.headers.items() if name != "set-cookie"}
    assert cookie not in str(told)
    assert cookie not in browser.get("/").text


def a_page(browser: Client) -> Response:
    return browser.get("/")


def some_json(browser: Client) -> Response:
    browser.accept = "application/json"
    answer = browser.get("/results")
    assert answer.status == 200
    return answer


def a_redirect(browser: Client) -> Response:
    browser.cookies.clear()
    answer = browser.get("/results")
    assert answer.status == 303
    return answer


def a_problem(browser: Client) -> Response:
    browser.accept = "application/json"
    answer = browser.get("/nowhere")
    assert answer.status == 404
    return answer


def a_refusal(browser: Client) -> Response:
    answer = Client(source=browser.source, origin="https://evil.example.net").post("/sign-out")
    assert answer.status == 403
    return answer


def bytes_for_anyone(browser: Client) -> Response:
    return browser.get("/openapi.json")


def a_pages_script(browser: Client) -> Response:
    answer = browser.get(asset("session.js").path)
    assert answer.status == 200
    return answer


def a_machines(browser: Client) -> Response:
    kind = {"content-type": "application/hl7-v2"}
    return browser.send("POST", "/ehr/hl7", b"MSH", kind)


ANSWERS = [
    a_page,
    some_json,
    a_redirect,
    a_problem,
    a_refusal,
    bytes_for_anyone,
    a_pages_script,
    a_machines,
]


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("answered", ANSWERS, ids=lambda each: each.__name__)
def test_every_answer_promises_https_for_a_year_and_for_subdomains(
    answered: Callable[[Client], Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    with on_https(monkeypatch):
        told = answered(a_visit()).headers["strict-transport-security"]

    found = re.search(r"max-age=(\d+)", told)
    assert found
    assert int(found[1]) >= 365 * 24 * 3600
    assert "includeSubDomains" in told


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("answered", ANSWERS, ids=lambda each: each.__name__)
def test_every_answer_names_its_kind_and_is_taken_for_nothing_else(
    answered: Callable[[Client], Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    with on_https(monkeypatch):
        answer = answered(a_visit())

    kind = answer.headers.get("content-type", "")
    assert kind or not answer.body
    assert not kind.startswith("text/") or "charset=utf-8" in kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def directives(answer: Response) -> dict[str, str]:
    parts = (each.strip() for each in answer.headers["content-security-policy"].split(";"))
    return {name: rest for name, _, rest in (each.partition(" ") for each in parts)}


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("answered", ANSWERS, ids=lambda each: each.__name__)
def test_no_answer_may_be_framed_run_plugins_or_move_its_addresses(
    answered: Callable[[Client], Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a policy does not say of plugins, its `default-src` says."""
    with on_https(monkeypatch):
        policy = directives(answered(a_visit()))

    assert policy.get("object-src", policy["default-src"]) == "'none'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    scripts = policy.get("script-src", policy["default-src"])
    assert "unsafe" not in scripts
    assert re.fullmatch(r"'none'|(https://[\w.]+/assets/\w+\.[0-9a-f]{12}\.js\s?)+", scripts)


@pytest.mark.usefixtures("portal")
def test_only_what_is_no_ones_may_stay_in_a_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_https(monkeypatch):
        kept = {
            answered.__name__
            for answered in ANSWERS
            if answered(a_visit()).headers["cache-control"] != "no-store"
        }

    assert kept == {"bytes_for_anyone", "a_pages_script"}, "the same for everybody"


@pytest.mark.parametrize("word", IN_SCRIPTS)
def test_scripts_make_no_markup_keep_nothing_and_talk_to_us_alone(word: str) -> None:
    """But for the worker: what it keeps is sealed, and its person said yes (decision 0018)."""
    scripts = [each for each in ASSETS.glob("*.js") if each.stem != "worker"]

    assert scripts
    assert [each.name for each in scripts if word in each.read_text()] == []


def test_messages_between_pages_go_by_a_channel_of_our_own_origin() -> None:
    """A BroadcastChannel carries nothing from or to another origin; nor do a service worker and the
    pages it answers for."""
    for script in ASSETS.glob("*.js"):
        if script.stem in ("offline", "worker"):
            continue
        text = script.read_text()
        senders = set(re.findall(r"(\w+)\??\.postMessage", text))
        hearers = set(re.findall(r"(\w+)\??\.addEventListener\(\"message\"", text))
        for name in senders | hearers:
            assert re.search(rf"const {name} = [^;]*new BroadcastChannel\(", text), script.name


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_end_of_a_session_clears_what_the_browser_keeps_but_for_its_cookies(
    accept: str,
) -> None:
    """A device that is remembered, and the language, are cookies."""
    patient = a_patient()
    own = hashed(cookie := a_session(patient))
    ending_itself = a_browser(cookies={"session": cookie}, accept=accept)
    ends = [
        signed_in(patient, accept=accept).post("/sign-out"),
        ending_itself.post(f"/settings/security/sessions/{own}/end"),
        signed_in(patient, accept=accept).post("/sign-out", everywhere="yes"),
        replace(a_colleague(Role.NURSE), accept=accept).post("/staff/sign-out"),
    ]

    assert {each.headers["clear-site-data"] for each in ends} == {'"cache", "storage"'}
    goes_on = signed_in(patient, accept=accept).get("/settings/security")
    assert "clear-site-data" not in goes_on.headers
