"""`python -m tests.bench.cost` prints the tables of docs/cost.md; `--write` puts them there.

What is counted comes from this code (`calls`), what is measured from this machine (`ordinary`),
what is assumed is named in those modules, and prices are in `prices`.
"""

import argparse
import re

from infra.local.place import ROOT
from tests import stores

PAGE = ROOT / "docs" / "cost.md"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m tests.bench.cost", description=__doc__)
    options.add_argument("--write", action="store_true", help="into docs/cost.md")
    is_written = options.parse_args().write
    sections = figures()
    if is_written:
        PAGE.write_text(filled(PAGE.read_text(), sections))
        return
    for name, lines in sections.items():
        print("\n".join([f"\n{name}", "", *lines]))


def figures() -> dict[str, list[str]]:
    stores.set_environment()  # before anything imports portal
    from tests.bench import cost_tables
    from tests.bench.calls import ordinary
    from tests.bench.ordinary import profile

    found = ordinary()
    return cost_tables.tables(found, profile(found))


def filled(page: str, sections: dict[str, list[str]]) -> str:
    """Each table between its marks, `<!-- bill -->` and `<!-- /bill -->`."""
    for name, lines in sections.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        body = "\n".join(lines).replace("\\", r"\\")
        page, count = between.subn(rf"\g<1>{body}\n\g<2>", page)
        if count != 1:
            raise LookupError(f"{name} has no place of its own in the page")
    return page


if __name__ == "__main__":
    main()
