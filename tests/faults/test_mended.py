"""Faults that once broke a law, each by name: the campaign draws others."""

import pytest
from tests.faults.campaign import outcome
from tests.faults.plans import Fault
from tests.faults.scenarios import scenarios

CASES = [
    (
        "a quarantine without its audit row",
        "an unknown patient",
        Fault("portal.audit.save/PutItem", "refused", 1, 4),
    ),
    (
        "an outage is answered with [500]",
        "over HTTPS",
        Fault("portal.arrivals.received/PutItem", "unanswered"),
    ),
    (
        "0 notifications are owed",
        "two records become one",
        Fault("portal.published.find/GetItem", "stopped-before", 1, 2),
    ),
]


@pytest.mark.parametrize(
    ("law", "name", "fault"),
    CASES,
    ids=[case[0] for case in CASES],
)
def test_what_was_mended_stays_mended(law: str, name: str, fault: Fault) -> None:
    (scenario,) = [each for each in scenarios() if each.name == name]

    assert law not in outcome(scenario, (*scenario.given, fault), 0)[0]
