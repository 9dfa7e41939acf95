"""The past of the demo patients is believable, in order, and the same all day."""

from datetime import datetime, timedelta

import pytest
from hl7apy.parser import parse_message  # type: ignore[import-untyped]
from infra.local.clinic.messages import history
from infra.local.clinic.people import MAIN_MRN, patient, patients
from tests.infra.clinic_reading import AS_OF, age, codes, segments, the

PAST = list(history(AS_OF))


def values_of(mrn: str, loinc: str) -> list[float]:
    own = [raw for raw in PAST if the(raw, "PID", 3).startswith(f"{mrn}^")]
    rows = [row for raw in own for row in segments(raw, "OBX") if row[3].startswith(f"{loinc}^")]
    return [float(row[5]) for row in rows if row[2] == "NM"]


def expected_flag(value: float, limits: str) -> str:
    if limits.startswith("<"):
        return "H" if value >= float(limits[1:]) else "N"
    if limits.startswith(">"):
        return "L" if value <= float(limits[1:]) else "N"
    low, high = map(float, limits.split("-"))
    return "L" if value < low else "H" if value > high else "N"


def test_every_message_of_the_past_is_read_as_a_result() -> None:
    for raw in PAST:
        message = parse_message(raw.decode(), find_groups=False)

        assert message.name == "ORU_R01"
        assert raw.endswith(b"\r")
        assert b"\n" not in raw


def test_the_past_is_an_initial_load_of_a_known_size() -> None:
    controls = [the(raw, "MSH", 10) for raw in PAST]

    assert 60 <= len(PAST) <= 110
    assert len(set(controls)) == len(PAST)
    assert all(len(control) <= 20 for control in controls)
    assert {the(raw, "MSH", 11) for raw in PAST} == {"P^I"}
    assert {the(raw, "PID", 3) for raw in PAST} == {f"{p.mrn}^^^RIVERBEND^MR" for p in patients()}


def test_the_past_lies_between_birth_and_yesterday_in_order() -> None:
    sent = [datetime.strptime(the(raw, "MSH", 7), "%Y%m%d%H%M%S%z") for raw in PAST]
    collected = [the(raw, "OBR", 7) for raw in PAST]

    assert sent == sorted(sent)
    assert sent[-1] < AS_OF
    assert all(c[:8] >= the(raw, "PID", 7) for c, raw in zip(collected, PAST, strict=True))
    assert all(c < the(raw, "OBR", 22) for c, raw in zip(collected, PAST, strict=True))


def test_the_past_is_the_same_all_day_and_different_tomorrow() -> None:
    assert list(history(AS_OF + timedelta(hours=3))) == PAST
    assert list(history(AS_OF + timedelta(days=1))) != PAST


def test_every_flag_agrees_with_the_range_that_is_sent() -> None:
    for raw in PAST:
        for row in segments(raw, "OBX"):
            if row[2] == "NM" and row[7]:
                flag = {"HH": "H", "LL": "L"}.get(row[8], row[8])
                assert flag == expected_flag(float(row[5]), row[7]), row
            elif row[2] in ("ST", "CWE"):
                word = row[5].split("^")[1] if row[2] == "CWE" else row[5]
                assert row[8] == ("N" if word == row[7] else "A"), row


def test_the_past_holds_every_flag_a_laboratory_sends_but_critically_low() -> None:
    flags = {row[8] for raw in PAST for row in segments(raw, "OBX") if row[2] == "NM" and row[8]}

    assert flags == {"N", "L", "H", "HH"}


def test_the_parts_of_a_blood_count_agree() -> None:
    counts = [raw for raw in PAST if the(raw, "OBR", 4).startswith("57021-8")]

    for raw in counts:
        found = {row[3].split("^")[0]: float(row[5]) for row in segments(raw, "OBX")}
        assert sum(found[c] for c in ("770-8", "736-9", "5905-5", "713-8", "706-2")) == (
            pytest.approx(100, abs=0.3)
        )
        assert found["718-7"] == pytest.approx(found["4544-3"] * found["786-4"] / 100, abs=0.1)


@pytest.mark.parametrize(
    ("mrn", "loinc", "direction"),
    [
        (MAIN_MRN, "4548-4", -1),
        ("RB10002", "2160-0", +1),
        ("RB10003", "718-7", +1),
        ("RB10008", "2857-1", +1),
        ("RB10012", "13457-7", -1),
    ],
)
def test_a_story_can_be_seen_in_the_values(mrn: str, loinc: str, direction: int) -> None:
    values = values_of(mrn, loinc)

    assert 3 <= len(values) <= 10
    assert (values[-1] - values[0]) * direction > 0.1 * values[0]


def test_psa_is_measured_in_men_over_fifty_only() -> None:
    for raw in PAST:
        if "2857-1" in codes(raw):
            person = patient(the(raw, "PID", 3).split("^")[0])
            assert person.sex == "M"
            assert age(person) > 50


def test_the_past_holds_a_preliminary_and_a_corrected_order() -> None:
    by_order: dict[str, list[str]] = {}
    for raw in PAST:
        by_order.setdefault(the(raw, "OBR", 3), []).append(the(raw, "OBR", 25))

    told_twice = [statuses for statuses in by_order.values() if len(statuses) > 1]
    assert sorted(told_twice) == [["F", "C"], ["P", "F"]]


def test_the_newborn_keeps_the_labs_of_the_first_days_later_on() -> None:
    a_month_on = history(AS_OF + timedelta(days=30))

    own = [raw for raw in a_month_on if the(raw, "PID", 3).startswith("RB10010^")]
    assert len(own) == 4
    assert {the(raw, "OBR", 7)[:6] for raw in own} == {"202611"}
