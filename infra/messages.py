"""What of the portal is to be translated: texts of the sources, the templates, analytes.json and
consents.toml."""

import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_python
from jinja2.ext import babel_extract

PYTHON = ("functions/**/*.py", "layers/portal/portal/**/*.py")
TEMPLATES = tuple(f"templates/{folder}/**/*.*" for folder in ("pages", "emails", "sms"))
ANALYTES = "layers/portal/portal/analytes.json"
CONSENTS = "layers/portal/portal/consents.toml"
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "critical": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# As portal.pages reads the templates: another whitespace would be another msgid.
JINJA = {
    "trimmed": "true",
    "newstyle_gettext": "true",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
    "silent": "false",
}
# One date for all: a changing one would make every two branches conflict.
CREATED_AT = datetime(2026, 11, 21, tzinfo=UTC)

type Method = Callable[..., Iterable[Any]]
type Text = str | tuple[str, ...]
type Found = tuple[Text, list[str], str | None]


def template(root: Path) -> Catalog:
    catalogue = Catalog(project="portal", creation_date=CREATED_AT, fuzzy=False)
    for text, comments, context in messages(root):
        catalogue.add(text, auto_comments=comments, context=context)
    return catalogue


def messages(root: Path) -> Iterator[Found]:
    for path in files(root, PYTHON):
        yield from extracted(extract_python, path, {"encoding": "utf-8"})
    for path in files(root, TEMPLATES):
        yield from extracted(babel_extract, path, JINJA)
    for path in files(root, (ANALYTES,)):
        yield from ((text, [], None) for text in plain_words(path))
    for path in files(root, (CONSENTS,)):
        yield from ((text, [], None) for text in asked_words(path))


def files(root: Path, patterns: Collection[str]) -> list[Path]:
    return sorted({path for each in patterns for path in root.glob(each) if path.is_file()})


def extracted(method: Method, path: Path, options: Mapping[str, str]) -> Iterator[Found]:
    with path.open("rb") as file:
        found = extract(method, file, KEYWORDS, ("Translators:",), options, strip_comment_tags=True)
        for _line, text, comments, context in found:
            yield text, comments, context


def plain_words(path: Path) -> Iterator[str]:
    """The texts of analytes.json: those of its entries, and the titles of its panels."""
    words = json.loads(path.read_bytes())
    for entry in words["entries"].values():
        yield from entry.values()
    yield from words["panels"].values()


def asked_words(path: Path) -> Iterator[str]:
    """Every version that was ever asked, so that an earlier one stays readable."""
    for wording in tomllib.loads(path.read_text("utf-8"))["wording"]:
        yield from (wording["title"], wording["text"])
