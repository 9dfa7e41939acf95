"""WCAG 2.2 where a page's source tells: titles, headings, names, orders, helps and errors."""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from infra.messages import ANALYTES, plain_words, template
from tests.accessibility.sights import SIGHTS, html
from tests.html_tree import Element

from portal import pages

pytestmark = pytest.mark.usefixtures("portal")
ROOT = Path(__file__).parents[2]
EVERY = pytest.mark.parametrize("name", SIGHTS)
SAME_PAGE = {  # another state of the page before it
    "activate link",
    "sign-in wrong",
    "register wrong",
    "phone wrong",
    "settings contact wrong",
    "help for a stranger",
    "search found",
    "search found nothing",
    "children wrong",
    "invite wrong",
    "home of a newcomer",
    "home, half inside",
    "home of a child",
    "home in a preview",
    "results of a newcomer",
    "staff result",  # to its reader it is the same result
}
# https://www.w3.org/TR/WCAG22/#input-purposes, and what browsers call a code that was sent.
PURPOSES = {"given-name", "family-name", "email", "tel", "bday", "one-time-code", "username"}
PURPOSES |= {"current-password", "new-password", "off"}
OWN_DATA = {"given", "family", "email", "address", "phone", "born_on", "code", "password"}
ABOUT_OTHERS = {"children", "children wrong", "invite", "invite wrong"}  # not the reader's own


def scripts() -> str:
    return "\n".join(path.read_text() for path in (ROOT / "templates/assets").glob("*.js"))


def title(page: Element) -> str:
    (found,) = [each for each in page.all("title") if not each.within("svg")]
    return found.text().partition(" · ")[0]


def test_titles_tell_the_pages_apart() -> None:
    """2.4.2"""
    named = defaultdict(list)
    for name in SIGHTS:
        if name not in SAME_PAGE:
            named[title(html(name))].append(name)

    assert {text: names for text, names in named.items() if len(names) > 1} == {}


@EVERY
def test_headings_are_not_the_same_twice(name: str) -> None:
    """2.4.6, 2.4.10: below the same heading, the same words name two things."""
    above: list[str] = []
    seen = set()
    for each in html(name).within_main("h1", "h2", "h3", "h4"):
        level = int(each.tag[1])
        above = [*above[: level - 1], each.text()]
        if level < 3 and not each.all("bdi"):  # cards in a list are named by data
            assert tuple(above) not in seen, above
        seen.add(tuple(above))


@EVERY
def test_a_page_says_where_it_is(name: str) -> None:
    """2.4.8: the place in the navigation, or the way back to it."""
    page = html(name)
    if not page.all("nav"):
        return
    current = [each for each in page.within_main("li") if each["aria-current"]]
    current += [each for each in page.all("a") if each["aria-current"]]
    back = [each for each in page.all("p") if "back" in each["class"].split()]

    assert current or back or name == "missing page" or len(page.all("nav")[0].all("a")) == 1


@EVERY
def test_an_address_of_the_same_words_is_the_same_address(name: str) -> None:
    """2.4.9: where a link leads is clear from its own words (or its description)."""
    leads = defaultdict(set)
    for each in html(name).all("a"):
        if each["href"] and not each["aria-describedby"]:
            leads[each["aria-label"] or each.text()].add(each["href"])

    assert {text: ways for text, ways in leads.items() if len(ways) > 1} == {}


@EVERY
def test_fields_say_what_they_are_for(name: str) -> None:
    """1.3.5, 3.3.7: the browser fills in what it knows, so that nobody types it twice."""
    for each in html(name).all("input"):
        if each["name"] in OWN_DATA and each["type"] != "checkbox" and name not in ABOUT_OTHERS:
            assert set(each["autocomplete"].split()) & PURPOSES, each.attributes


@EVERY
def test_an_error_is_told_by_its_field(name: str) -> None:
    """3.3.1, 3.3.3: said in words that name the way out, and tied to the field."""
    page = html(name)
    for each in page.all("input", "textarea", "select"):
        if each["aria-invalid"]:
            told = [part for part in each["aria-describedby"].split() if part.endswith("-error")]
            assert told, each.attributes
            (words,) = [other for other in page.all() if other["id"] == told[0]]
            assert len(words.text().split()) >= 3, words.text()
    if name.endswith(" wrong"):
        assert any(each["aria-invalid"] for each in page.all("input", "textarea", "select"))


@EVERY
def test_nothing_asks_for_a_key_a_gesture_or_a_hover(name: str) -> None:
    """1.4.13, 2.1.4, 2.5.1, 2.5.4, 3.2.1, 3.2.2: no access keys, no text in a tooltip."""
    for each in html(name).all():
        assert not each["accesskey"], each.attributes
        assert not each["title"], "a tooltip that a finger cannot reach"
        assert each["tabindex"] in ("", "-1", "0"), each.attributes


def test_no_script_listens_to_gestures_motion_or_single_keys() -> None:
    """2.1.4, 2.5.1, 2.5.2, 2.5.4, 2.5.7"""
    listened = set(re.findall(r"addEventListener\(\s*[\"'](\w+)[\"']", scripts()))

    gestures = {"keypress", "mousedown", "touchstart", "touchmove", "pointerdown", "pointermove"}
    assert not listened & (gestures | {"dragstart", "devicemotion", "deviceorientation", "wheel"})


def test_no_style_shows_something_on_hover_alone() -> None:
    """1.4.13: a hover changes edges and shades, never what can be read."""
    rules = re.findall(r"([^{}]*:hover[^{}]*)\{([^}]*)\}", pages.style())

    assert rules
    for selector, body in rules:
        assert not re.search(r"\b(display|visibility|opacity|content|clip)\b", body), selector


def test_no_text_leads_by_shape_colour_or_place_alone() -> None:
    """1.3.3"""
    sensory = r"(?i)\b(green|red|blue|yellow|round|square|on the (left|right)|(left|right)-hand)\b"
    clinical = set(plain_words(ROOT / ANALYTES))  # blood cells are red
    texts = {str(message.id) for message in template(ROOT) if message.id} - clinical

    found = [each for each in texts if re.search(sensory, each)]
    assert [each for each in found if "Type the code" not in each] == []  # a code or its picture


def test_the_navigation_is_the_same_on_every_page_of_a_reader() -> None:
    """3.2.3, 3.2.4, 3.2.6: the same links in the same order, help at the same place."""
    orders = defaultdict(set)
    for name in SIGHTS:
        page = html(name)
        for each in page.all("nav"):
            links = tuple((link["href"], link.text()) for link in each.all("a"))
            orders[links[0][0], len(links)].add(links)
        (footer,) = page.all("footer")
        assert footer.all("p")[0]["class"] == "emergency", name
    assert {who: len(found) for who, found in orders.items() if len(found) > 1} == {}


def test_signing_in_needs_no_memory_and_no_puzzle() -> None:
    """3.3.8, 3.3.9: a link or a passkey; codes may be pasted and are filled in."""
    page = html("sign-in")
    step = html("second step")

    assert not [each for each in page.all("input") if each["type"] == "password"]
    assert not [each for each in [*page.all("img"), *step.all("img")] if "captcha" in each["src"]]
    codes = [each for each in step.all("input") if each["name"] == "code"]
    assert codes
    assert all(each["autocomplete"] == "one-time-code" for each in codes)
    assert "onpaste" not in scripts()
    assert '"paste"' not in scripts()
