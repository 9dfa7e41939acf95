"""One local AWS for all tests that need stores; no stack is deployed for them.

The environment a function would get from template.yaml is set before anything imports `portal`.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests import stores

stores.set_environment()


@pytest.fixture(scope="session")
def aws() -> Iterator[None]:
    """Tables, key, bucket and queues as the template makes them, empty at first."""
    with stores.running():
        yield


@pytest.fixture
def portal(aws: None) -> None:  # noqa: ARG001
    """The stores, with no key cached from another test. Each test makes its own patients."""
    from portal import keys

    keys.forget()


@pytest.fixture(scope="session")
def samples() -> Path:
    """Real messages beside the repository; a user's machine has none."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data" / "hl7v2" / "dev"
    if not folder.is_dir():
        pytest.skip("the shared sample messages are not on this machine")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows what tests recorded as figures, from whichever process ran them."""
    for report in terminalreporter.stats.get("passed", []):
        for name, value in getattr(report, "user_properties", []):
            if name == "figures":
                terminalreporter.write_line(f"{report.nodeid}\n{value}\n")


def pytest_sessionfinish() -> None:
    shutil.rmtree(stores.STATE, ignore_errors=True)
