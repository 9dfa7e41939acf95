"""In a language nobody speaks, each text that cannot be translated stands out, and each that has no
room to grow is cut off: what a translator, and a reader of long words, would meet."""

import re
from collections.abc import Iterator

import pytest
from jinja2.meta import find_undeclared_variables
from tests.accessibility.measures import CLIPPED, SIDEWAYS, SPILLED, UNFOLD
from tests.accessibility.pseudo import (
    GROWTH,
    OPENS,
    PSEUDO,
    ROOT,
    PseudoTranslations,
    installed,
    pseudo,
    template_texts,
)
from tests.accessibility.rooms import Window
from tests.accessibility.sights import SIGHTS, source, stranger
from tests.accessibility.unmarked import Page, words_outside

from infra import catalogues
from portal import pages, problems, push
from portal.answers import ProblemView
from portal.pages import Frame

EVERY = pytest.mark.parametrize("name", SIGHTS)
TEXTS = sorted(
    path.relative_to(ROOT / "templates").as_posix()
    for folder in ("emails", "sms")
    for path in (ROOT / "templates" / folder).iterdir()
)
IN_ENGLISH = {  # they go to the privacy officer, whose language nobody asked
    "emails/break_glass.txt",
    "emails/wrong_patient.txt",
}
UNMARKED = """<html lang="en-XA"><title>Home</title><p>Call us, ⟦ýóú⟧</p><p>21 ноября, 4 mg/dL</p>
<img alt="The clinic"><input type="submit" value="Send"><input value="Rosa"><p data-why="Try again">
⟦Ñó <b lang="es">Hola</b> <b>Rosa</b> ééñd</p></html>"""
LONG = "⟦ááááááá ááááááá ááááááá ááááááá ááááááá⟧"
CUT_OFF = {
    "sideways": f'<p style="inline-size: 30rem">{LONG}</p>',
    "clipped": f'<p style="white-space: nowrap; overflow: clip">{LONG}</p>',
    "spilled": f'<a class="button" style="white-space: nowrap; inline-size: 3rem">{LONG}</a>',
}
# English by intent, and marked so for who reads it aloud.
MAY_SAY_ENGLISH = {
    "components/all.html": "for who builds pages",
    "components/critical.html": "beside what nobody reviewed",
    "privacy/privacy.html": "beside a consent that nobody reviewed",
}


@pytest.fixture(scope="module")
def texts() -> Iterator[PseudoTranslations]:
    with pytest.MonkeyPatch.context() as patch:
        yield installed(patch)


def cut_off(window: Window) -> dict[str, list[str]]:
    measures = {"sideways": SIDEWAYS, "clipped": CLIPPED, "spilled": SPILLED}
    window.page.evaluate(UNFOLD)
    found = {each: window.page.evaluate(script) for each, script in measures.items()}
    return {each: where for each, where in found.items() if where}


def unmarked_lines(text: str, known: PseudoTranslations) -> list[str]:
    """The English of a critical text has a line of its own."""
    return [
        each for each in text.splitlines() if words_outside(each) and each not in known.critical
    ]


def test_each_text_grows_by_two_fifths_and_keeps_what_it_is_filled_with() -> None:
    for text in template_texts():
        made = pseudo(text)
        plain = re.sub(r"<[^>]*>|%\(\w+\)s|\{\w*\}", "", text)
        assert catalogues.placeholders(made) == catalogues.placeholders(text)
        assert re.findall(r"<[^>]*>|&\w+;", made) == re.findall(r"<[^>]*>|&\w+;", text)
        assert len(made) - len(text) <= GROWTH * len(plain) + 3, text
        if len(plain) > 20 and not re.search(r"\d", plain):
            assert len(made) - len(text) >= 0.8 * GROWTH * len(plain), text


def test_a_text_nobody_marked_is_found() -> None:
    assert Page(UNMARKED).unmarked == [
        "<title>: Home",
        "<p>: Call us,",
        "<img alt>: The clinic",
        "<input value>: Send",
        "<p data-why>: Try again",
        "<p>: a mark without its other half",
    ]


@EVERY
@pytest.mark.usefixtures("portal", "texts")
def test_every_word_of_a_page_can_be_translated(name: str) -> None:
    assert Page(source(name, PSEUDO.code)).unmarked == []


@pytest.mark.parametrize("name", sorted({*TEXTS} - IN_ENGLISH))
def test_every_word_of_a_message_can_be_translated(texts: PseudoTranslations, name: str) -> None:
    environment = pages.environment(PSEUDO.code)
    facts = find_undeclared_variables(environment.parse((ROOT / "templates" / name).read_text()))
    facts -= environment.globals.keys()
    for value in ("1", ""):  # each way that an `if` can go
        message = pages.render_text(name, PSEUDO.code, **dict.fromkeys(facts, value))

        assert OPENS in message.body
        assert unmarked_lines(f"{message.subject}\n{message.body}", texts) == []


@pytest.mark.parametrize("met", [*problems.WORDS, None])
def test_every_word_of_a_problem_can_be_translated(
    texts: PseudoTranslations, met: type[Exception] | None
) -> None:
    status, title, advice = problems.WORDS[met] if met else problems.FALLBACK
    view = ProblemView(
        kind=problems.kind_of(met) if met else "fault",
        status=status,
        title=texts.gettext(title),
        what_to_do=texts.gettext(advice),
        request_id="1",
    )
    frame = Frame(
        language=PSEUDO.code, path="/", portal_name="", signed_in=False, is_demo=True, phone="1"
    )

    assert Page(pages.render("errors/problem.html", view, frame)).unmarked == []


@pytest.mark.usefixtures("portal", "texts")
def test_what_a_device_shows_can_be_translated() -> None:
    client = stranger()
    client.language = PSEUDO.code
    manifest = client.get("/manifest.webmanifest").json

    assert words_outside(manifest["description"]) == []
    assert words_outside(manifest["name"]) == []  # the portal's name
    assert {words_outside(push.note(topic, PSEUDO.code).body) == [] for topic in push.LINKS} == {
        True
    }


def test_code_asks_for_no_text_that_no_catalogue_holds() -> None:
    """`word("...")` translates as `_("...")` does, but nothing collects it."""
    asked = {
        text
        for folder in ("functions", "layers/portal/portal")
        for path in (ROOT / folder).rglob("*.py")
        for text in re.findall(r'\bword\(\s*"([^"]*)"', path.read_text("utf-8"))
    }

    assert asked <= template_texts()


def test_english_is_declared_where_it_is_meant_and_nowhere_else() -> None:
    folder = ROOT / "templates" / "pages"
    found = {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*.html")
        if 'lang="en"' in path.read_text("utf-8")
    }

    assert found == MAY_SAY_ENGLISH.keys()


@EVERY
@pytest.mark.usefixtures("texts")
def test_no_longer_word_is_cut_off(window: Window, name: str) -> None:
    """At 320 px, with every closed part open."""
    window.show(name, PSEUDO.code)

    assert cut_off(window) == {}


@pytest.mark.parametrize("how", CUT_OFF)
@pytest.mark.usefixtures("texts")
def test_a_text_without_room_is_found(window: Window, how: str) -> None:
    window.show("sign-in", PSEUDO.code)
    window.page.evaluate(
        """html => {
          const part = new DOMParser().parseFromString(html, "text/html").body.firstChild;
          const style = part.getAttribute("style");
          part.removeAttribute("style");
          document.querySelector("main").append(part);
          part.style.cssText = style;
        }""",
        CUT_OFF[how],
    )

    assert how in cut_off(window)
