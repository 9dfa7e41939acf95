"""A browser with a profile on the disk, and what can be found in it once it is closed."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.stack import Stack
from playwright.sync_api import Browser, Page
from tests.journeys.conftest import CHROMIUM, QUIET


@contextmanager
def at_a_profile(chromium: Browser, folder: Path, stack: Stack) -> Iterator[Page]:
    """Chromium with its own folder, as a person starts it. Closed at the end."""
    context = chromium.browser_type.launch_persistent_context(
        folder,
        executable_path=next(filter(None, map(shutil.which, CHROMIUM))),
        args=[*QUIET, "--password-store=basic"],
        base_url=stack.portal_url,
        viewport={"width": 360, "height": 800},
    )
    context.set_default_timeout(60_000)
    yield context.pages[0]
    context.close()


def holding(folder: Path, *texts: str) -> dict[str, list[str]]:
    """Which files hold which of these, as UTF-8 or UTF-16."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.is_symlink():
            continue
        content = path.read_bytes()
        held = [text for text in texts if _is_in(content, text)]
        if held:
            found[str(path.relative_to(folder))] = held
    return found


def _is_in(content: bytes, text: str) -> bool:
    forms = (text.encode(), text.encode("utf-16-le"))
    return any(re.search(re.escape(each), content, re.IGNORECASE) for each in forms)
