import pytest
from tests.portal.adt_messages import (
    a_message,
    a_pid,
    a_pv1,
    a_segment,
    about,
    code_of,
    converted,
    folded,
)

from portal import visits
from portal.entries import Entry
from portal.errors import Reason, Unusable
from portal.hl7 import Message

LATER, LATEST = "20260302120000-0500", "20260303120000-0500"


def encounter_of(message: Message) -> Entry:
    return converted(visits.entries, message)[0]


def an_encounter(event: str, pv1: dict[int, str] | None = None, at: str = LATER) -> Entry:
    return encounter_of(a_message(f"ADT^{event}", a_pv1(pv1), at=at))


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ("A01", "in-progress"),
        ("A02", "in-progress"),
        ("A03", "finished"),
        ("A04", "arrived"),
        ("A05", "planned"),
        ("A06", "in-progress"),
        ("A07", "in-progress"),
        ("A11", "cancelled"),
        ("A12", "in-progress"),
        ("A13", "in-progress"),
        ("A14", "planned"),
        ("A15", "in-progress"),
        ("A16", "in-progress"),
        ("A21", "onleave"),
        ("A22", "in-progress"),
        ("A25", "in-progress"),
        ("A26", "in-progress"),
        ("A27", "cancelled"),
        ("A38", "cancelled"),
    ],
)
def test_the_event_says_the_status_of_the_visit(event: str, status: str) -> None:
    assert an_encounter(event).elements["status"] == status


@pytest.mark.parametrize("event", ["A08", "A09", "A10", "A54", "A60"])
def test_an_update_says_no_status_of_its_own(event: str) -> None:
    assert "status" not in an_encounter(event).elements


def test_an_update_leaves_the_status_that_the_admission_gave() -> None:
    admitted = an_encounter("A01")
    updated = an_encounter("A08", {10: "CAR"}, at=LATEST)

    assert folded(admitted, updated)["status"] == "in-progress"
    assert folded(updated)["status"] == "unknown"


@pytest.mark.parametrize("event", ["A01", "A02", "A04", "A08"])
def test_a_discharge_time_that_has_passed_ends_the_visit(event: str) -> None:
    ended = an_encounter(event, {45: "20260302110000-0500"})
    not_yet = an_encounter(event, {45: "20260402"})

    assert ended.elements["status"] == "finished"
    assert ended.sources["status"] == "PV1[1]-45"
    assert not_yet.elements.get("status") != "finished"


def test_a_discharge_on_the_day_of_the_message_has_passed() -> None:
    assert an_encounter("A08", {45: "20260302"}).elements["status"] == "finished"


@pytest.mark.parametrize(("event", "status"), [("A11", "cancelled"), ("A05", "planned")])
def test_a_discharge_time_does_not_end_what_never_began(event: str, status: str) -> None:
    assert an_encounter(event, {45: "20260301"}).elements["status"] == status


def test_a_cancelled_discharge_puts_the_visit_back_in_progress_without_an_end() -> None:
    discharged = an_encounter("A03", {36: "01", 44: "20260301", 45: "20260302"})
    reopened = an_encounter("A13", {44: "20260301", 45: "20260302"}, at=LATEST)

    visit = folded(discharged, reopened)
    assert visit["status"] == "in-progress"
    assert visit["period"] == {"start": "2026-03-01"}
    assert "hospitalization" not in visit


def test_any_order_of_arrival_gives_the_same_visit() -> None:
    first, last = an_encounter("A01"), an_encounter("A03", {45: "20260303"}, at=LATEST)

    assert folded(first, last)["status"] == folded(last, first)["status"] == "finished"


def test_a_transfer_changes_the_place() -> None:
    admitted = an_encounter("A01", {3: "WARD 2^101^A^CLINIC"})
    moved = an_encounter("A02", {3: "ICU^7^B^CLINIC"}, at=LATEST)

    places = folded(admitted, moved)["location"]
    assert [each["location"]["display"] for each in places] == ["ICU, 7, B, CLINIC"]


def test_a_place_is_shown_by_its_description_where_there_is_one() -> None:
    visit = an_encounter("A01", {3: "W2^101^A^CLINIC^^^^^Maternity ward"})

    assert visit.elements["location"][0]["location"]["display"] == "Maternity ward"


@pytest.mark.parametrize(
    ("sent", "code", "system"),
    [
        ("I", "IMP", "v3-ActCode"),
        ("O", "AMB", "v3-ActCode"),
        ("E", "EMER", "v3-ActCode"),
        ("P", "PRENC", "v3-ActCode"),
        ("OUTPATIENT", "AMB", "v3-ActCode"),
        ("R", "R", "v2-0004"),
        ("B", "B", "v2-0004"),
    ],
)
def test_the_class_is_fhirs_or_stays_in_table_0004(sent: str, code: str, system: str) -> None:
    said = an_encounter("A01", {2: sent}).elements["class"]

    assert said["code"] == code
    assert said["system"] == f"http://terminology.hl7.org/CodeSystem/{system}"


def test_a_class_of_the_senders_own_stays_its_word() -> None:
    said = an_encounter("A01", {2: "Day surgery"}).elements["class"]

    assert said == {"display": "Day surgery"}


def test_the_doctors_are_named_with_their_roles() -> None:
    doctors = {7: "55^Okafor^Ada^^^Dr", 8: "66^Lind^Per", 9: "77^Roy^Mia~78^Kay^Al", 17: "88^Bo^Li"}
    said = an_encounter("A01", doctors).elements["participant"]

    named = [(code_of(each["type"][0]), each["individual"]["display"]) for each in said]
    assert named == [
        ("ATND", "Dr Ada Okafor"),
        ("REF", "Per Lind"),
        ("CON", "Mia Roy"),
        ("CON", "Al Kay"),
        ("ADM", "Li Bo"),
    ]


def test_what_the_visit_was_for() -> None:
    pv2 = a_segment("PV2", {3: "^Chest pain", 8: "20260310"})
    pv1 = a_pv1({4: "E", 10: "CAR", 14: "7", 36: "01^Home", 5: "P77"})
    visit = encounter_of(a_message("ADT^A05", pv1, pv2))

    assert visit.elements["type"][0]["text"] == "Emergency"
    assert code_of(visit.elements["serviceType"]) == "CAR"
    assert visit.elements["reasonCode"] == [{"text": "Chest pain"}]
    assert visit.elements["hospitalization.admitSource"]["text"] == "Emergency room"
    assert visit.elements["hospitalization.dischargeDisposition"]["text"] == "Home"
    assert visit.elements["hospitalization.preAdmissionIdentifier"]["value"] == "P77"
    assert visit.elements["extension"][0]["valueDateTime"] == "2026-03-10"
    assert "period.start" not in visit.elements


def test_a_word_beside_a_code_of_the_table_makes_it_the_senders_own() -> None:
    said = an_encounter("A01", {4: "R^Rapid access"}).elements["type"]

    assert said == [{"coding": [{"code": "R", "display": "Rapid access"}], "text": "Rapid access"}]


def test_a_visit_is_known_by_its_number_within_its_authority() -> None:
    said = an_encounter("A01", {19: "V1^^^CLINIC"})
    elsewhere = an_encounter("A01", {19: "V1^^^OTHER"})
    unscoped = an_encounter("A01", {19: "V1"})

    assert said.key == unscoped.key != elsewhere.key
    assert said.elements["identifier"][0]["type"]["coding"][0]["code"] == "VN"


def test_without_a_visit_number_other_numbers_stand_in() -> None:
    pv1 = {19: "", 50: "ALT9", 44: "20260301"}
    by_alternate = an_encounter("A01", pv1)
    by_account = encounter_of(a_message("ADT^A01", a_pv1(pv1 | {50: ""}), pid=a_pid({18: "ACC1"})))
    by_day = an_encounter("A01", pv1 | {50: ""})
    same_day = an_encounter("A03", {19: "", 44: "202603010815", 45: "20260302"})

    assert len({by_alternate.key, by_account.key, by_day.key}) == 3
    assert by_day.key == same_day.key


def test_numbers_of_different_kinds_never_meet() -> None:
    by_visit = an_encounter("A01", {19: "77"})
    by_alternate = an_encounter("A01", {19: "", 50: "77"})
    by_account = encounter_of(a_message("ADT^A01", a_pv1({19: ""}), pid=a_pid({18: "77"})))

    assert len({by_visit.key, by_alternate.key, by_account.key}) == 3


@pytest.mark.parametrize("event", ["A28", "A31", "A40", "A24"])
def test_what_is_about_a_person_is_no_visit(event: str) -> None:
    assert converted(visits.entries, a_message(f"ADT^{event}", a_pv1())) == []


def test_a_pv1_that_only_fills_its_place_is_no_visit() -> None:
    assert converted(visits.entries, a_message("ADT^A08", "PV1|1|N||||||||||||||||||||||||")) == []
    assert (
        converted(visits.entries, a_message("ADT^A08", a_pv1({2: "N", 19: "", 44: "2026"}))) == []
    )


@pytest.mark.parametrize("event", ["A11", "A13", "A27", "A38"])
def test_a_cancellation_of_no_known_visit_is_refused(event: str) -> None:
    message = a_message(f"ADT^{event}", "PV1|1|I")
    with pytest.raises(Unusable) as refused:
        visits.entries(message, about(message))

    assert refused.value.reason is Reason.BAD_VALUE
    assert "PV1-19" in refused.value.detail


def test_a_bill_tells_of_its_visit_without_a_status() -> None:
    visit = encounter_of(a_message("DFT^P03", a_pv1({44: "20260301"}), pid=a_pid({18: "ACC1"})))

    assert "status" not in visit.elements
    assert visit.elements["period.start"] == "2026-03-01"
    assert visit.elements["account"][0]["reference"].startswith("Account/")


def test_an_account_number_alone_makes_no_account() -> None:
    visit = encounter_of(a_message("ADT^A01", a_pv1(), pid=a_pid({18: "ACC1"})))

    assert "account" not in visit.elements


def test_hl7s_null_clears_what_an_earlier_message_said() -> None:
    admitted = an_encounter("A01", {10: "CAR", 44: "20260301"})
    updated = an_encounter("A08", {10: '""'}, at=LATEST)

    assert "serviceType" not in folded(admitted, updated)
    assert folded(admitted, updated)["period"] == {"start": "2026-03-01"}
