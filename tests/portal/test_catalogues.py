import json
import re
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from infra.messages import plain_words, template

from infra import catalogues
from portal.analytes import CATALOGUE
from portal.positions import WORDS

ROOT = Path(__file__).parents[2]
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
    catalogues.write(root, catalogue, "es")


def translated_fully(root: Path) -> None:
    catalogue = catalogues.read(root, "es")
    for message in catalogue:
        if message.id:
            message.string = message.id
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


def spanish() -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, catalogues.read(ROOT, "es"))
    compiled.seek(0)
    return GNUTranslations(compiled)


SPANISH = spanish()


@pytest.mark.parametrize("text", OURS)
def test_every_explanation_of_a_result_is_in_spanish(text: str) -> None:
    assert SPANISH.gettext(text) != text or text in {"general", "Progesterone", "Fibrinogen"}


@pytest.mark.parametrize("text", OURS)
def test_spanish_is_formal_and_holds_no_number_english_has_not(text: str) -> None:
    spoken = SPANISH.gettext(text)

    assert not re.search(r"(?i)\b(tú|tu|tus|te|tienes|puedes|has|estás)\b", spoken)
    assert set(re.findall(r"\d", spoken)) <= set(re.findall(r"\d", text))
    assert not re.search(r"(?i)normal|\bpeligro|\bgraves?\b", spoken)
