"""The container and its page: what they name exists."""

import re
from pathlib import Path

from infra.mllp import __main__ as listener

MLLP = Path(listener.__file__).parent
ROOT = MLLP.parents[1]
CONTAINERFILE = (MLLP / "Containerfile").read_text()
README = (MLLP / "README.md").read_text()
SOURCE = "\n".join(path.read_text() for path in MLLP.glob("*.py"))


def test_what_the_container_copies_exists() -> None:
    sources = re.findall(r"^COPY (\S+) ", CONTAINERFILE, re.MULTILINE)

    assert len(sources) == 3
    assert all((ROOT / source).exists() for source in sources)
    assert re.search(r"^hl7apy==.*\\\n +--hash=", (ROOT / sources[0]).read_text(), re.MULTILINE)


def test_the_container_does_not_run_as_root() -> None:
    assert re.search(r"^USER 65534:65534$", CONTAINERFILE, re.MULTILINE)


def test_every_log_event_is_explained_to_operators() -> None:
    events = set(re.findall(r"\.write\(\s*\"([a-z-]+)\"", SOURCE))

    assert len(events) > 12
    assert {event for event in events if f"`{event}`" not in README} == set()


def test_every_option_of_the_page_exists() -> None:
    options = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", listener.parser().format_help()))
    named = set(re.findall(r"`(--[a-z-]+)", README))

    assert {"--patience", "--in-flight", "--certificate"} <= named
    assert named - {"--help"} <= options
