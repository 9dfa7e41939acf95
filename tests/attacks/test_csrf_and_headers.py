"""Attacks by other sites and by headers: forged forms, poisoned hosts, open redirects, framing."""

import re
from urllib.parse import quote

import pytest
from tests.attacks.scenes import (
    CODE,
    a_sent_link,
    anybody,
    by_link,
    code_now,
    inside,
    is_out,
    known,
    post_json,
    post_raw,
)
from tests.builders import an_app
from tests.client import Client, actions
from tests.clock import held
from tests.sign_in.mail import ask, deliver, requested
from tests.stores import PORTAL_URL, sent_to
from tests.visitors import HTTPS_URL, a_browser, on_https

from portal import sessions
from portal.paths import own_path

FORMS = sorted({each.path for _, each in actions() if each.method == "POST" and not each.raw_body})
PAGES = ["/", "/sign-in", "/sign-in/step", "/signed-out", "/nowhere", "/settings/security"]
NOT_OURS = [
    "null",
    "https://evil.example",
    f"{PORTAL_URL}.evil.example",
    PORTAL_URL.replace("//", "//evil.example@"),
    PORTAL_URL.replace("http:", "https:"),
    PORTAL_URL.replace(":4566", ""),
    PORTAL_URL.replace(":4566", ":4567"),
    PORTAL_URL.replace("//portal", "//evil.portal"),
    PORTAL_URL.upper(),
    f"{PORTAL_URL}/",
    f"{PORTAL_URL}, https://evil.example",
    f" {PORTAL_URL}",
    "",
    "file://",
    "chrome-extension://abc",
]
LEAVING = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http:evil.example",
    "evil.example",
    "@evil.example",
    " //evil.example",
    "/ok\r\nSet-Cookie: session=evil",
    "/ok\r\n\r\n<script>alert(1)</script>",
    "/\u2028//evil.example",
    "/%0d%0aLocation:https://evil.example\r",
    "\x00/",
]


def filled(path: str) -> str:
    return re.sub(r"\{\w+\}", lambda found: "A" * 22 if found[0] == "{token}" else "0" * 32, path)


@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_taken_from_another_site(path: str) -> None:
    victim = inside(anybody(), origin="https://evil.example")
    before = dict(victim.cookies)

    assert victim.post(filled(path), everywhere="yes", language="es").status == 403
    assert victim.cookies == before
    assert not is_out(victim)


@pytest.mark.parametrize("origin", NOT_OURS, ids=ascii)
def test_an_origin_that_is_almost_ours_is_not_ours(origin: str) -> None:
    victim = inside(anybody(), origin=origin)

    assert victim.post("/sign-out", everywhere="yes").status == 403
    assert not is_out(victim)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN", "none, cross-site"])
def test_a_browser_that_says_it_comes_from_elsewhere_is_believed(site: str) -> None:
    victim = inside(anybody(), origin=None)

    answer = post_raw(victim, "/sign-out", "everywhere=yes", **{"sec-fetch-site": site})

    assert answer.status == 403
    assert not is_out(victim)


@pytest.mark.parametrize(
    "referer",
    [
        "https://evil.example/",
        f"{PORTAL_URL}.evil.example/",
        f"https://evil.example/?{PORTAL_URL}/",
        PORTAL_URL.replace("//", "//x@evil.example/") + "/",
        "",
    ],
)
def test_an_old_browser_is_judged_by_its_referer(referer: str) -> None:
    victim = inside(anybody(), origin=None)

    answer = post_raw(victim, "/sign-out", "everywhere=yes", referer=referer)

    assert answer.status == 403
    assert not is_out(victim)


def test_a_good_referer_does_not_outweigh_a_foreign_origin() -> None:
    victim = inside(anybody(), origin="https://evil.example")
    same = {"referer": f"{PORTAL_URL}/", "sec-fetch-site": "same-origin"}

    assert post_raw(victim, "/sign-out", "everywhere=yes", **same).status == 403


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "multipart/form-data; boundary=x", "application/xml", "", "text/json"],
)
def test_a_form_that_smuggles_json_without_a_preflight_is_not_taken(kind: str) -> None:
    victim = inside(anybody())

    answer = victim.send("POST", "/sign-out", b'{"everywhere": "yes"}', {"content-type": kind})

    assert answer.status == 415
    assert not is_out(victim)


@pytest.mark.parametrize("header", ["x-http-method-override", "x-method-override", "x-http-method"])
def test_a_get_never_becomes_a_post(header: str) -> None:
    victim = inside(anybody())

    answer = victim.get("/sign-out?everywhere=yes&_method=POST", **{header: "POST"})

    assert answer.status == 404
    assert not is_out(victim)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", PORTAL_URL])
def test_no_page_may_be_read_by_a_script_of_another_site(path: str, origin: str) -> None:
    answer = inside(anybody()).get(path, origin=origin)

    assert not [name for name in answer.headers if name.startswith("access-control-")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_may_be_framed_to_steal_a_click(path: str) -> None:
    answer = inside(anybody()).get(path)

    assert answer.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "form-action 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"x-forwarded-host": "evil.example"},
        {"forwarded": "host=evil.example;proto=https"},
        {"x-forwarded-prefix": "//evil.example"},
        {"x-original-host": "evil.example", "x-host": "evil.example"},
        {"x-forwarded-server": "evil.example", "x-forwarded-proto": "javascript"},
    ],
    ids=lambda each: next(iter(each)),
)
def test_a_poisoned_host_is_in_no_link_that_is_mailed(headers: dict[str, str]) -> None:
    requested()
    patient = known()

    answer = post_raw(a_browser(), "/sign-in", f"address={patient.email}", **headers)
    deliver()

    (mail,) = sent_to(patient.email)
    assert f"{PORTAL_URL}/sign-in/" in mail.text
    assert "evil.example" not in mail.text + answer.text + str(answer.headers)


@pytest.mark.parametrize("path", PAGES)
def test_a_poisoned_host_is_on_no_page_and_in_no_redirect(path: str) -> None:
    poison = {"host": "evil.example", "x-forwarded-host": "evil.example"}

    answer = a_browser().get(path, **poison)

    assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("header", ["x-original-url", "x-rewrite-url", "x-forwarded-uri"])
def test_a_rewritten_address_opens_no_other_route(header: str) -> None:
    answer = a_browser().get("/sign-in", **{header: "/results"})

    assert answer.status == 200
    assert 'name="address"' in answer.text


@pytest.mark.parametrize("to", LEAVING, ids=ascii)
def test_the_way_back_after_a_step_stays_in_the_portal(
    to: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(monkeypatch)
    patient = known()
    browser = by_link(patient, accept="application/json")
    fields = {"method": "totp", "code": code_now(an_app(patient)), "return_to": to}

    answer = post_json(browser, CODE, fields)

    assert answer.status == 200
    assert answer.json["next"] == own_path(to)
    assert re.match(r"/(?![/\\])", answer.json["next"])
    assert not re.search(r"[\r\n\t\x00]", answer.json["next"])


@pytest.mark.parametrize("to", LEAVING, ids=ascii)
def test_the_way_back_after_choosing_a_language_stays_in_the_portal(to: str) -> None:
    answer = post_json(a_browser(), "/settings/language", {"language": "es", "return_to": to})

    assert re.match(r"/(?![/\\])", answer.location)
    assert not re.search(r"[\r\n\t\x00]", answer.location)


@pytest.mark.parametrize("to", LEAVING, ids=ascii)
def test_the_step_page_carries_no_foreign_way_back(to: str) -> None:
    patient = known()
    an_app(patient)

    page = by_link(patient).get(f"/sign-in/step?return_to={quote(to)}")

    assert not re.search(r'name="return_to" value="(?!/(?![/\\]))', page.text)
    assert "<script>alert(1)" not in page.text


@pytest.mark.parametrize(
    "language",
    ["es\r\nSet-Cookie: session=evil", "../../etc/passwd", "<script>", "x" * 12, "en;q=0"],
)
def test_a_language_sets_no_cookie_but_one_of_ours(language: str) -> None:
    browser = a_browser()

    answer = browser.post("/settings/language", language=language)

    assert answer.status in (303, 400)
    assert set(browser.cookies) <= {"lang"}
    assert browser.cookies.get("lang", "en") in {"en", "es"}


@pytest.mark.parametrize(
    "because", ["<script>alert(1)", "idle'><b>", "javascript:", "%3Cscript%3E"]
)
def test_a_reason_in_the_address_is_not_repeated_on_the_page(because: str) -> None:
    page = a_browser().get(f"/sign-in?because={quote(because)}")

    assert because not in page.text


@pytest.mark.parametrize(
    "address", ['"><script>alert(1)</script>@x.org', "a@b.org\r\nBcc: c@d.org", "{{7*7}}@x.org"]
)
def test_an_address_comes_back_as_text_only(address: str) -> None:
    requested()

    page = a_browser().post("/sign-in", address=address)

    assert "<script>alert" not in page.text
    assert "49@x.org" not in page.text
    assert "bcc" not in {name.lower() for name in page.headers}


def test_a_spoofed_forwarding_header_does_not_evade_a_throttle(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("functions.sign_in.app.SPENDS_PER_SOURCE", 2)
    thief = a_browser()

    statuses = [
        post_raw(
            thief,
            f"/sign-in/{'B' * 22}",
            "",
            **{"x-forwarded-for": f"192.0.2.{n}", "forwarded": f"for=192.0.2.{n}"},
        ).status
        for n in range(4)
    ]

    assert statuses == [401, 401, 429, 429]


def test_all_addresses_of_one_ipv6_network_are_one_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.sign_in.app.SPENDS_PER_SOURCE", 2)
    thieves = [a_browser() for _ in range(4)]
    for number, thief in enumerate(thieves):
        thief.source = f"2001:db8:17:{len(PORTAL_URL)}::{number:x}"

    statuses = [thief.post(f"/sign-in/{'B' * 22}").status for thief in thieves]

    assert statuses == [401, 401, 429, 429]


def test_a_json_face_is_no_way_around_the_origin() -> None:
    victim = inside(anybody(), accept="application/json", origin="https://evil.example")

    assert post_json(victim, "/sign-out", {"everywhere": "yes"}).status == 403
    assert not is_out(a_browser(cookies=victim.cookies))


def test_an_app_without_an_origin_but_with_a_browsers_marks_is_a_browser() -> None:
    victim = inside(anybody(), accept="application/json", origin=None)

    answer = post_json(
        victim, "/sign-out", {"everywhere": "yes"}, **{"sec-fetch-site": "cross-site"}
    )

    assert answer.status == 403
    assert sessions.live(victim.cookies["session"])


def test_a_json_page_is_never_read_as_html() -> None:
    for accept in ("application/json", "application/problem+json"):
        answer = inside(anybody(), accept=accept).get("/")
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_cookie_of_a_press_is_bound_to_this_host_and_kept_from_scripts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_cookies: list[str] = []
    keep = Client._keep

    def noted(client: Client, text: str) -> None:
        set_cookies.append(text)
        keep(client, text)

    monkeypatch.setattr(Client, "_keep", noted)
    with on_https(monkeypatch):
        browser, link = a_sent_link(known())
        browser.cookies = {"__Host-browser": browser.cookies["browser"]}
        browser.origin = HTTPS_URL
        assert browser.post(f"/sign-in/{link.token}").status == 303

    assert set_cookies
    for each in set_cookies:
        assert each.startswith("__Host-")
        assert "Domain" not in each
        assert {"Path=/", "HttpOnly", "Secure", "SameSite=Lax"} <= set(each.split("; "))


def test_http_is_never_used_again_once_https_was_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    with on_https(monkeypatch):
        answer = a_browser(origin=HTTPS_URL).get("/sign-in")

    assert "max-age=63072000" in answer.headers["strict-transport-security"]


def test_a_body_too_large_is_refused_before_it_is_read_as_fields() -> None:
    answer = a_browser().send(
        "POST",
        "/sign-in",
        b"address=" + b"a" * 64_001,
        {"content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.status == 400


def test_thousands_of_fields_are_refused() -> None:
    assert post_raw(a_browser(), "/sign-in", "&".join(f"f{n}=1" for n in range(5000))).status == 400


@pytest.mark.parametrize("body", ["[" * 20000, '{"a":' * 5000, '{"address": 1e999}', '"address"'])
def test_json_made_to_exhaust_is_refused(body: str) -> None:
    answer = a_browser(accept="application/json").send(
        "POST", "/sign-in", body.encode(), {"content-type": "application/json"}
    )

    assert answer.status == 400


def test_a_stranger_cannot_ask_in_an_owners_name_by_a_planted_browser_cookie() -> None:
    """The cookie that spares the code is made anew at each ask."""
    requested()
    patient = known()
    planted = "p" * 22
    owner = a_browser(cookies={"browser": planted})

    ask(owner, patient.email)

    assert owner.cookies["browser"] != planted
