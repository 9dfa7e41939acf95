"""The gettext catalogues of the portal: what is to be translated, and what is.

    python -m infra.catalogues extract            the template (pot) to standard output
    python -m infra.catalogues update [LANG ...]  each language's po file, or a new one, renewed
    python -m infra.catalogues compile OUT_DIR    OUT_DIR/<lang>/LC_MESSAGES/portal.mo
    python -m infra.catalogues check              says what is missing, fuzzy or not alike
    python -m infra.catalogues reviewed LANG DATE "NAME, QUALIFICATION" [TEXT ...]
                                                  marks translations (of these English texts; all
                                                  without) as reviewed by a qualified translator

Run with PYTHONPATH=layers/portal. Every translation says in a comment who wrote it:
`portal.provenance`.

`update` may be run by anyone at any time: the order is stable, nothing is guessed and no
translation is lost. One that is out of use waits as `#~` and comes back with its text.
"""

import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from infra.messages import CREATED_AT, template

from portal import provenance

ROOT = Path(__file__).resolve().parents[1]
LOCALES = Path("templates", "locales")
DOMAIN = "portal"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def main(arguments: list[str]) -> int:
    return main_in(ROOT, arguments)


def main_in(root: Path, arguments: list[str]) -> int:
    commands: dict[str, Callable[..., int]] = {
        "extract": write_template,
        "update": update_all,
        "compile": compile_all,
        "check": check_all,
        "reviewed": review,
    }
    command, *rest = arguments or [""]
    if command not in commands:
        sys.stderr.write(__doc__ or "")
        return 2
    return commands[command](root, *rest)


def write_template(root: Path) -> int:
    write_po(sys.stdout.buffer, template(root), sort_output=True, no_location=True)
    return 0


def update_all(root: Path, *languages: str) -> int:
    wanted = template(root)
    for language in languages or known(root):
        catalogue = read(root, language)
        update(catalogue, wanted)
        write(root, catalogue, language)
    return 0


def compile_all(root: Path, out_dir: str) -> int:
    for language in known(root):
        target = Path(out_dir, language, "LC_MESSAGES", f"{DOMAIN}.mo")
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            write_mo(file, provenance.with_reviews(read(root, language)))
    return 0


def review(root: Path, language: str, on: str, translator: str, *texts: str) -> int:
    name, comma, qualification = translator.partition(", ")
    if not comma or not qualification:
        sys.stderr.write('Say with which qualification: "Ana Ruiz, certified translator"\n')
        return 2
    catalogue = read(root, language)
    unknown = [each for each in texts if each not in catalogue]
    if unknown:
        sys.stderr.writelines(f"Not in the catalogue: {each}\n" for each in unknown)
        return 2
    for message in catalogue:
        if message.id and (not texts or listed(message.id)[0] in texts):
            words = listed(message.string)
            day = date.fromisoformat(on)
            message.user_comments = [provenance.by_person(day, name, qualification, words)]
    write(root, catalogue, language)
    return 0


def check_all(root: Path) -> int:
    found = [problem for language in known(root) for problem in problems(root, language)]
    sys.stdout.writelines(f"{problem}\n" for problem in found)
    return 1 if found else 0


def known(root: Path) -> list[str]:
    return sorted(path.name for path in (root / LOCALES).iterdir() if path.is_dir())


def po_path(root: Path, language: str) -> Path:
    return root / LOCALES / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def read(root: Path, language: str) -> Catalog:
    path = po_path(root, language)
    if not path.exists():
        return fresh(language)
    with path.open("rb") as file:
        return read_po(file, locale(language), DOMAIN, abort_invalid=True)


def locale(language: str) -> Locale:
    """Of a BCP 47 tag: the folders are named by it."""
    return Locale.parse(language, sep="-")


def fresh(language: str) -> Catalog:
    return Catalog(
        locale(language),
        DOMAIN,
        header_comment="# Words of the patient portal.",
        project="patient-portal",
        creation_date=CREATED_AT,
        revision_date=CREATED_AT,
        last_translator="the portal's team",
        fuzzy=False,
    )


def write(root: Path, catalogue: Catalog, language: str) -> None:
    path = po_path(root, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}")
    with unfinished.open("wb") as file:
        write_po(file, catalogue, width=96, no_location=True, sort_output=True)
    unfinished.replace(path)


def update(catalogue: Catalog, wanted: Catalog) -> None:
    for message in list(catalogue.obsolete.values()):
        if message.id not in catalogue:
            catalogue[message.id] = message
    catalogue.obsolete.clear()
    catalogue.update(wanted, no_fuzzy_matching=True, update_creation_date=False)


def problems(root: Path, language: str) -> Iterator[str]:
    catalogue = read(root, language)
    for message in template(root):
        if message.id:
            fault = fault_of(catalogue.get(message.id, message.context))
            if fault:
                yield f"{language}: {str(message.id)[:60]!r} {fault}"


def fault_of(message: Message | None) -> str:
    if message is None:
        return "is missing: run update"
    texts = listed(message.string)
    if not all(texts):
        return "is not translated"
    if message.fuzzy:
        return "is fuzzy"
    if not provenance.is_said(message.user_comments):
        return "does not say who translated it"
    allowed = {placeholders(text) for text in listed(message.id)}
    return "" if all(placeholders(text) in allowed for text in texts) else "has other placeholders"


def listed(texts: object) -> list[str]:
    if isinstance(texts, (tuple, list)):
        return [str(text or "") for text in texts]
    return [str(texts or "")]


def placeholders(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
