import json
import re
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

import pytest
from infra.messages import plain_words, template

from infra import catalogues
from portal import pages, provenance
from portal.analytes import CATALOGUE
from portal.languages import LANGUAGES
from portal.positions import WORDS

ROOT = Path(__file__).parents[2]
OTHERS = [each.code for each in LANGUAGES if each.code != "en"]
OURS = [*dict.fromkeys([*plain_words(CATALOGUE), *filter(None, WORDS.values())])]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small portal with a text of each kind of source."""
    write(tmp_path, "functions/home/app.py", 'title = N_("Your results")\nother("Not this")\n')
    write(
        tmp_path,
        "templates/pages/home/view.html",
        "{% trans name=person %}\n  Hello\n  {{ name }}\n{% endtrans %}\n"
        "{% trans count=n %}One result{% pluralize %}{{ count }} results{% endtrans %}",
    )
    write(tmp_path, "templates/emails/sign_in.txt", "{{ _('Sign in') }}")
    words = {
        "entries": {"iron": {"name": "Iron"}},
        "codes": {},
        "panels": {"50190-8": "Iron tests"},
    }
    write(tmp_path, "layers/portal/portal/analytes.json", json.dumps(words))
    catalogues.update_all(tmp_path, "es")
    return tmp_path


def write(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, "utf-8")


def translate(root: Path, **texts: str) -> None:
    catalogue = catalogues.read(root, "es")
    for msgid, text in texts.items():
        catalogue[msgid].string = text
        catalogue[msgid].user_comments = ["machine 2026-11-21"]
    catalogues.write(root, catalogue, "es")


def translated_fully(root: Path) -> None:
    catalogue = catalogues.read(root, "es")
    for message in catalogue:
        if message.id:
            message.string = message.id
            message.user_comments = ["machine 2026-11-21"]
    catalogues.write(root, catalogue, "es")


def test_texts_come_from_sources_templates_and_the_plain_words(project: Path) -> None:
    found = {message.id for message in template(project) if message.id}

    assert found == {
        "Your results",
        "Hello %(name)s",
        ("One result", "%(count)s results"),
        "Sign in",
        "Iron",
        "Iron tests",
    }


def test_a_new_language_begins_with_every_text_untranslated(project: Path) -> None:
    problems = list(catalogues.problems(project, "es"))

    assert len(problems) == 6
    assert all(each.endswith("is not translated") for each in problems)


def test_an_update_keeps_translations_and_changes_nothing_when_run_again(project: Path) -> None:
    translate(project, Iron="Hierro")
    before = catalogues.po_path(project, "es").read_bytes()

    catalogues.update_all(project)

    assert catalogues.po_path(project, "es").read_bytes() == before
    assert b'msgid "Iron"\nmsgstr "Hierro"' in before


def test_a_text_that_left_and_came_back_keeps_its_translation(project: Path) -> None:
    translate(project, **{"Your results": "Sus resultados"})
    source = project / "functions/home/app.py"
    text = source.read_text("utf-8")

    source.write_text("", "utf-8")
    catalogues.update_all(project)
    gone = catalogues.po_path(project, "es").read_text("utf-8")
    source.write_text(text, "utf-8")
    catalogues.update_all(project)

    assert '#~ msgid "Your results"\n#~ msgstr "Sus resultados"' in gone
    assert catalogues.read(project, "es")["Your results"].string == "Sus resultados"


def test_a_changed_text_is_not_guessed_from_one_like_it(project: Path) -> None:
    translate(project, **{"Your results": "Sus resultados"})
    write(project, "functions/home/app.py", 'title = N_("Your result")\n')

    catalogues.update_all(project)

    assert catalogues.read(project, "es")["Your result"].string == ""


def test_a_complete_catalogue_has_no_problems(project: Path) -> None:
    translated_fully(project)

    assert catalogues.check_all(project) == 0


def test_the_check_finds_fuzzy_texts_and_lost_or_invented_placeholders(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    translated_fully(project)
    translate(project, **{"Hello %(name)s": "Hola %(nombre)s", "Iron": "Hierro"})
    catalogue = catalogues.read(project, "es")
    catalogue["Iron"].flags.add("fuzzy")
    catalogues.write(project, catalogue, "es")

    assert catalogues.check_all(project) == 1
    assert capsys.readouterr().out.splitlines() == [
        "es: 'Hello %(name)s' has other placeholders",
        "es: 'Iron' is fuzzy",
    ]


def test_the_check_finds_a_translation_that_does_not_say_who_made_it(project: Path) -> None:
    translated_fully(project)
    catalogue = catalogues.read(project, "es")
    catalogue["Iron"].user_comments = ["by somebody"]
    catalogues.write(project, catalogue, "es")

    assert list(catalogues.problems(project, "es")) == ["es: 'Iron' does not say who translated it"]


def reviewed(project: Path, text: str) -> bool:
    return provenance.is_reviewed(compiled(project), text)


def compiled(project: Path) -> GNUTranslations:
    catalogues.compile_all(project, str(project / "out"))
    with (project / "out/es/LC_MESSAGES/portal.mo").open("rb") as file:
        return GNUTranslations(file)


def test_a_review_names_the_translator_and_reaches_the_pages(project: Path) -> None:
    translated_fully(project)
    translate(project, Iron="Hierro")

    who = "Ana Ruiz, certified medical translator"
    assert catalogues.main_in(project, ["reviewed", "es", "2026-12-01", who, "Iron"]) == 0

    assert list(catalogues.problems(project, "es")) == []
    assert "# reviewed 2026-12-01 by Ana Ruiz, certified medical translator (" in (
        catalogues.po_path(project, "es").read_text("utf-8")
    )
    assert reviewed(project, "Iron")
    assert not reviewed(project, "Your results")


def test_all_may_be_reviewed_at_once_and_an_update_keeps_it(project: Path) -> None:
    translated_fully(project)

    catalogues.main_in(project, ["reviewed", "es", "2026-12-01", "Ana Ruiz, translator"])
    catalogues.update_all(project)

    assert reviewed(project, "Iron")
    assert reviewed(project, "Your results")


def test_words_changed_after_the_review_are_a_machines_again(project: Path) -> None:
    translated_fully(project)
    catalogues.main_in(project, ["reviewed", "es", "2026-12-01", "Ana Ruiz, translator"])
    catalogue = catalogues.read(project, "es")
    catalogue["Iron"].string = "El hierro"
    catalogues.write(project, catalogue, "es")

    assert not reviewed(project, "Iron")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["es", "2026-12-01", "Ana Ruiz"], "with which qualification"),
        (["es", "2026-12-01", "Ana Ruiz, translator", "Irn"], "Not in the catalogue: Irn"),
    ],
    ids=["no qualification", "unknown text"],
)
def test_a_review_that_says_too_little_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert catalogues.main_in(project, ["reviewed", *arguments]) == 2
    assert said in capsys.readouterr().err


def test_until_it_is_reviewed_english_stands_beside_a_critical_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = """{% from "pages/components/critical.html" import beside %}{{ beside(critical("If this is an emergency, call 911.")) }}"""  # noqa: E501
    page = pages.environment("vi").from_string(source)

    assert page.render() == (
        "Nếu đây là trường hợp cấp cứu, hãy gọi 911. "
        '<span class="original" lang="en" dir="ltr">If this is an emergency, call 911.</span> '
        '<a class="alone" href="/settings/help#interpreter">Yêu cầu thông dịch viên</a>'
    )

    monkeypatch.setattr(pages, "is_reviewed", lambda _code, _text: True)
    assert page.render() == "Nếu đây là trường hợp cấp cứu, hãy gọi 911."


def test_english_is_its_own_original() -> None:
    page = pages.environment("en").from_string("{{ critical('Call now.')|join('|') }}")

    assert page.render() == "Call now."


def test_the_check_finds_a_text_that_no_update_has_brought_in(project: Path) -> None:
    translated_fully(project)
    write(project, "functions/home/other.py", 'N_("Something new")\n')

    assert list(catalogues.problems(project, "es")) == [
        "es: 'Something new' is missing: run update"
    ]


def test_a_compiled_catalogue_is_what_gettext_reads(project: Path, tmp_path: Path) -> None:
    translated_fully(project)
    translate(project, Iron="Hierro")

    catalogues.compile_all(project, str(tmp_path / "out"))

    with (tmp_path / "out/es/LC_MESSAGES/portal.mo").open("rb") as file:
        assert GNUTranslations(file).gettext("Iron") == "Hierro"


def test_an_unknown_command_shows_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert catalogues.main(["guess"]) == 2
    assert "infra.catalogues update" in capsys.readouterr().err


@cache
def translations(code: str) -> NullTranslations:
    return pages.catalogue(code)


@pytest.mark.parametrize("code", OTHERS)
def test_every_explanation_of_a_result_is_translated(code: str) -> None:
    """A name may be the same word in two languages; a sentence may not."""
    spoken = translations(code).gettext
    same = [text for text in OURS if spoken(text) == text]

    assert [text for text in same if len(text.split()) > 3] == []
    assert len(same) < len(OURS) / 10


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_of_a_result_holds_a_number_english_has_not(code: str) -> None:
    spoken = translations(code).gettext

    for text in OURS:
        assert set(re.findall(r"\d", spoken(text))) <= set(re.findall(r"\d", text)), text


def test_spanish_is_formal_and_calm() -> None:
    for text in map(translations("es").gettext, OURS):
        assert not re.search(r"(?i)\b(tú|tu|tus|te|tienes|puedes|has|estás)\b", text)
        assert not re.search(r"(?i)normal|\bpeligro|\bgraves?\b", text)


SCRIPTS = {
    "zh-Hans": r"[\u4e00-\u9fff]",
    "ar": r"[\u0600-\u06ff]",
    "ko": r"[\uac00-\ud7af]",
    "ru": r"[\u0400-\u04ff]",
}


@pytest.mark.parametrize("code", SCRIPTS)
def test_a_language_is_written_in_its_own_script(code: str) -> None:
    """But names, units and abbreviations that its laboratories print in Latin letters."""
    latin = [
        message.id
        for message in catalogues.read(ROOT, code)
        if message.id
        and len(re.findall(r"[a-z]{3,}", str(message.id))) > 2
        and not re.search(SCRIPTS[code], str(message.string))
    ]

    assert latin == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_text_message_stays_within_three_parts(code: str) -> None:
    """GSM 03.38 has 153 characters a part; another alphabet (UCS-2) 67."""
    facts = {"clinic": "Riverbend Family Clinic", "portal_name": "Riverbend Family Clinic"}
    for each in sorted((ROOT / "templates" / "sms").glob("*.txt")):
        text = pages.render_text(f"sms/{each.name}", code, **sms_facts(each) | facts).body
        plain = re.fullmatch(GSM, text) is not None

        assert len(text) <= 3 * (153 if plain else 67), (each.name, text)


def sms_facts(path: Path) -> dict[str, str | int]:
    """Something as long as the real thing for each fact that the template asks for."""
    link = "https://portal.riverbend.example/sign-in/k3J9"
    known: dict[str, str | int] = {"code": "482913", "minutes": 15, "days": 14}
    source = path.read_text("utf-8")
    names = set(re.findall(r"\b([a-z_]+)\b", " ".join(re.findall(r"{[{%](.*?)[}%]}", source))))
    return {name: known.get(name, link if "link" in name else "Rosa") for name in names}


GSM = r"[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà\[\]{}^~|€]*"
