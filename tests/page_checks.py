"""What must be true of every page, whoever renders it: each route test calls `check_page`."""

import gzip
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlsplit

from tests.html_tree import Element, Tree

from portal import assets

MOST_BYTES = 14_000  # compressed, headers included: what the first congestion window carries
HEADER_BYTES = 1_000  # where a page comes without its headers
NAMED = {"a", "button", "summary"}
ACTIVE = ("iframe", "object", "embed", "base", "audio", "video", "canvas", "marquee")
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls")


def check_page(html: str, headers: Mapping[str, str] | None = None) -> None:
    """Raises AssertionError that says what is wrong. `headers` are checked where given."""
    page = Tree(html).root
    _check_document(html, page)
    _check_structure(page)
    _check_references(page)
    _check_names(page)
    _check_forms(page)
    _check_nothing_runs(page)
    assert response_bytes(html, headers) <= MOST_BYTES, "the page is over its budget"
    if headers is not None:
        _check_headers(page, {name.lower(): value for name, value in headers.items()})


def response_bytes(html: str, headers: Mapping[str, str] | None = None) -> int:
    """As HTTP/1.1 writes it; later versions write headers shorter."""
    lines = sum(len(f"{name}: {value}\r\n") for name, value in (headers or {}).items())
    return len(gzip.compress(html.encode(), 6)) + max(lines, HEADER_BYTES)


def _check_document(html: str, page: Element) -> None:
    assert html.lstrip().lower().startswith("<!doctype html>"), "no doctype: quirks mode"
    (root,) = page.all("html")
    assert re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,8})*", root["lang"]), "html has no lang"
    assert root["dir"] in {"ltr", "rtl"}, "html has no dir"
    titles = [each.text() for each in page.all("title") if not each.within("svg")]
    assert len(titles) == 1, "one title"
    assert titles[0].strip(" ·"), "the title is empty"
    assert any(each["name"] == "viewport" for each in page.all("meta")), "no viewport"
    assert not any("user-scalable" in each["content"] for each in page.all("meta")), "zoom refused"


def _check_structure(page: Element) -> None:
    for tag in ("h1", "main", "body"):
        assert len(page.all(tag)) == 1, f"{len(page.all(tag))} <{tag}> on the page, not one"
    level = 0
    for heading in page.all("h1", "h2", "h3", "h4", "h5", "h6"):
        assert heading.text(), f"an empty <{heading.tag}>"
        assert int(heading.tag[1]) <= level + 1, f"<{heading.tag}> skips a level"
        level = int(heading.tag[1])
    for table in page.all("table"):
        assert table.all("caption"), "a table without a caption"
        assert all(each["scope"] for each in table.all("th")), "a th without scope"
    for each in page.all("nav"):
        assert each["aria-label"] or each["aria-labelledby"], "a nav without a name"


def _check_references(page: Element) -> None:
    ids = [each["id"] for each in page.all() if "id" in each.attributes]
    twice = {each for each in ids if ids.count(each) > 1}
    assert not twice, f"the same id twice: {sorted(twice)}"
    for each in page.all():
        for name in REFERENCES:
            for target in each[name].split():
                assert target in ids, f"{name} points at nothing: {target}"
        if each["href"].startswith("#"):
            assert each["href"][1:] in ids, f"a link to nothing: {each['href']}"


def _check_names(page: Element) -> None:
    for each in page.all(*NAMED):
        assert each.text() or each["aria-label"], f"a <{each.tag}> without a name"
    for image in page.all("img"):
        assert "alt" in image.attributes, "an image without alt"
    for picture in page.all("svg"):
        name = picture["aria-label"] or picture["aria-labelledby"] or picture.all("title")
        assert picture["aria-hidden"] == "true" or (picture["role"] == "img" and name), (
            "a picture that is neither named nor hidden"
        )


def _check_forms(page: Element) -> None:
    labelled = {each["for"] for each in page.all("label")}
    for each in page.all("input", "select", "textarea"):
        if each["type"] not in {"hidden", "submit"}:
            named = each["id"] in labelled or each["aria-label"] or each["aria-labelledby"]
            assert named or each.within("label"), f"no label: {each['name']}"
    for form in page.all("form"):
        assert form["method"] in {"get", "post"}, "a form without a method"
        assert re.match(r"/(?!/)", form["action"]), "a form that leaves the portal"


def _check_nothing_runs(page: Element) -> None:
    """But our own scripts, deferred; no style attribute, nothing fetched from anywhere else."""
    assert not page.all(*ACTIVE), "an active element"
    ours = {each.path: each.integrity for each in assets.every().values()}
    for script in page.all("script"):
        assert script.attributes.keys() == {"type", "src", "integrity"}, "a script that is inline"
        assert (script["type"], script.own_text) == ("module", ""), "a script that is not deferred"
        assert ours.get(script["src"]) == script["integrity"], "a script that is not ours"
    for each in page.all():
        for name, value in each.attributes.items():
            assert not name.startswith("on"), f"<{each.tag} {name}> is a script"
            assert name != "style", f"<{each.tag}> has a style attribute"
            if name == "href" and each["rel"] == "external noreferrer":  # it says that it leaves
                assert each.tag == "a", "only a link says that it leaves"
                assert re.match("https?://", value), f"leads nowhere: {value}"
            elif name in {"src", "href", "action", "srcset", "xlink:href"}:
                assert re.match(r"/(?!/)|#|tel:|otpauth://|data:image/", value), (
                    f"leaves the portal: {value}"
                )


def _check_headers(page: Element, headers: Mapping[str, str]) -> None:
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy, "a policy that allows anything inline"
    for directive in ("default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy, f"no {directive}"
    styles, scripts = _allowed(policy, "style-src"), _allowed(policy, "script-src")
    assert styles == {_hash(each) for each in page.all("style")}, "another style"
    assert {urlsplit(each).path for each in scripts} == {
        each["src"] for each in page.all("script")
    }, "another script"
    assert all(urlsplit(each).netloc for each in scripts), "a path without its host allows nothing"
    assert _allowed(policy, "connect-src") == ({"'self'"} if scripts else set())
    assert headers["content-type"].lower() == "text/html; charset=utf-8"
    assert headers["x-content-type-options"] == "nosniff"
    assert "no-store" in headers["cache-control"], "the page may stay in a cache"
    assert headers["referrer-policy"] in {"same-origin", "strict-origin"}, "addresses leak"


def _allowed(policy: str, directive: str) -> set[str]:
    parts = [part.split() for part in policy.split(";")]
    return {source for name, *sources in parts if name == directive for source in sources}


def _hash(each: Element) -> str:
    return f"'sha256-{b64encode(sha256(each.own_text.encode()).digest()).decode()}'"
