"""The border: forms of other sites, faces, headers, and bodies that are not what they say."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from tests.builders import a_patient
from tests.client import Client, Response, rooms
from tests.sign_in.mail import requested
from tests.stores import PORTAL_URL
from tests.visitors import HTTPS_URL, a_browser, an_app, nobodys_trail, on_https, signed_in

from portal import audit, cookies, requests
from portal.errors import BadInput
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}

FOREIGN = [
    "https://evil.example.net", "null", "", "http://portal.localhost", "http://portal.localhost:80",
    "https://portal.localhost:4566", "http://portal.localhost:45660",
    "http://evil.portal.localhost:4566", "http://portal.localhost:4566.evil.example.net",
    "http://portal.localhost:4566@evil.example.net", "http://portal.localhost:4566/",
    "HTTP://PORTAL.LOCALHOST:4566", f"{PORTAL_URL}, https://evil.example.net", "file://",
]  # fmt: skip


def post(client: Client, url: str, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.send("POST", url, b"", FORM | named)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_form_of_another_origin_is_refused_and_recorded(origin: str) -> None:
    patient = a_patient()
    browser = signed_in(patient, origin=origin)

    answer = browser.post("/sign-out", everywhere="yes")

    assert answer.status == 403
    assert browser.get("/").status == 200, "the session stands"
    (row,) = nobodys_trail(browser)
    assert (row.event, row.why, row.outcome) == ("access.refused", "foreign-origin", "refused")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "same-origin, cross-site"])
def test_without_an_origin_the_browsers_word_counts(site: str) -> None:
    browser = signed_in(a_patient(), origin=None)

    assert post(browser, "/sign-out", sec_fetch_site=site).status == 403


@pytest.mark.parametrize(
    "referer", ["https://evil.example.net/", f"{PORTAL_URL}.evil.example.net/", PORTAL_URL, ""]
)
def test_an_old_browser_tells_by_its_referer(referer: str) -> None:
    assert post(signed_in(a_patient(), origin=None), "/sign-out", referer=referer).status == 403


@pytest.mark.parametrize(
    "told",
    [
        {"origin": PORTAL_URL},
        {"origin": PORTAL_URL, "sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"referer": f"{PORTAL_URL}/results"},
        {},
    ],
    ids=str,
)
def test_our_own_forms_and_programs_are_taken(told: dict[str, str]) -> None:
    assert post(signed_in(a_patient(), origin=None), "/sign-out", **told).status == 303


def test_a_form_cannot_bring_its_own_method() -> None:
    """No `_method` field, no override header: a GET stays a GET."""
    browser = signed_in(a_patient())

    browser.get("/signed-out?_method=POST", **{"x-http-method-override": "POST"})

    assert browser.get("/").status == 200


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True), ("APPLICATION/JSON", True), ("application/problem+json", True),
        ("application/json, text/plain, */*", True), ("application/json;q=0.9", True),
        ("*/*", False), ("", False), ("text/html", False), ("image/*", False),
        ("text/html,application/json", False),
    ],
)  # fmt: skip
def test_who_names_json_gets_json_and_everyone_else_the_page(accept: str, is_json: bool) -> None:
    answer = a_browser(accept=accept).get("/sign-in")

    expected = "application/json" if is_json else "text/html; charset=utf-8"
    assert answer.headers["content-type"] == expected


@pytest.mark.parametrize("client", [a_browser, an_app])
@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/signed-out", "/openapi.json", "/"])
def test_every_answer_carries_the_security_headers(client: Any, path: str) -> None:
    headers = client().get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin", "a link's token stays with us"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_only_https_promises_https(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "strict-transport-security" not in a_browser().get("/sign-in").headers
    with on_https(monkeypatch):
        assert "strict-transport-security" in a_browser(origin=HTTPS_URL).get("/sign-in").headers


@pytest.mark.parametrize("client", [a_browser, an_app])
@pytest.mark.parametrize(
    "kind",
    ["text/plain", "multipart/form-data; boundary=x", "application/xml", "text/plain; json", "x",
     "text/plain, application/json", "application/jsonp", ""],
)  # fmt: skip
def test_a_body_of_an_unknown_type_is_refused_in_our_words(client: Any, kind: str) -> None:
    """`text/plain` is what another site may send without asking first."""
    visitor = client()

    answer = visitor.send(
        "POST", "/sign-in", b'{"address": "a@example.org"}', {"content-type": kind}
    )

    assert answer.status == 415
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "Unsupported" not in answer.text


BROKEN = [
    b"{", b"[]", b"null", b"5", b'"address"', b"\xff\xfe", b"{" * 40_000, b"[" * 40_000,
    b'{"address": "\\ud800@example.org"}', b'{"address": ' + b"9" * 5000 + b"}",
    b'{"address": {"$ne": ""}}', b'{"address": ["a@example.org"]}', b'{"address": true}',
    b'{"address": null}', b"x" * 64_001, b'{"address": "' + b"a" * 300 + b'"}', b"",
]  # fmt: skip


@pytest.mark.parametrize("client", [a_browser, an_app])
@pytest.mark.parametrize("body", BROKEN, ids=lambda body: str(body[:20]))
def test_a_body_that_is_not_what_we_asked_for_is_bad_input(client: Any, body: bytes) -> None:
    requested()  # what other tests left

    answer = client().send("POST", "/sign-in", body, JSON)

    assert answer.status == 400
    assert requested() == []


@pytest.mark.parametrize(
    "body",
    [b"&".join([b"a=b"] * 500), b"x" * 64_001, b"address", b"=", b"%", b"address=%ff%fe", b"\xff"],
    ids=lambda body: str(body[:20]),
)
def test_a_form_that_is_none_is_bad_input(body: bytes) -> None:
    assert a_browser().send("POST", "/sign-in", body, FORM).status == 400


def event(**facts: Any) -> dict[str, Any]:
    """As API Gateway sends it."""
    context = {
        "httpMethod": "POST",
        "resourcePath": "/sign-in",
        "requestId": "r",
        "identity": {"sourceIp": "192.0.2.9"},
    }
    dull = {
        "path": "/sign-in",
        "headers": {"Origin": PORTAL_URL} | FORM,
        "multiValueHeaders": None,
        "queryStringParameters": None,
        "pathParameters": None,
        "body": None,
        "isBase64Encoded": False,
        "requestContext": context,
    }
    return dull | facts


def test_a_body_that_did_not_arrive_whole_is_bad_input() -> None:
    answer = rooms()["sign_in"](event(body="%%%", isBase64Encoded=True), None)

    assert answer["statusCode"] == 400
    assert "Content-Security-Policy" in answer["headers"]


@pytest.mark.parametrize(
    ("method", "resource"), [("HEAD", "/sign-in"), ("OPTIONS", "/sign-in"), ("GET", "/elsewhere")]
)
def test_what_is_no_route_of_a_room_is_our_own_404(
    method: str, resource: str, capfd: pytest.CaptureFixture[str]
) -> None:
    context = event()["requestContext"] | {"httpMethod": method, "resourcePath": resource}

    answer = rooms()["sign_in"](event(requestContext=context, path="/secret-path"), None)

    assert answer["statusCode"] == 404
    assert "Content-Security-Policy" in answer["headers"]
    assert "secret-path" not in "".join(capfd.readouterr())


def test_a_host_header_changes_nothing_on_a_page() -> None:
    told = {"host": "evil.example.net", "x-forwarded-host": "evil.example.net"}

    assert "evil" not in a_browser().get("/sign-in", **told).text
    assert a_browser().get("/", **told).location == "/sign-in?because=needed"


def test_no_answer_allows_another_origin_to_read_it() -> None:
    headers = signed_in(a_patient()).get("/", origin="https://evil.example.net").headers

    assert not [name for name in headers if name.startswith("access-control-")]
    assert headers["cross-origin-resource-policy"] == "same-origin"


def test_a_view_that_cannot_be_recorded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from pynamodb.exceptions import PutError

    browsers = [
        signed_in(a_patient(given="Ana"), accept=a) for a in ("text/html", JSON["content-type"])
    ]

    def down(*_: object) -> None:
        raise PutError

    monkeypatch.setattr(AuditRow, "save", down)
    answers = [each.get(path) for each in browsers for path in ("/", "/results")]

    assert [each.status for each in answers] == [503] * 4
    assert not any("Ana" in each.text for each in answers)


def test_a_request_without_a_session_is_recorded_as_refused() -> None:
    visitor = a_browser(cookies={"session": "A" * 43})

    visitor.get("/results")

    (row,) = nobodys_trail(visitor)
    assert (row.event, row.actor, row.about) == ("access.refused", "nobody", "results.read")
    assert (row.why, row.outcome, row.acting_for) == ("no-session", "refused", None)


@pytest.mark.parametrize("table", ["ChartRow", "SessionRow"])
@pytest.mark.parametrize("client", [a_browser, an_app])
def test_a_store_that_is_down_shows_nothing(
    client: Any, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pynamodb.exceptions import GetError, QueryError

    browser = client(cookies=signed_in(a_patient(given="Ana")).cookies)

    def down(*_: object, **__: object) -> None:
        raise GetError if table == "SessionRow" else QueryError

    monkeypatch.setattr(f"portal.tables.{table}.get", down)
    answer = browser.get("/")

    assert answer.status == 503
    assert "Ana" not in answer.text


def test_an_error_of_ours_says_nothing_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Ana Rivera 105 mg/dL")

    monkeypatch.setattr(audit, "record", broken)
    for client in (a_browser, an_app):
        answer = client(cookies=signed_in(a_patient()).cookies).get("/")
        assert answer.status == 500
        assert "Rivera" not in answer.text


# ---- whatever a stranger sends ---------------------------------------------------------------

anything = st.text(max_size=60)
header_names = st.sampled_from(
    ["Cookie", "Accept", "Accept-Language", "Content-Type", "Origin", "X-Forwarded-For", "Host"]
)
header_sets = st.dictionaries(header_names, anything, max_size=7)


@given(anything)
@example('a="x; __Host-session=swallowed; b=y"')
@example("session=one; session=two")
@example("path=/; session=x; expires=y")
def test_reading_cookies_never_fails_and_never_invents(header: str) -> None:
    found = cookies.read(header)

    assert all(f"{name}={value}" in header for name, value in found.items())
    assert all(";" not in value and value.isascii() for value in found.values())


def test_a_quote_in_one_cookie_does_not_swallow_the_next() -> None:
    """The "cookie sandwich": two planted cookies around ours."""
    assert cookies.read('a="x; session=ours; b=y"')["session"] == "ours"


def test_names_of_attributes_are_only_names() -> None:
    assert cookies.read("Path=/; Secure; session=ours; Max-Age=0")["session"] == "ours"


def test_the_first_of_two_cookies_counts() -> None:
    assert cookies.read("session=one; session=two") == {"session": "one"}


@given(
    headers=header_sets,
    body=st.one_of(st.none(), anything),
    is_base64=st.booleans(),
    query=st.one_of(st.none(), st.dictionaries(anything, anything, max_size=3)),
    path=anything,
    source=anything,
)
def test_reading_a_request_raises_nothing_but_bad_input(
    headers: dict[str, str], body: str | None, is_base64: bool,
    query: dict[str, str] | None, path: str, source: str,
) -> None:  # fmt: skip
    context = event()["requestContext"] | {"identity": {"sourceIp": source}}
    sent = event(
        headers=headers, body=body, isBase64Encoded=is_base64, queryStringParameters=query,
        path=path, requestContext=context,
    )  # fmt: skip

    request = requests.request_of(sent)
    with suppress(BadInput):
        requests.fields_of(request)


@hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    headers=header_sets, path=anything, accept=st.sampled_from(["text/html", JSON["content-type"]])
)
def test_any_get_is_answered_and_never_by_a_500(
    headers: dict[str, str], path: str, accept: str
) -> None:
    context = event()["requestContext"] | {"httpMethod": "GET"}
    sent = headers | {"Accept": accept}

    answer = rooms()["sign_in"](event(headers=sent, path=path, requestContext=context), None)

    assert answer["statusCode"] == 200
    answer["body"].encode()


@hypothesis(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    said=st.dictionaries(
        st.sampled_from(["language", "return_to", "x"]),
        st.recursive(st.none() | st.booleans() | st.floats() | anything, st.lists, max_leaves=4),
    )
)
def test_any_json_is_answered_and_never_by_a_500(said: dict[str, Any]) -> None:
    context = event()["requestContext"] | {"resourcePath": "/settings/language"}
    sent = event(
        headers={"Origin": PORTAL_URL} | JSON, body=json.dumps(said), requestContext=context
    )

    assert rooms()["settings"](sent, None)["statusCode"] in {303, 400}
