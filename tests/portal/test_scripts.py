"""The scripts: ours alone, small, and named by the policy of the pages that run them."""

import gzip
import re
from dataclasses import replace

import pytest
from tests.builders import a_link_session, a_patient
from tests.client import Client
from tests.html_tree import Tree
from tests.page_checks import check_page
from tests.stores import PORTAL_URL
from tests.visitors import a_browser, signed_in

from portal import assets, pages
from portal.assets import asset
from portal.methods import Method

NAMES = ("offline", "passkey", "push", "session")
WORKER = "worker"  # runs beside the pages: it keeps what the person allowed, sealed
MOST_BYTES = 15_000  # of all together, compressed


def scripts_of(client: Client, url: str) -> tuple[list[str], str]:
    """The addresses of a page's scripts, and its policy."""
    answer = client.get(url)
    found = [each["src"] for each in Tree(answer.text).root.all("script")]
    return found, answer.headers["content-security-policy"]


def source(name: str) -> str:
    return asset(f"{name}.js").body.decode()


def test_these_are_all_and_they_are_small() -> None:
    scripts = {name: each for name, each in assets.every().items() if name.endswith(".js")}

    assert scripts.keys() == {asset(f"{name}.js").name for name in (*NAMES, WORKER)}
    assert sum(len(gzip.compress(each.body)) for each in scripts.values()) <= MOST_BYTES


@pytest.mark.parametrize("name", NAMES)
def test_a_script_makes_no_markup_keeps_nothing_and_asks_nobody_else(name: str) -> None:
    banned = r"innerHTML|outerHTML|insertAdjacent|document\.write|eval|Function|https?:|import"
    assert not re.search(banned, source(name))
    assert not re.search(r"Storage|indexedDB|caches|cookie\b|</", source(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_page_can_be_left_and_come_back_as_it_was(name: str) -> None:
    """A listener of `unload` keeps a page out of the browser's back and forward cache."""
    assert not re.search(r"unload", source(name))


def test_the_worker_asks_nobody_else_and_keeps_nothing_but_sealed() -> None:
    script = source(WORKER)

    assert not re.search(r"\beval|Function|https?://|import\(|importScripts|caches|</", script)
    written = re.findall(r"await put\(([^,]+)", script)
    assert sorted(written) == ['"state"', "name"], "only the state and what `seal` made"


def test_comments_and_indentation_stay_behind() -> None:
    assert not re.search(r"^\s|^//|\n\n", source("session"), re.MULTILINE)
    assert "// " in (assets.templates_root() / "assets" / "session.js").read_text()


@pytest.mark.usefixtures("portal")
def test_a_page_without_a_script_lets_none_run() -> None:
    scripts, policy = scripts_of(a_browser(), "/signed-out")

    assert scripts == []
    assert "script-src" not in policy
    assert "connect-src" not in policy
    assert "default-src 'none'" in policy


@pytest.mark.usefixtures("portal")
def test_the_sign_in_page_has_the_script_of_passkeys() -> None:
    scripts, policy = scripts_of(a_browser(), "/sign-in")

    assert scripts == [asset("passkey.js").path]
    assert f"script-src {PORTAL_URL}{scripts[0]}; connect-src 'self';" in policy


@pytest.mark.usefixtures("portal")
def test_a_page_behind_the_door_has_the_script_of_the_countdown() -> None:
    browser = signed_in(a_patient())

    assert scripts_of(browser, "/")[0] == [asset("session.js").path]
    assert scripts_of(browser, "/settings/security")[0] == [
        asset("session.js").path,
        asset("passkey.js").path,
    ]


@pytest.mark.usefixtures("portal")
def test_a_page_is_marked_as_its_persons_and_the_mark_says_nothing() -> None:
    patient, other = a_patient(), a_patient()

    marks = [mark(signed_in(each)) for each in (patient, patient, other)]

    assert marks[0] == marks[1] != marks[2]
    assert patient.patient_id[:8] not in marks[0]
    assert mark(a_browser(), "/sign-in") == ""


def mark(client: Client, url: str = "/") -> str:
    (body,) = Tree(client.get(url).text).root.all("body")
    return body["data-person"]


@pytest.mark.parametrize(
    "script",
    [
        "<script>alert(1)</script>",
        '<script type="module">alert(1)</script>',
        '<script type="module" src="/x.js"></script>',
        f'<script type="module" src="{asset("session.js").path}"></script>',
        f'<script src="{asset("session.js").path}" integrity="{asset("session.js").integrity}">',
        '<p onclick="alert(1)">x</p>',
    ],
)
def test_a_script_that_is_not_ours_is_noticed_on_every_page(script: str) -> None:
    page = a_plain_page().replace("</main>", f"{script}</main>")

    with pytest.raises(AssertionError):
        check_page(page)


def test_a_policy_that_names_another_script_is_noticed() -> None:
    headers = {
        "content-security-policy": pages.content_security_policy(("session",)),
        "content-type": "text/html; charset=utf-8",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
    }
    check_page(a_plain_page(("session",)), headers)

    for others in ((), ("passkey",), ("session", "passkey")):
        policy = pages.content_security_policy(others)
        with pytest.raises(AssertionError, match="another script"):
            check_page(a_plain_page(("session",)), headers | {"content-security-policy": policy})


def a_plain_page(scripts: tuple[str, ...] = ()) -> str:
    from functions.sign_in.views import SignedOutView

    frame = pages.Frame(
        language="en", path="/", portal_name="P", signed_in=True, is_demo=False, scripts=scripts
    )
    return pages.render("sign_in/signed_out.html", SignedOutView(everywhere=False), frame)


@pytest.mark.usefixtures("portal")
def test_the_step_offers_a_passkey_to_who_has_one() -> None:
    from tests.authenticator import a_passkey

    without, having = a_patient(), a_patient()
    a_passkey(having)

    offers = []
    for patient in (without, having):
        browser = a_browser(cookies={"session": a_link_session(patient)})
        page = browser.get("/sign-in/step?return_to=/results").text
        offers += [each["data-return-to"] for each in Tree(page).root.all("form")]

    assert [each for each in offers if each] == ["/results"]
    assert (
        Method.PASSKEY
        in replace(browser, accept="application/json").get("/sign-in/step").json["methods"]
    )


def test_a_page_is_laid_out_once_however_slowly_it_comes() -> None:
    """The header in pieces, and a form that its script shows, would move what is being read."""
    style = re.sub(r"\s", "", pages.style())

    assert "body:not(:has(main))header{visibility:hidden" in style
    assert "form[data-passkey][hidden]{display:block" in style
