"""The queue: what must be looked at, by whom, until when, and what was found."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import pytest
from pynamodb.exceptions import PutError
from tests.builders import a_patient
from tests.client import Client
from tests.clock import held
from tests.staff.colleagues import (
    a_colleague,
    a_review,
    asked,
    card_of,
    id_of,
    pages_of,
    trail,
    waiting,
)

from portal import reviews
from portal.audit import Event
from portal.patients import Patient
from portal.roles import Role
from portal.tables import AuditRow, CareRow

pytestmark = pytest.mark.usefixtures("portal")

FINDING = "Called the patient: it was their new phone."


def row_of(review_id: str) -> CareRow:
    patient_id, _, number = review_id.rpartition("-")
    found = CareRow.find(patient_id, f"review#{number}")
    assert found
    return found


def listed(colleague: Client, review_id: str) -> bool:
    return review_id in [each["review_id"] for each in waiting(colleague)]


def many(patient: Patient, event: Event = Event.NEW_DEVICE, count: int = 120) -> set[str]:
    """Ids of new reviews."""
    rows = [reviews.new_row(patient.patient_id, event) for _ in range(count)]
    with CareRow.batch_write() as write:
        for row in rows:
            write.save(row)
    return {f"{row.pk}-{row.sk.removeprefix('review#')}" for row in rows}


def paths(review_id: str) -> tuple[str, str, str]:
    at = f"/staff/reviews/{review_id}"
    return at, f"{at}/take", f"{at}/close"


def test_a_review_is_taken_and_closed_and_leaves_the_queue() -> None:
    patient = a_patient(family="Rivera", given="Ana")
    review_id = a_review(patient)
    officer = a_colleague(Role.PRIVACY_OFFICER, name="Pat Officer")
    at, take, close = paths(review_id)
    assert "A patient signed in on a new device" in card_of(officer, review_id)
    assert "Rivera" not in card_of(officer, review_id), "the list names no patient"

    assert officer.post(take).location == at
    page = officer.get(at).text
    assert "Ana Rivera" in page
    assert "Pat Officer" in page
    assert officer.post(close, finding=FINDING).location == "/staff"

    assert not listed(officer, review_id)
    assert FINDING in officer.get(at).text
    row = row_of(review_id)
    assert (row.state, row.owner, row.kind, row.due_at) == ("closed", id_of(officer), None, None)


def test_each_step_is_in_the_patients_trail_with_who_did_it() -> None:
    """REG-005: audit controls."""
    patient = a_patient()
    review_id = a_review(patient)
    officer = a_colleague(Role.PRIVACY_OFFICER)
    at, take, close = paths(review_id)

    officer.post(take)
    officer.get(at)
    officer.post(close, finding=FINDING)

    rows = [row for row in trail(patient) if row.event.startswith("staff.review")]
    number = review_id.rpartition("-")[2]
    assert sorted(row.event for row in rows) == [
        "staff.review-closed",
        "staff.review-taken",
        "staff.review-viewed",
    ]
    assert {(row.actor, row.about, row.outcome) for row in rows} == {
        (id_of(officer), number, "done")
    }


def test_what_was_found_is_not_readable_in_the_table() -> None:
    review_id = a_review(a_patient())
    officer = a_colleague(Role.PRIVACY_OFFICER)
    _, take, close = paths(review_id)
    officer.post(take)

    officer.post(close, finding="Zzyzx was here, says the patient.")

    assert "Zzyzx" not in repr(row_of(review_id).to_dynamodb_dict())


def test_two_people_taking_one_review_at_once_are_one() -> None:
    patient = a_patient()
    review_id = a_review(patient)
    both = [a_colleague(Role.PRIVACY_OFFICER) for _ in range(2)]

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda each: asked(each, "POST", paths(review_id)[1]), both))

    assert sorted(each.status for each in answers) == [200, 409]
    taken = trail(patient, Event.REVIEW_TAKEN)
    assert sorted(row.outcome for row in taken) == ["done", "refused"]
    (winner,) = [who for who, answer in zip(both, answers, strict=True) if answer.status == 200]
    assert row_of(review_id).owner == id_of(winner)


def test_two_tabs_closing_one_review_at_once_are_one() -> None:
    patient = a_patient()
    review_id = a_review(patient)
    officer = a_colleague(Role.PRIVACY_OFFICER)
    _, take, close = paths(review_id)
    officer.post(take)

    def closed(_: int) -> int:
        return asked(officer, "POST", close, finding=FINDING).status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(closed, range(4))) == [200, 409, 409, 409]
    done = [row for row in trail(patient, Event.REVIEW_CLOSED) if row.outcome == "done"]
    assert len(done) == 1


def test_nobody_closes_what_somebody_else_took_or_nobody_did() -> None:
    review_id = a_review(a_patient())
    owner, other = a_colleague(Role.PRIVACY_OFFICER), a_colleague(Role.PRIVACY_OFFICER)
    _, take, close = paths(review_id)

    assert asked(owner, "POST", close, finding=FINDING).status == 409, "not taken yet"
    owner.post(take)
    answer = other.post(close, finding=FINDING)

    assert answer.status == 409
    assert "Somebody else was first" in answer.text
    assert row_of(review_id).state == "taken"


def test_what_is_late_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    review_id = a_review(a_patient())
    a_colleague(Role.PRIVACY_OFFICER).post(paths(review_id)[1])

    clock.advance(hours=23, minutes=59)
    other = a_colleague(Role.PRIVACY_OFFICER)
    assert asked(other, "POST", paths(review_id)[1]).status == 409
    clock.advance(minutes=2)

    assert "Late" in card_of(other, review_id)
    assert asked(other, "POST", paths(review_id)[1]).status == 200
    assert row_of(review_id).owner == id_of(other)


def test_the_most_urgent_is_first(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    first = a_review(a_patient())
    clock.advance(minutes=5)
    second = a_review(a_patient())

    shown = waiting(a_colleague(Role.OPERATOR))

    order = [each["review_id"] for each in shown]
    assert order.index(first) < order.index(second)
    assert [each["due_at"] for each in shown] == sorted(each["due_at"] for each in shown)


@pytest.mark.parametrize("seconds", [0, 0.001])
def test_a_flood_is_shown_page_by_page_and_hides_nothing(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that are due at the same moment, too."""
    clock = held(monkeypatch)
    patient, ids = a_patient(), set()
    for _ in range(4):
        ids |= many(patient, count=30)
        clock.advance(seconds=seconds)
    clock.advance(seconds=1)
    newest = a_review(a_patient())

    found = list(pages_of(a_colleague(Role.OPERATOR), "/staff"))

    order = [each["review_id"] for page in found for each in page["reviews"]]
    assert {len(page["reviews"]) for page in found[:-1]} == {50}
    assert len(order) == len(set(order))
    assert ids < set(order)
    assert order.index(newest) > max(map(order.index, ids))


def test_a_browser_is_led_from_page_to_page() -> None:
    many(a_patient())
    officer = a_colleague(Role.PRIVACY_OFFICER)

    first = officer.get("/staff")
    after = asked(officer, "GET", "/staff").json["next"]
    second = officer.get(f"/staff?after={quote(after)}")

    assert f"/staff?after={quote(after)}" in first.text
    assert "Back to the most urgent" not in first.text
    assert "Back to the most urgent" in second.text
    assert first.text.count('class="card row"') == second.text.count('class="card row"') == 50


def test_what_is_closed_between_two_pages_takes_no_other_with_it() -> None:
    many(a_patient())
    officer = a_colleague(Role.PRIVACY_OFFICER)
    order = [each["review_id"] for each in waiting(officer)]
    first = asked(officer, "GET", "/staff").json
    last = [each["review_id"] for each in first["reviews"] if each["state"] == "open"][-1]
    asked(officer, "POST", paths(last)[1])
    asked(officer, "POST", paths(last)[2], finding=FINDING)

    rest = asked(officer, "GET", f"/staff?after={quote(first['next'])}").json

    assert row_of(last).state == "closed"
    assert [each["review_id"] for each in rest["reviews"]] == order[50:100]


@pytest.mark.parametrize("after", ["x", "~", "2026-11-21T00:00:00.000Z", "~" * 90])
def test_a_place_that_is_none_of_ours_is_refused(after: str) -> None:
    answer = asked(a_colleague(Role.OPERATOR), "GET", f"/staff?after={quote(after)}")

    assert answer.status == 400


def test_rows_of_others_work_are_never_read_and_a_pages_own_all_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A flood in one queue costs nobody who works another."""
    others, mine = many(a_patient()), many(a_patient(), Event.REGISTRATION_UNREACHABLE)
    desk = a_colleague(Role.FRONT_DESK)
    read: set[str] = set()
    batches: list[int] = []
    batch_get = CareRow.batch_get

    def counted(items: list[tuple[str, str]], **more: Any) -> Any:
        batches.append(len(items))
        read.update(f"{pk}-{sk.removeprefix('review#')}" for pk, sk in items)
        return batch_get(items, **more)

    monkeypatch.setattr(CareRow, "batch_get", counted)
    shown = waiting(desk)

    assert mine <= read
    assert not others & read
    assert len(batches) <= len(shown) // 50 + 1


@pytest.mark.parametrize(
    ("event", "workers"),
    [
        (Event.NEW_DEVICE, {Role.PRIVACY_OFFICER, Role.OPERATOR}),
        (Event.MANY_REFUSALS, {Role.PRIVACY_OFFICER, Role.OPERATOR}),
        (Event.REGISTRATION_UNREACHABLE, {Role.PRIVACY_OFFICER, Role.FRONT_DESK}),
        (Event.BREAK_GLASS_OPENED, {Role.PRIVACY_OFFICER}),
    ],
)
def test_a_review_is_there_for_whose_work_it_is(event: Event, workers: set[Role]) -> None:
    """Minimum necessary, 45 CFR 164.502(b): to others it is as missing as none."""
    patient = a_patient()
    review_id = a_review(patient, event)

    for role in Role:
        colleague = a_colleague(role)
        assert listed(colleague, review_id) is (role in workers)
        status = asked(colleague, "GET", paths(review_id)[0]).status
        has_scope = role in {Role.PRIVACY_OFFICER, Role.OPERATOR, Role.FRONT_DESK}
        assert status == (200 if role in workers else 404 if has_scope else 403)
    refused = [row for row in trail(patient, Event.REVIEW_VIEWED) if row.outcome == "refused"]
    assert len(refused) == 3 - len(workers)


@pytest.mark.parametrize("what", ["", "take", "close"])
def test_a_review_of_nobodys_is_missing(what: str) -> None:
    patient = a_patient()
    number = a_review(patient).rpartition("-")[2]
    officer = a_colleague(Role.PRIVACY_OFFICER)
    wrong = (f"{a_patient().patient_id}-{number}", f"{patient.patient_id}-{'0' * 32}", "x", "a-b")

    for review_id in wrong:
        method, path = ("POST" if what else "GET"), f"/staff/reviews/{review_id}/{what}".rstrip("/")
        assert asked(officer, method, path, finding=FINDING).status == 404


def test_a_finding_is_a_sentence() -> None:
    review_id = a_review(a_patient())
    officer = a_colleague(Role.PRIVACY_OFFICER)
    officer.post(paths(review_id)[1])

    page = officer.post(paths(review_id)[2], finding="  ok  ")

    assert page.status == 400
    assert "Say in a sentence" in page.text
    assert row_of(review_id).state == "taken"


def test_a_review_without_words_about_it_opens_too() -> None:
    """Those of the sign-in room have none; a closed one has a finding only."""
    review_id = a_review(a_patient())
    officer = a_colleague(Role.OPERATOR)
    assert officer.get(paths(review_id)[0]).status == 200
    officer.post(paths(review_id)[1])
    officer.post(paths(review_id)[2], finding=FINDING)

    assert officer.get(paths(review_id)[0]).status == 200


def test_nothing_is_closed_when_the_trail_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    patient: Patient = a_patient()
    review_id = a_review(patient)
    officer = a_colleague(Role.PRIVACY_OFFICER)
    officer.post(paths(review_id)[1])

    def down(*_: object, **__: object) -> None:
        raise PutError

    with monkeypatch.context() as patch:
        patch.setattr(reviews, "TransactWrite", down)
        assert officer.post(paths(review_id)[2], finding=FINDING).status == 503
    with monkeypatch.context() as patch:
        patch.setattr(AuditRow, "save", down)
        assert officer.get(paths(review_id)[0]).status == 503

    assert row_of(review_id).state == "taken"
