from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.converter_checks import check, completed, converted

from portal import hl7, scheduling
from portal.entries import Entry
from portal.errors import Reason, Unusable

PID = "PID|1||1001^^^CLINIC^MR||Rivera^Ana||19800203|F"
TIMES = "^^^20270301090000^20270301093000"
AIP = "AIP|1||77^Okafor^Ada^^^Dr|ATT^Attending^99X||||||||%s"


def a_siu(
    *segments: str,
    event: str = "S12",
    fields: dict[int, str] | None = None,
    sent: str = "20270201120000",
) -> bytes:
    """SCH with the given fields beside its number, status and times."""
    said = {1: "P1^EHR", 2: "F1^SCHED", 11: TIMES, 25: "Booked"} | (fields or {})
    sch = "|".join(["SCH", *(said.get(n, "") for n in range(1, 26))])
    header = rf"MSH|^~\&|SCHED|CLINIC|PORTAL|CLINIC|{sent}||SIU^{event}|M1|P|2.5.1"
    return "\r".join([header, sch, *segments]).encode()


def appointment(*segments: str, **facts: Any) -> Entry:
    raw = a_siu(*segments, **facts)
    (entry,) = converted(raw, scheduling.entries)
    check(entry, hl7.read(raw), scheduling.REQUIRED)
    return entry


def said(*segments: str, **facts: Any) -> dict[str, Any]:
    return appointment(*segments, **facts).elements


@pytest.mark.parametrize(
    ("event", "filler_status", "status"),
    [
        ("S12", "", "booked"),
        ("S12", "Pending", "pending"),
        ("S12", "WAITLIST^Waitlist^HL70278", "waitlist"),
        ("S12", "Overbook", "booked"),
        ("S12", "Cancelled", "cancelled"),
        ("S12", "whatever", "booked"),
        ("S12", "Blocked", "booked"),
        ("S13", "", "booked"),
        ("S14", "ARRIVED", "arrived"),
        ("S14", "Started", "checked-in"),
        ("S14", "Complete", "fulfilled"),
        ("S14", "No Show", "noshow"),
        ("S15", "", "cancelled"),
        ("S15", "Booked", "cancelled"),
        ("S15", "Noshow", "noshow"),
        ("S15", "Deleted", "entered-in-error"),
        ("S16", "Dc", "cancelled"),
        ("S17", "Cancelled", "entered-in-error"),
        ("S26", "", "noshow"),
        ("S26", "Cancelled", "noshow"),
    ],
)
def test_the_status_is_the_fillers_but_what_is_called_off_does_not_stay_booked(
    event: str, filler_status: str, status: str
) -> None:
    assert said(event=event, fields={25: filler_status})["status"] == status


@pytest.mark.parametrize("event", ["S14", "S18", "S19", "S20", "S21", "S22"])
def test_a_change_of_parts_without_a_status_leaves_the_status_as_it_is(event: str) -> None:
    entry = appointment(event=event, fields={25: ""})

    assert "status" not in entry.elements
    assert completed(entry, scheduling.REQUIRED)["status"] == "booked"


@pytest.mark.parametrize("event", ["S23", "S24"])
def test_slots_of_a_schedule_are_no_appointment(event: str) -> None:
    assert converted(a_siu(event=event), scheduling.entries) == []


def test_a_rescheduled_appointment_is_the_same_with_its_new_time() -> None:
    booked = appointment()
    moved = appointment(event="S13", fields={11: "^^^20270302140000^20270302143000"})

    assert moved.entry_id == booked.entry_id
    assert moved.elements["start"] == "2027-03-02T14:00:00-05:00"
    assert moved.elements["end"] == "2027-03-02T14:30:00-05:00"


def test_a_new_start_without_an_end_leaves_no_old_end_behind() -> None:
    moved = appointment(event="S13", fields={11: "^^^20270302140000"})

    assert "end" not in moved.elements
    assert {"end", "minutesDuration"} <= set(moved.cleared)


def test_a_cancelled_appointment_keeps_its_time_and_says_why() -> None:
    entry = appointment(event="S15", fields={6: "ILL^Patient is ill^L", 11: ""})

    assert entry.elements["cancelationReason"]["text"] == "Patient is ill"
    assert not {"start", "end"} & (entry.elements.keys() | set(entry.cleared))


def test_what_is_booked_again_has_no_reason_against_it() -> None:
    assert "cancelationReason" in appointment(event="S13").cleared
    assert "cancelationReason" not in appointment(event="S14", fields={25: ""}).cleared


@pytest.mark.parametrize(
    ("fields", "segments", "end", "minutes"),
    [
        ({11: TIMES}, (), "2027-03-01T09:30:00-05:00", None),
        ({11: "^^^20270301090000", 9: "45", 10: "min"}, (), "2027-03-01T09:45:00-05:00", 45),
        ({11: "^^^20270301090000", 9: "1", 10: "HR^hour"}, (), "2027-03-01T10:00:00-05:00", 60),
        ({11: "^^^20270301090000", 9: "90", 10: "s"}, (), "2027-03-01T09:01:30-05:00", None),
        ({11: "^^M20^20270301090000"}, (), "2027-03-01T09:20:00-05:00", 20),
        ({11: "^^20^20270301090000"}, (), None, None),
        ({11: "^^^20270301090000", 9: "45"}, (), None, None),
        ({11: "^^^20270301090000", 9: "0", 10: "min"}, (), None, None),
        ({11: "^^^20270301090000", 9: "45", 10: "L"}, (), None, None),
        ({11: "^^^20270301090000^20270301080000"}, (), None, None),
        ({11: TIMES, 9: "20", 10: "min"}, (), "2027-03-01T09:30:00-05:00", 20),
        ({11: TIMES, 9: "60", 10: "min"}, (), "2027-03-01T09:30:00-05:00", None),
        ({11: "", 10: TIMES}, (), "2027-03-01T09:30:00-05:00", None),
        (
            {11: ""},
            ("TQ1|1||||||20270301090000|20270301091500",),
            "2027-03-01T09:15:00-05:00",
            None,
        ),
        (
            {11: "^^^20270101000000"},
            ("TQ1|1|||||15^min|20270301090000",),
            "2027-03-01T09:15:00-05:00",
            15,
        ),
        ({11: ""}, ("AIS|1||X^Visit^L|20270301090000|||25|min",), "2027-03-01T09:25:00-05:00", 25),
        ({11: ""}, ("AIP|1||7^Roe|||20270301090000",), None, None),
    ],
)
def test_the_end_is_said_or_follows_from_a_duration_with_its_unit_and_is_never_guessed(
    fields: dict[int, str], segments: tuple[str, ...], end: str | None, minutes: int | None
) -> None:
    elements = said(*segments, fields=fields)

    assert elements["start"] == "2027-03-01T09:00:00-05:00"
    assert elements.get("end") == end
    assert elements.get("minutesDuration") == minutes


def test_an_appointment_begins_with_its_first_service() -> None:
    services = ("AIS|1||A^Talk^L|20270301100000", "AIS|2||B^X-ray^L|20270301091500")

    assert said(*services, fields={11: ""})["start"] == "2027-03-01T09:15:00-05:00"


@pytest.mark.parametrize("time", ["20270301", "20270231090000", "soon", ""])
def test_a_start_that_is_no_time_of_day_is_not_stated(time: str) -> None:
    assert "start" not in said(fields={11: f"^^^{time}"})


def test_a_start_in_the_year_9999_has_no_end_beyond_it() -> None:
    assert "end" not in said(fields={11: "^^^99991230235900", 9: "3", 10: "days"})


def test_reason_type_and_service_are_what_the_sender_calls_them() -> None:
    elements = said(
        "RGS|1",
        "AIS|1|A|99213^Office visit^C4",
        fields={7: "COUGH^Cough^L", 8: "FU^Follow-up^L"},
    )

    assert elements["reasonCode"][0]["text"] == "Cough"
    assert elements["appointmentType"]["text"] == "Follow-up"
    assert elements["serviceType"][0]["coding"][0]["code"] == "99213"
    assert elements["description"] == "Office visit"


def test_the_reason_of_a_booking_is_read_only_where_the_appointments_own_is_empty() -> None:
    assert said(fields={6: "Eye test"})["reasonCode"] == [{"text": "Eye test"}]
    assert said(fields={6: "Eye test", 7: "Cough"})["reasonCode"] == [{"text": "Cough"}]
    assert "reasonCode" not in said(fields={6: "BOOKED"})
    assert "reasonCode" not in said(event="S13", fields={6: "Doctor is away"})


def test_a_bare_word_of_table_0276_gets_its_code() -> None:
    (coding,) = said(fields={7: "CHECKUP"})["reasonCode"][0]["coding"]

    assert coding["system"] == "http://terminology.hl7.org/CodeSystem/v2-0276"


def test_people_places_and_things_take_part_each_with_its_own_status() -> None:
    found = said(
        AIP % "Booked",
        "AIL|1||R2^12^^NORTH^^^^^|||||||||Pending",
        "AIG|1||SCOPE^Endoscope^L|EQ^Equipment^L||||||||||Cancelled",
        fields={25: ""},
    )["participant"]

    assert [one["actor"] for one in found] == [
        {"type": "Practitioner", "display": "Dr Ada Okafor"},
        {"type": "Location", "display": "R2, 12, NORTH"},
        {"display": "Endoscope"},
    ]
    assert [one["status"] for one in found] == ["accepted", "tentative", "declined"]
    assert found[0]["type"][0]["text"] == "Attending"


@pytest.mark.parametrize(
    ("event", "status"), [("S12", "accepted"), ("S15", "declined"), ("S26", "accepted")]
)
def test_a_participant_without_a_status_has_that_of_the_appointment(
    event: str, status: str
) -> None:
    (found,) = said(AIP % "", event=event, fields={25: ""})["participant"]

    assert found["status"] == status


def test_a_participant_of_whom_nothing_is_known_still_has_to_answer() -> None:
    (found,) = said(AIP % "", event="S14", fields={25: ""})["participant"]

    assert found["status"] == "needs-action"


def test_what_the_sender_takes_off_is_left_out() -> None:
    elements = said("AIP|1|D|77^Okafor^Ada", "AIP|2|A|78^Lind^Eva", "AIS|1|D|X^X-ray^L")

    assert [one["actor"]["display"] for one in elements["participant"]] == ["Eva Lind"]
    assert "serviceType" not in elements


def test_one_who_is_named_twice_takes_part_once() -> None:
    found = said(
        "RGS|1", "AIP|1||77^Okafor^Ada~88^Okafor^Ada", "AIG|1||77^Okafor, Ada",
        "RGS|2", "AIP|1||77^Okafor^Ada",
    )["participant"]  # fmt: skip

    assert len(found) == 1


def test_an_outpatients_visit_says_where_and_whom_where_nothing_else_does() -> None:
    visit = "PV1|1|%s|Eye clinic^3^^NORTH||||9^Lind^Eva"

    names = [one["actor"]["display"] for one in said(visit % "O")["participant"]]
    assert names == ["Eva Lind", "Eye clinic, 3, NORTH"]
    assert "participant" not in said(visit % "I")
    assert len(said(visit % "O", AIP % "", "AIL|1||R2")["participant"]) == 2


def test_notes_on_the_appointment_are_its_comment_and_those_on_resources_are_for_staff() -> None:
    elements = said(
        "NTE|1||Bring your card",
        r"NTE|2||Enter by\.br\the north door",
        PID,
        "NTE|1||Difficult patient",
        "AIS|1||A^Scope^L",
        "NTE|1||Check the pump",
        "NTE|2||Eat nothing before noon|PI^Patient Instructions^HL70364",
    )

    assert elements["comment"] == "Bring your card\nEnter by\nthe north door"
    assert elements["patientInstruction"] == "Eat nothing before noon"


def test_numbers_are_known_within_their_authority() -> None:
    entry = appointment()

    assert entry.key == "SCHED\nF1"
    assert [one["value"] for one in entry.elements["identifier"]] == ["F1", "P1"]
    assert appointment(fields={1: ""}).key == entry.key
    assert appointment(fields={2: "F1"}).key == "CLINIC\nF1"
    assert appointment(fields={2: ""}).key != appointment(fields={1: "", 2: "P1^EHR"}).key


def test_occurrences_of_a_series_are_appointments_of_their_own() -> None:
    keys = {n: appointment(fields={3: n}).key for n in ("", "0", "1", "2", "3")}

    assert keys[""] == keys["0"] == keys["1"]
    assert len(set(keys.values())) == 3


def test_without_a_number_time_and_service_tell_appointments_apart() -> None:
    facts = {1: "", 2: ""}
    scope = appointment("AIS|1||A^Scope^L", fields=facts)

    assert scope.key == appointment("AIS|1||A^Scope^L", fields=facts, event="S14").key
    assert scope.key != appointment("AIS|1||B^Talk^L", fields=facts).key
    assert scope.key != appointment("AIS|1||A^Scope^L", fields=facts | {11: "^^^203001010900"}).key


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (a_siu(fields={1: "", 2: "", 11: ""}), "SCH-2"),
        (a_siu().replace(b"SCH", b"ZCH"), "SCH segment"),
    ],
)
def test_what_cannot_be_told_from_others_is_refused_in_words(raw: bytes, named: str) -> None:
    with pytest.raises(Unusable) as refused:
        converted(raw, scheduling.entries)

    assert refused.value.reason is Reason.BAD_VALUE
    assert named in refused.value.detail


def test_hl7s_null_clears_what_was_said() -> None:
    entry = appointment(fields={7: '""', 8: '""'})

    assert {"reasonCode", "appointmentType"} <= set(entry.cleared)


@given(
    st.lists(st.sampled_from(["SCH", "TQ1", "AIS", "AIG", "AIL", "AIP", "NTE", "PV1"])), st.data()
)
def test_any_fields_give_a_valid_appointment_or_a_reason(
    names: list[str], data: st.DataObject
) -> None:
    field = st.text(st.sampled_from('AB09 ^~&\\|"Dé.') | st.characters(codec="utf-8"), max_size=12)
    segments = ["|".join([name, *data.draw(st.lists(field, max_size=14))]) for name in names]
    raw = a_siu(*segments)

    for entry in converted(raw, scheduling.entries):
        check(entry, hl7.read(raw), scheduling.REQUIRED)


@given(st.binary(max_size=300))
def test_any_bytes_after_the_header_raise_nothing_but_a_reason(tail: bytes) -> None:
    raw = a_siu(fields={2: ""}) + b"\r" + tail

    for entry in converted(raw, scheduling.entries):
        check(entry, hl7.read(raw), scheduling.REQUIRED)
