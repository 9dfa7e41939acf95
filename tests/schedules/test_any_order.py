"""Any order, duplication and replay of a set of messages ends in the same chart, byte for byte.

The whole ingestion runs in this process (`tests.memory_aws`): queue, workflow, stores, upkeep.
PORTAL_SCHEDULES=20000 runs more of them.
"""

import json
import os
import re
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.memory_aws import clinic
from tests.memory_aws.door import Memory, memory_aws
from tests.schedules import messages
from tests.schedules.reference import Result, Said, Update, named, shown

from portal import patients, published, records, reports

SCHEDULES = int(os.environ.get("PORTAL_SCHEDULES", "1000"))
RECORDS = ("Patient", "Encounter")

results = st.builds(
    Result,
    patient=st.integers(0, 1),
    filler=st.integers(0, 1),
    test=st.integers(0, 1),
    status=st.sampled_from("PFFCCDXW"),
    value=st.integers(1, 9),
    minute=st.integers(2, 40),
)
updates = st.builds(
    Update,
    patient=st.integers(0, 1),
    name=st.sampled_from(["Stone", "Brook", "Rivera"]),
    minute=st.integers(2, 40),
)
# Two words on one thing with one rank and one time are told apart by their bytes alone.
said = st.lists(
    st.one_of(results, results, results, updates),
    min_size=1,
    max_size=6,
    unique_by=lambda one: (
        (one.patient, one.filler, one.test, one.order)
        if isinstance(one, Result)
        else (one.patient, one.minute)
    ),
)


def a_schedule(sent: list[bytes]) -> st.SearchStrategy[list[bytes]]:
    """Some order of all of them, some of them more than once."""
    again = st.lists(st.sampled_from(sent), max_size=3)
    return again.flatmap(lambda extra: st.permutations(sent + extra))


def after(memory: Memory, sent: list[bytes], settle_every: int) -> None:
    """Runs them; `settle_every` messages are on their way at once."""
    for number, raw in enumerate(sent, start=1):
        clinic.send(memory, raw)
        if number % settle_every == 0:
            clinic.settle(memory)
    clinic.settle(memory)


def view(patient: int) -> dict[str, Any]:
    """All that a patient's chart holds, without what is of the run alone: ids and our clock."""
    patient_id = patients.id_by_identifier("RIVERBEND", f"P{patient}")
    found = patients.current(patient_id) if patient_id else None
    if found is None:
        return {}
    listed, _ = published.listed(found.patient_id, 100, "")
    cards = [published.find(found.patient_id, each.report_id) for each, _ in listed]
    shown = [each.card.model_dump(mode="json", exclude={"released_at"}) for each in cards if each]
    rows = {kind: records.resources(found.patient_id, kind, found.mine) for kind in RECORDS}
    facts = found.model_dump(mode="json", exclude={"absorbed", "patient_id"})
    facts |= {name: sorted(facts[name]) for name in ("identifiers", "former")}
    whole = {"who": facts, "cards": sorted(shown, key=lambda c: c["report_id"]), "records": rows}
    text = json.dumps(whole, default=str, sort_keys=True).replace(found.patient_id, "ID")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def readings(patient: int) -> dict[tuple[int, int], tuple[str, str]]:
    codes = [test.split("^")[0] for test in messages.TESTS]
    return {
        (filler_of(card), codes.index(reading["loinc"])): (reading["status"], reading["value"])
        for card in view(patient).get("cards", ())
        for reading in card["readings"]
    }


def filler_of(card: dict[str, Any]) -> int:
    """A card does not name its order; the versions behind it do."""
    for patient in (0, 1):
        patient_id = patients.id_by_identifier("RIVERBEND", f"P{patient}")
        for version in reports.versions(patient_id or "", card["report_id"]):
            return int(re.findall(r'"value":"F(\d)"', version.resources)[0])
    raise AssertionError("no version of this card")


PROFILE = settings(
    max_examples=SCHEDULES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@PROFILE
@given(data=st.data(), said=said)
def test_any_order_ends_in_the_chart_of_the_reference_model(
    data: st.DataObject, said: list[Said]
) -> None:
    sent = [messages.registration(0), messages.registration(1), *map(messages.message, said)]
    schedule = data.draw(a_schedule(sent))
    settle_every = data.draw(st.integers(1, 4))

    with memory_aws() as memory:
        after(memory, schedule, settle_every)
        for patient in (0, 1):
            expected = named(set(said), patient) or messages.NAMES[patient]
            assert view(patient)["who"]["family"] == expected
            assert readings(patient) == shown(set(said), patient)


@settings(PROFILE, max_examples=SCHEDULES // 4)
@given(data=st.data(), said=said, merged_at=st.integers(1, 59))
def test_any_order_with_a_merge_ends_in_the_same_chart(
    data: st.DataObject, said: list[Said], merged_at: int
) -> None:
    sent = [
        messages.registration(0),
        messages.registration(1),
        messages.merge(0, 1, merged_at),
        *map(messages.message, said),
    ]
    schedule = data.draw(a_schedule(sent))
    with memory_aws() as memory:
        after(memory, sent, len(sent))
        expected = view(0)
    with memory_aws() as memory:
        after(memory, schedule, data.draw(st.integers(1, 4)))

        assert view(0) == expected


def test_the_model_can_tell_right_from_wrong() -> None:
    """A schedule whose correction is lost must not pass."""
    first = Result(0, 0, 0, "F", 5, 10)
    corrected = Result(0, 0, 0, "C", 6, 20)
    with memory_aws() as memory:
        after(memory, [messages.registration(0), messages.message(first)], 1)

        assert readings(0) == shown({first}, 0)
        assert readings(0) != shown({first, corrected}, 0)
