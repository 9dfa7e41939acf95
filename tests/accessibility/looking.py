"""What axe-core says of a page: all rules of WCAG 2.0 to 2.2, A to AAA, and its best practices."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = [f"wcag{version}{level}" for version in ("2", "21", "22") for level in ("a", "aa", "aaa")]
OFF_BY_DEFAULT = (
    "color-contrast-enhanced",
    "identical-links-same-purpose",
    "meta-refresh-no-exceptions",
    "target-size",
)
EVERYTHING: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": [*TAGS, "best-practice"]},
    "rules": {name: {"enabled": True} for name in OFF_BY_DEFAULT},
    "resultTypes": ["violations"],
}
COLOURS: dict[str, Any] = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "color-contrast-enhanced"]},
    "resultTypes": ["violations"],
}
_axe = Axe()


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    found = _axe.run(page, options=options).response["violations"]
    return [
        f"{each['id']} {node['target']} {node['html'][:100]} {node.get('failureSummary', '')[:160]}"
        for each in found
        for node in each["nodes"]
    ]
