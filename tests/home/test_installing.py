"""The portal as an app on a home screen."""

import pytest
from tests.client import Client
from tests.html_tree import Tree
from tests.visitors import a_browser

from portal.assets import asset

pytestmark = pytest.mark.usefixtures("portal")


def test_every_page_names_the_manifest_and_its_policy_allows_it() -> None:
    page = a_browser().get("/sign-in")

    links = [each["href"] for each in Tree(page.text).root.all("link")]
    assert "/manifest.webmanifest" in links
    assert "manifest-src 'self'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(("code", "direction"), [("en", "ltr"), ("es", "ltr"), ("ar", "rtl")])
def test_the_manifest_speaks_the_readers_language(code: str, direction: str) -> None:
    answer = Client(language=code).get("/manifest.webmanifest")

    said = answer.json
    assert answer.headers["content-type"] == "application/manifest+json"
    assert (said["lang"], said["dir"]) == (code, direction)
    assert (said["start_url"], said["scope"], said["display"]) == ("/", "/", "standalone")
    assert said["theme_color"] == "#0a5560"
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}


def test_the_icons_are_drawings_that_run_nothing() -> None:
    icons = Client().get("/manifest.webmanifest").json["icons"]

    for icon in icons:
        answer = Client().get(icon["src"])
        assert answer.headers["content-type"].startswith(icon["type"])
        assert icon["type"] == "image/svg+xml"
        assert "script" not in answer.text
        assert answer.text.startswith("<svg xmlns=")


def test_the_service_worker_is_looked_up_anew_and_may_reach_the_portal_only() -> None:
    answer = Client().get("/service-worker.js")

    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["service-worker-allowed"] == "/"
    assert answer.headers["content-type"].startswith("text/javascript")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; connect-src 'self';")
    assert answer.body == asset("worker.js").body
