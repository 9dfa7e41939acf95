"""Messages that change who a record belongs to: A40 and its kin, and who died."""

from typing import Any

import pytest
from tests.builders import a_message, a_patient, a_session, released

from portal import audit, patient_search, patients, published, records, sessions
from portal.cards import CardStatus
from portal.errors import Reason, Unusable
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")
_minute = iter(range(1, 10_000))


def an_adt(event: str, pid: str, *more: str, at: int = 0) -> bytes:
    """`at`: minutes after midnight; later than all before when left out."""
    minute = at or next(_minute)
    moment = f"20261102{minute // 60 % 24:02d}{minute % 60:02d}00+0000"
    lines = [
        f"MSH|^~\\&|ADT|RIVERBEND|PORTAL|CLINIC|{moment}||ADT^{event}|A{minute}|P|2.5.1",
        f"EVN||{moment}",
        f"PID|1||{pid}",
        *more,
    ]
    return ("\r".join(lines) + "\r").encode()


def who(patient: Patient) -> str:
    authority, value = patient.identifiers[0]
    born = patient.birth_on.strftime("%Y%m%d")
    return f"{value}^^^{authority}^MR||{patient.family}^{patient.given}||{born}|F"


def mrg(patient: Patient) -> str:
    authority, value = patient.identifiers[0]
    return f"MRG|{value}^^^{authority}^MR"


def cards(patient_id: str) -> list[Any]:
    found, _ = published.listed(patient_id, 50, "")
    return [card for card, _ in found]


def now(patient: Patient) -> Patient:
    found = patients.with_id(patient.patient_id)
    assert found is not None
    return found


def merged() -> tuple[Patient, Patient]:
    """A survivor with one result, and the retired record with another, after the A40."""
    survivor, old = a_patient(given="Ana"), a_patient(given="Ana")
    released(a_message(survivor, filler="S1"))
    released(a_message(old, filler="O1"))
    released(an_adt("A40", who(survivor), mrg(old)))
    return survivor, old


def test_a_merge_shows_both_records_under_the_survivor() -> None:
    survivor, old = merged()

    assert len(cards(survivor.patient_id)) == 2
    assert now(old).replaced_by == survivor.patient_id
    assert old.identifiers[0] in now(survivor).former


def test_a_merge_keeps_a_cards_address() -> None:
    survivor, old = merged()
    theirs = {card.report_id for card in cards(old.patient_id)}

    assert theirs <= {card.report_id for card in cards(survivor.patient_id)}


def test_a_merge_repeated_has_no_second_effect() -> None:
    survivor, old = a_patient(given="Ana"), a_patient(given="Ana")
    first, again = an_adt("A40", who(survivor), mrg(old)), an_adt("A40", who(survivor), mrg(old))
    released(first)
    before = now(survivor)
    released(again)

    assert now(survivor).former == before.former
    events = [row.event for row in audit.of_patient(survivor.patient_id)]
    assert events.count(audit.Event.RECORDS_MERGED) == 1


def test_a_result_for_the_retired_number_lands_on_the_survivor() -> None:
    survivor, old = merged()

    ids = released(a_message(old, filler="O2"))

    assert ids.patient_id == survivor.patient_id
    assert len(cards(survivor.patient_id)) == 3


def test_a_merge_that_comes_before_the_retired_record_was_ever_heard_of() -> None:
    survivor = a_patient(given="Ana")
    stranger = survivor.model_copy(update={"identifiers": (("RIVERBEND", "NEVER-SEEN"),)})
    released(an_adt("A40", who(survivor), mrg(stranger)))

    ids = released(a_message(stranger, filler="N1"))

    assert ids.patient_id == survivor.patient_id


def test_merges_in_a_chain_end_with_the_last_survivor() -> None:
    a, b, c = a_patient(given="Ana"), a_patient(given="Ana"), a_patient(given="Ana")
    released(a_message(a, filler="A1"))
    released(an_adt("A40", who(b), mrg(a)))
    released(an_adt("A40", who(c), mrg(b)))

    assert released(a_message(a, filler="A2")).patient_id == c.patient_id
    assert len(cards(c.patient_id)) == 2


def test_a_merge_in_a_circle_is_refused() -> None:
    a, b = a_patient(given="Ana"), a_patient(given="Ana")
    released(an_adt("A40", who(b), mrg(a)))

    with pytest.raises(Unusable) as refused:
        released(an_adt("A40", who(a), mrg(b)))

    assert refused.value.reason is Reason.MERGE_CYCLE


def test_a_merge_signs_both_out_and_is_in_both_audit_trails() -> None:
    survivor, old = a_patient(given="Ana"), a_patient(given="Ana")
    cookies = a_session(survivor), a_session(old)

    released(an_adt("A40", who(survivor), mrg(old)))

    assert [sessions.live(cookie) for cookie in cookies] == [None, None]
    for patient in (survivor, old):
        events = [row.event for row in audit.of_patient(patient.patient_id)]
        assert audit.Event.RECORDS_MERGED in events


def test_a_merged_record_opens_no_session_of_its_own() -> None:
    _, old = merged()

    assert not now(old).may_sign_in


def test_the_same_person_keeps_a_way_to_sign_in() -> None:
    survivor, old = a_patient(given="Ana", email="", phone=""), a_patient(given="Ana")

    released(an_adt("A40", who(survivor), mrg(old)))

    assert now(survivor).email == old.email
    assert patient_search.at_contact(old.email) == [now(survivor)]


def test_another_person_does_not_get_into_the_chart_by_a_merge() -> None:
    survivor, old = a_patient(given="Ana", email="", phone=""), a_patient(given="Eva")

    released(an_adt("A40", who(survivor), mrg(old)))

    assert now(survivor).email == ""


def test_an_unmerge_gives_each_their_own_again() -> None:
    survivor, old = merged()
    released(a_message(old, filler="O2"))
    second = f"PID|2||{who(old)}"

    released(an_adt("A37", who(survivor), second))

    assert not now(old).replaced_by
    assert now(survivor).former == ()
    assert len([c for c in cards(old.patient_id) if c.status is CardStatus.FINAL]) == 2
    shown = [c for c in cards(survivor.patient_id) if c.status is not CardStatus.WITHDRAWN]
    assert len(shown) == 1
    assert released(a_message(old, filler="O3")).patient_id == old.patient_id


def test_a_card_of_an_undone_merge_keeps_no_value() -> None:
    survivor, old = merged()
    (theirs,) = {card.report_id for card in cards(old.patient_id)}

    released(an_adt("A37", who(survivor), f"PID|2||{who(old)}"))
    found = published.find(survivor.patient_id, theirs)

    assert found is not None
    assert found.card.status is CardStatus.WITHDRAWN
    assert found.card.readings == ()


def test_an_unmerge_that_is_older_than_the_merge_changes_nothing() -> None:
    survivor, old = a_patient(given="Ana"), a_patient(given="Ana")
    released(an_adt("A40", who(survivor), mrg(old), at=700))
    released(an_adt("A37", who(survivor), f"PID|2||{who(old)}", at=600))

    assert now(old).replaced_by == survivor.patient_id


def visits(patient: Patient) -> list[str]:
    found = records.resources(patient.patient_id, "Encounter", now(patient).mine)
    return [each["status"] for each in found]


def pv1(number: str) -> str:
    return f"PV1|1|O|||||||||||||||||{number}^^^RIVERBEND"


def test_a_moved_visit_is_the_other_patients() -> None:
    right, wrong = a_patient(given="Ana"), a_patient(given="Eva")
    released(an_adt("A04", who(wrong), pv1("V9")))
    assert len(visits(wrong)) == 1

    released(an_adt("A45", who(right), f"{mrg(wrong)}||||V9^^^RIVERBEND", pv1("V9")))

    assert visits(wrong) == []
    assert len(visits(right)) == 1


def test_a_late_message_about_a_moved_visit_goes_along() -> None:
    right, wrong = a_patient(given="Ana"), a_patient(given="Eva")
    released(an_adt("A04", who(wrong), pv1("V10")))
    released(an_adt("A45", who(right), f"{mrg(wrong)}||||V10^^^RIVERBEND", pv1("V10")))

    released(an_adt("A03", who(wrong), pv1("V10")))

    assert visits(wrong) == []
    assert visits(right) == ["finished"]


def test_two_charts_of_one_person_are_linked_until_that_is_taken_back() -> None:
    one, other = a_patient(given="Ana"), a_patient(given="Ana")
    second = f"PID|2||{who(other)}"

    def links() -> list[Any]:
        (resource,) = records.resources(one.patient_id, "Patient", now(one).mine)
        return [each["other"]["identifier"]["value"] for each in resource.get("link", ())]

    released(an_adt("A24", who(one), second))
    assert links() == [other.identifiers[0][1]]
    assert not now(other).replaced_by

    released(an_adt("A37", who(one), second))
    assert links() == []


def test_a_death_signs_out_and_ends_notifications() -> None:
    patient = a_patient(given="Ana")
    cookie = a_session(patient)

    released(an_adt("A08", who(patient) + "|" * 22 + "Y"))

    assert now(patient).is_deceased
    assert not now(patient).may_sign_in
    assert sessions.live(cookie) is None
    events = [row.event for row in audit.of_patient(patient.patient_id)]
    assert audit.Event.PATIENT_DECEASED in events


def test_a_death_reported_by_mistake_is_taken_back() -> None:
    patient = a_patient(given="Ana")
    released(an_adt("A08", who(patient) + "|" * 22 + "Y"))
    released(an_adt("A08", who(patient) + "|" * 22 + "N"))

    assert not now(patient).is_deceased
