"""Under 12 nobody has an account: a parent opens their own, and is given access."""

from argparse import Namespace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.activate.openings import STAFF, born, deliver, events, given, number, register, type_code
from tests.builders import a_patient
from tests.clock import Clock, held
from tests.sign_in import mail
from tests.staff.colleagues import a_colleague
from tests.stores import queued, sent_to
from tests.visitors import a_browser

from infra import admin
from portal import activations, invitations, patients
from portal.activations import Kind, TooYoung
from portal.patients import Patient
from portal.roles import Role

pytestmark = pytest.mark.usefixtures("portal")

ADVICE = "Children under 12 have no account of their own."
DESK_ADVICE = "A child under 12 has no account"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Stands on the day before the child's 12th birthday."""
    clock = held(monkeypatch)
    clock.moment = datetime(2027, 5, 2, 23, 59, tzinfo=UTC)
    return clock


def a_child(**facts: Any) -> Patient:
    return a_patient(**({"given": "Mateo", "birth_on": date(2015, 5, 3)} | facts))


def page_of(patient: Patient) -> str:
    return f"/staff/patients/{patient.patient_id}"


@pytest.mark.parametrize("kind", Kind)
def test_nothing_opens_a_childs_account_until_the_twelfth_birthday(
    clock: Clock, kind: Kind
) -> None:
    child = a_child()

    with pytest.raises(TooYoung):
        given(child, kind)
    assert events(child) == []

    clock.advance(minutes=1)
    assert type_code(a_browser(), given(child, kind), child).status == 303


def test_a_child_who_has_died_or_is_closed_is_not_called_too_young() -> None:
    grown = a_patient(is_closed=True)

    with pytest.raises(activations.CannotActivate) as refused:
        given(grown)
    assert not isinstance(refused.value, TooYoung)


def test_the_desk_is_told_to_open_a_parents_account_instead() -> None:
    child, desk = a_child(), a_colleague(Role.FRONT_DESK)

    page = desk.get(page_of(child))
    done = desk.post(f"{page_of(child)}/activation", seen="yes", kind="desk")

    assert DESK_ADVICE in page.text
    assert "Make a code" not in page.text
    assert (done.status, DESK_ADVICE in done.text) == (400, True)
    assert "activate.made" not in events(child)


def test_on_the_twelfth_birthday_the_desk_makes_a_code(clock: Clock) -> None:
    child, desk = a_child(), a_colleague(Role.FRONT_DESK)
    clock.advance(minutes=1)

    assert DESK_ADVICE not in desk.get(page_of(child)).text
    assert desk.post(f"{page_of(child)}/activation", seen="yes", kind="desk").status == 200


def test_a_child_is_not_invited() -> None:
    child = a_child()

    with pytest.raises(TooYoung):
        invitations.send(child.patient_id, STAFF)

    assert sent_to(child.email) == []


def test_the_operator_is_told() -> None:
    child = a_child()
    authority, record_number = child.identifiers[0]
    options = {"what": "activation", "authority": authority, "record_number": record_number}
    kinds = {"paper": False, "letter": False, "invite": False, "by": "operator#AIDA1"}

    assert DESK_ADVICE in admin.done(Namespace(**(options | kinds)))
    assert DESK_ADVICE in admin.done(Namespace(**(options | kinds | {"invite": True})))


def test_a_code_made_before_a_birth_date_was_corrected_opens_nothing() -> None:
    patient = a_patient(birth_on=date(2005, 5, 3))
    made = given(patient)
    read = patients.with_id(patient.patient_id)
    assert read is not None
    patients.rewrite(read.model_copy(update={"birth_on": date(2015, 5, 3)}))

    answers = [
        a_browser().post(f"/activate/{made.token}", born_on="2005-05-03"),
        a_browser().post(f"/activate/{made.token}", born_on="2015-05-03"),
        a_browser().post("/activate", code=made.code, born_on="2005-05-03"),
    ]

    assert [each.status for each in answers] == [401, 400, 400]
    assert "activate.activated" not in events(patient)


def test_a_childs_birth_date_is_answered_in_the_same_words_whoever_it_is() -> None:
    """Nobody is looked up: the answer tells nothing of whether there is such a child."""
    queued("SignInRequests")
    child = a_child()
    unknown = child.model_copy(update={"identifiers": (("RIVERBEND", "ZZ-404"),)})

    known, other = (register(a_browser(), each) for each in (child, unknown))

    assert (known.status, other.status) == (400, 400)
    assert ADVICE in known.text
    assert known.text == other.text.replace("ZZ-404", number(child))
    assert queued("SignInRequests") == []
    assert type_code(a_browser(), given(a_patient()), child).text.count(ADVICE) == 1


def test_a_childs_birth_date_costs_no_try() -> None:
    patient = a_patient()
    made = given(patient)

    for _ in range(6):
        page = a_browser().post(f"/activate/{made.token}", born_on="2015-05-03")
        assert (page.status, ADVICE in page.text) == (400, True)

    assert a_browser().post(f"/activate/{made.token}", born_on=born(patient)).status == 303


def test_a_day_to_come_is_no_birth_date() -> None:
    page = a_browser().post("/activate", code="AAAAA-AAAAA-AAAAA", born_on="2062-01-01")

    assert page.status == 400
    assert ADVICE not in page.text
    assert "Type your date of birth." in page.text


def test_at_a_familys_address_the_parent_gets_a_link_and_the_child_does_not() -> None:
    mail.requested()
    mother = a_patient(email="small-family@example.org")
    child = a_child(email=mother.email)

    mail.ask(a_browser(), mother.email)
    mail.deliver()

    assert len(sent_to(mother.email)) == 1
    assert "sign-in.link-sent" in events(mother)
    assert "sign-in.link-sent" not in events(child)


def test_a_registration_that_waited_is_not_answered_for_a_child(clock: Clock) -> None:
    """Typed as a grown-up's; the record was corrected while it was on the queue."""
    queued("SignInRequests")
    patient = a_patient(birth_on=date(2015, 5, 2))  # 12 today
    register(a_browser(), patient)
    clock.advance(days=-1)

    deliver()

    assert sent_to(patient.email) == []
