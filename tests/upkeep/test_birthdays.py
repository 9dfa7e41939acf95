"""A month before a birthday that changes who sees a record, those concerned are told once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from functions.upkeep import app as upkeep
from tests.builders import a_patient, released
from tests.clock import Clock, held
from tests.lab_release.test_merging import an_adt, who
from tests.stores import sent_to

from portal import audit, birthdays, grants, patients
from portal.errors import Unavailable
from portal.granting import EVERYTHING, Grant, GrantKind, GrantState
from portal.moments import fresh_id, now
from portal.patients import Patient
from portal.tables import CareRow

pytestmark = pytest.mark.usefixtures("portal")

BORN = date(2015, 5, 3)
TWELVE, EIGHTEEN = date(2027, 5, 3), date(2033, 5, 3)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands at noon of 1 March 2027."""
    clock = held(monkeypatch)
    clock.moment = datetime(2027, 3, 1, 12, tzinfo=UTC)
    return clock


def a_child(**facts: Any) -> Patient:
    return a_patient(**({"given": "Mateo", "family": "Ruiz", "birth_on": BORN} | facts))


def a_grant(child: Patient, holder: Patient, **facts: Any) -> Grant:
    """Of a parent, as the rooms make one: planned, then kept."""
    dull: dict[str, Any] = {
        "grant_id": fresh_id(),
        "patient_id": child.patient_id,
        "holder_id": holder.patient_id,
        "kind": GrantKind.PARENT,
        "state": GrantState.ACTIVE,
        "categories": EVERYTHING,
        "starts_at": now(),
    }
    grant = Grant(**(dull | facts))
    birthdays.plan(grant, child.birth_on)
    return grants.keep(grant)


def changed(grant: Grant, **facts: Any) -> Grant:
    return grants.keep(replace(grant, **facts))


def swept_on(clock: Clock, day: date) -> None:
    """Upkeep runs every minute: one run owes the message, the next delivers it."""
    clock.moment = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
    upkeep.handler({}, None)
    clock.advance(minutes=1)
    upkeep.handler({}, None)


def mails(*people: Patient) -> list[int]:
    return [len(sent_to(each.email)) for each in people]


def rows(child: Patient) -> dict[str, CareRow]:
    found = CareRow.query(child.patient_id, CareRow.sk.startswith(birthdays.PREFIX))
    return {row.sk: row for row in found}


def test_parent_and_child_are_told_thirty_days_before_each_birthday_and_not_a_day_earlier(
    clock: Clock,
) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)
    told = []

    for birthday in (TWELVE, EIGHTEEN):
        for days in (31, 30):
            swept_on(clock, birthday - timedelta(days=days))
            told.append(mails(child, parent))

    assert told == [[0, 0], [1, 1], [1, 1], [2, 2]]


def test_nobody_is_told_twice(clock: Clock) -> None:
    child, parent = a_child(), a_patient()
    grant = a_grant(child, parent)

    for days in (30, 29, 10, 1, 0):
        swept_on(clock, TWELVE - timedelta(days=days))
        birthdays.plan(grant, child.birth_on)

    assert mails(child, parent) == [1, 1]


def test_the_words_say_the_day_and_nothing_of_whose_it_is(clock: Clock) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)

    swept_on(clock, TWELVE - timedelta(days=30))

    (mine,), (theirs,) = sent_to(child.email), sent_to(parent.email)
    assert "On May 3, who can see what in your record will change." in mine.text
    assert "On May 3, your access to a record you look after will change." in theirs.text
    for each in (mine, theirs):
        for hidden in ("Mateo", "Ruiz", "Ana", "2027", "2015", "12", "child"):
            assert hidden not in f"{each.subject} {each.text}"


def test_who_has_no_mailbox_is_told_by_text(clock: Clock) -> None:
    child = a_child(email="")
    parent = a_patient(email="", phone="+15555550177")
    a_grant(child, parent)

    swept_on(clock, TWELVE - timedelta(days=30))

    (text,) = sent_to(parent.phone)
    assert text.channel == "sms"
    assert "on May 3, your access to a record you look after will change" in text.text
    assert len(text.text) <= 160


def test_who_reads_spanish_is_told_in_spanish(clock: Clock) -> None:
    child, parent = a_child(), a_patient(language="es")
    a_grant(child, parent)

    swept_on(clock, TWELVE - timedelta(days=30))

    assert "3 de mayo" in sent_to(parent.email)[0].text
    assert "record" not in sent_to(parent.email)[0].text


def test_that_somebody_was_told_is_in_their_trail(clock: Clock) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)

    swept_on(clock, TWELVE - timedelta(days=30))

    (row,) = audit.of_patient(parent.patient_id)
    assert (row.event, row.why, row.actor) == ("account.notified", "birthday", "portal")


def test_both_parents_are_told_and_the_child_once(clock: Clock) -> None:
    child, mother, father = a_child(), a_patient(), a_patient()
    a_grant(child, mother)
    a_grant(child, father)

    swept_on(clock, TWELVE - timedelta(days=30))

    assert mails(child, mother, father) == [1, 1, 1]


def test_twins_are_one_message(clock: Clock) -> None:
    parent = a_patient()
    for name in ("Mateo", "Lucas"):
        a_grant(a_child(given=name), parent)

    swept_on(clock, TWELVE - timedelta(days=30))

    assert mails(parent) == [1]
    assert sent_to(parent.email)[0].text.count("On May 3") == 1


def test_children_of_two_days_are_two_messages(clock: Clock) -> None:
    parent = a_patient()
    a_grant(a_child(), parent)
    a_grant(a_child(birth_on=date(2009, 5, 2)), parent)

    swept_on(clock, TWELVE - timedelta(days=30))

    days = {text.text.partition("On ")[2][:5] for text in sent_to(parent.email)}
    assert days == {"May 2", "May 3"}


def test_a_grant_that_comes_late_is_told_at_once(clock: Clock) -> None:
    child, mother, father = a_child(), a_patient(), a_patient()
    a_grant(child, mother)
    swept_on(clock, TWELVE - timedelta(days=30))

    swept_on(clock, TWELVE - timedelta(days=3))
    a_grant(child, father)
    swept_on(clock, TWELVE - timedelta(days=2))

    assert mails(child, mother, father) == [1, 1, 1]


@pytest.mark.parametrize("state", [GrantState.REVOKED, GrantState.SUSPENDED])
def test_where_no_right_changes_nobody_is_told(clock: Clock, state: GrantState) -> None:
    child, parent = a_child(), a_patient()
    changed(a_grant(child, parent), state=state)

    swept_on(clock, TWELVE - timedelta(days=30))

    assert mails(child, parent) == [0, 0]
    due = rows(child)
    assert {sk for sk, row in due.items() if row.state == birthdays.OVER} == {
        sk for sk in due if sk.startswith("birthday#12#")
    }


def test_a_grant_that_ends_before_changes_nothing_on_that_day(clock: Clock) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent, ends_at=datetime(2027, 5, 2, tzinfo=UTC))

    swept_on(clock, TWELVE - timedelta(days=30))

    assert mails(child, parent) == [0, 0]


def test_a_suspended_grant_that_is_active_again_is_told(clock: Clock) -> None:
    child, parent = a_child(), a_patient()
    grant = changed(a_grant(child, parent), state=GrantState.SUSPENDED)
    swept_on(clock, TWELVE - timedelta(days=30))

    birthdays.plan(grant, child.birth_on)
    changed(grant, state=GrantState.ACTIVE)
    swept_on(clock, TWELVE - timedelta(days=20))

    assert mails(child, parent) == [1, 1]


@pytest.mark.parametrize("fact", [{"is_deceased": True}, {"replaced_by": "f" * 32}])
def test_nobody_is_told_of_a_record_that_is_over(clock: Clock, fact: dict[str, Any]) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)
    read = patients.with_id(child.patient_id)
    assert read is not None
    patients.rewrite(read.model_copy(update=fact))

    swept_on(clock, TWELVE - timedelta(days=30))

    assert mails(child, parent) == [0, 0]


def test_guardians_are_told_as_parents_are_and_others_are_not(clock: Clock) -> None:
    child, guardian, carer = a_child(), a_patient(), a_patient()
    a_grant(child, guardian, kind=GrantKind.GUARDIAN)
    a_grant(child, carer, kind=GrantKind.PROXY, by_teen=True)

    swept_on(clock, EIGHTEEN - timedelta(days=30))

    assert mails(guardian, carer) == [1, 0]


def test_birthdays_that_have_been_are_not_planned() -> None:
    teen, grown, parent = a_child(birth_on=date(2012, 1, 1)), a_patient(), a_patient()
    a_grant(teen, parent)
    a_grant(grown, parent)

    assert {sk[:12] for sk in rows(teen)} == {"birthday#18#"}
    assert rows(grown) == {}


def test_a_leap_day_has_its_birthday_on_the_first_of_march(clock: Clock) -> None:
    child, parent = a_child(birth_on=date(2016, 2, 29)), a_patient()
    a_grant(child, parent)

    clock.moment = datetime(2034, 1, 29, 6, tzinfo=UTC)
    swept_on(clock, date(2034, 1, 29))
    before = [each.text for each in sent_to(parent.email) if "March 1" in each.text]
    swept_on(clock, date(2034, 1, 30))
    after = [each.text for each in sent_to(parent.email) if "March 1" in each.text]

    assert (len(before), len(after)) == (0, 1)


def corrected(child: Patient, born: date) -> None:
    """By the EHR."""
    released(an_adt("A31", who(child.model_copy(update={"birth_on": born}))))


@pytest.mark.parametrize("born", [date(2015, 4, 20), date(2015, 6, 1)])
def test_a_corrected_birth_date_plans_anew(clock: Clock, born: date) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)
    corrected(child, born)
    birthday = born.replace(year=2027)

    swept_on(clock, birthday - timedelta(days=31))
    assert mails(child, parent) == [0, 0]
    for days in (30, 20, 0):
        swept_on(clock, birthday - timedelta(days=days))
    swept_on(clock, TWELVE - timedelta(days=1))

    assert mails(child, parent) == [1, 1]
    assert f"{born.day}" in sent_to(parent.email)[0].text


def test_who_was_told_a_wrong_day_is_told_the_right_one(clock: Clock) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)
    swept_on(clock, TWELVE - timedelta(days=30))

    corrected(child, date(2015, 5, 20))
    swept_on(clock, date(2027, 4, 25))
    corrected(child, BORN)
    swept_on(clock, date(2027, 4, 26))
    swept_on(clock, date(2027, 4, 27))

    days = [each.text.partition("On ")[2].partition(",")[0] for each in sent_to(parent.email)]
    assert days == ["May 3", "May 20", "May 3"]


def test_a_correction_that_was_planned_and_not_kept_falls_away(clock: Clock) -> None:
    """The row is written first: should the rest die, the record decides when it is due."""
    child, parent = a_child(), a_patient()
    grant = a_grant(child, parent)
    birthdays.plan(grant, date(2015, 4, 20))

    swept_on(clock, date(2027, 3, 21))
    assert mails(child, parent) == [0, 0]

    swept_on(clock, TWELVE - timedelta(days=30))
    assert mails(child, parent) == [1, 1]


def test_one_that_fails_holds_back_no_other(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    child, other, parent = a_child(), a_child(), a_patient()
    a_grant(child, parent)
    a_grant(other, parent)
    really = patients.with_id

    def broken(patient_id: str) -> Patient | None:
        if patient_id == child.patient_id:
            raise Unavailable
        return really(patient_id)

    with monkeypatch.context() as patch:
        patch.setattr(patients, "with_id", broken)
        swept_on(clock, TWELVE - timedelta(days=30))
    assert mails(child, other) == [0, 1]

    swept_on(clock, TWELVE - timedelta(days=29))
    assert mails(child, other) == [1, 1]


def test_a_finished_notice_leaves_the_index_of_due_work(clock: Clock) -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)

    swept_on(clock, TWELVE - timedelta(days=30))

    found = {sk[:12]: (row.state, row.kind) for sk, row in rows(child).items()}
    assert found == {"birthday#12#": ("sent", None), "birthday#18#": ("pending", "birthday")}


def test_the_rows_keep_no_birth_date() -> None:
    child, parent = a_child(), a_patient()
    a_grant(child, parent)

    for row in rows(child).values():
        assert "05-03" not in str(row.attribute_values)
