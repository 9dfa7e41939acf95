"""Law 5: any duplication, replay or re-ordering of a patient's messages ends in the same chart."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import permutations
from typing import Any

from tests.faults.charts import chart_of
from tests.faults.scenarios import SIGNED_OFF, result, somebody
from tests.memory_aws import clinic
from tests.memory_aws.door import memory_aws

from portal import patients, published
from portal.cards import Card

ANA = somebody()
LATER = SIGNED_OFF + timedelta(hours=1)
EARLY, FINAL, LAST = result(ANA, "4.0", "P"), result(ANA), result(ANA, "4.4", "C")
AGAIN = result(ANA, "4.4", "C", control_id="AGAIN", signed_off=LATER)


def chart_after(messages: Iterable[bytes]) -> dict[str, Any]:
    with memory_aws() as memory:
        patients.enrol(ANA)
        for raw in messages:
            clinic.deliver(memory, raw)
            clinic.run_workflows(memory)
        clinic.settle(memory)
        return chart_of(ANA)


def cards_after(messages: Iterable[bytes]) -> list[Card]:
    """With their provenance: the time of sign-off, and the messages each is made of."""
    with memory_aws() as memory:
        patients.enrol(ANA)
        for raw in messages:
            clinic.deliver(memory, raw)
            clinic.run_workflows(memory)
        names = [each.report_id for each, _ in published.listed(ANA.patient_id, 9, "")[0]]
        found = [published.find(ANA.patient_id, name) for name in names]
        return [each.card.model_copy(update={"released_at": ""}) for each in found if each]


def test_any_order_of_a_reports_messages_ends_in_the_same_chart() -> None:
    usual = chart_after([EARLY, FINAL, LAST, AGAIN])

    for order in permutations([EARLY, FINAL, LAST, AGAIN]):
        assert chart_after(order) == usual


def test_any_repetition_ends_in_the_same_chart() -> None:
    usual = chart_after([EARLY, FINAL, LAST])

    for first, second, third in permutations([EARLY, FINAL, LAST]):
        assert chart_after([first, second, first, third, second, first]) == usual


def test_a_card_names_the_same_sources_and_sign_off_in_any_order() -> None:
    usual = cards_after([EARLY, FINAL, LAST, AGAIN])

    for order in permutations([EARLY, FINAL, LAST, AGAIN]):
        assert cards_after(order) == usual
