"""A new e-mail address or phone: it counts when its code was typed, and the old one is told."""

import re

import pytest
from tests.builders import a_link_session, a_patient, a_visitor, released
from tests.client import Client
from tests.clock import held
from tests.lab_release.test_merging import an_adt, who
from tests.settings.accounts import a_number, events, reachable, told
from tests.stores import sent_to
from tests.visitors import a_browser, signed_in

from portal import links, outbox_delivery, patient_search, patients
from portal.errors import LinkIsSpent
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

PAGE = "/settings/contact"
CONFIRM = f"{PAGE}/confirm"
_names = iter(range(1000))


def an_address() -> str:
    return f"new{next(_names)}@example.org"


def code_at(address: str) -> str:
    found = re.search(r"\b(\d{6})\b", sent_to(address)[-1].text)
    assert found
    return found[1]


def begun(browser: Client, kind: str, address: str) -> str:
    answer = browser.post(PAGE, kind=kind, address=address)
    assert (answer.status, answer.location) == (303, CONFIRM)
    return code_at(address)


def now_of(patient: Patient) -> Patient:
    found = patients.with_id(patient.patient_id)
    assert found
    return found


@pytest.mark.parametrize("kind", ["email", "phone"])
def test_a_new_address_counts_when_its_code_is_typed_and_both_are_told(kind: str) -> None:
    patient = reachable()
    browser, new = signed_in(patient), an_address() if kind == "email" else a_number()
    code = begun(browser, kind, new)
    assert getattr(now_of(patient), kind) == getattr(patient, kind), "not yet"
    assert not patient_search.at_contact(new)
    assert new in browser.get(CONFIRM).text

    answer = browser.post(CONFIRM, code=code)

    assert (answer.status, answer.location) == (303, f"{PAGE}?done={kind}")
    assert getattr(now_of(patient), kind) == new
    page = browser.get(answer.location).text
    assert "We told the old one" in page
    assert "Confirmed by you" in page
    assert events(patient)[-2:] == ["settings.contact-changed", "settings.viewed"]
    while outbox_delivery.deliver_overdue():
        pass
    for address in (patient.email, patient.phone, new):
        assert "address or phone of your account was changed" in sent_to(address)[-1].text
    assert [each.patient_id for each in patient_search.at_contact(new)] == [patient.patient_id]
    assert not patient_search.at_contact(getattr(patient, kind))


def test_each_is_told_once() -> None:
    patient = reachable()
    browser, new = signed_in(patient), an_address()
    browser.post(CONFIRM, code=begun(browser, "email", new))

    told(now_of(patient))
    told(now_of(patient))

    words = "of your account was changed"
    for address in (patient.email, patient.phone, new):
        assert sum(words in each.text for each in sent_to(address)) == 1


def test_the_first_address_of_somebody_has_no_old_one_to_tell() -> None:
    patient = a_patient(email="", phone=a_number())
    browser, new = signed_in(patient), an_address()

    browser.post(CONFIRM, code=begun(browser, "email", new))

    assert now_of(patient).email == new
    told(now_of(patient))


def test_a_link_under_way_to_the_old_address_opens_nothing() -> None:
    patient = reachable()
    browser = signed_in(patient)
    visitor = a_visitor()
    link = links.new(patient.patient_id, visitor.browser)

    browser.post(CONFIRM, code=begun(browser, "email", an_address()))

    with pytest.raises(LinkIsSpent):
        links.spend(link.token, visitor, "")


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        ("email", ""), ("email", "ana"), ("email", "ana@"), ("email", "a b@example.org"),
        ("email", "a@b@example.org"), ("email", "ana@example.org, x@example.org"),
        ("email", "ana@exämple.org"), ("email", "<a@example.org>"), ("phone", ""),
        ("phone", "555"), ("phone", "a@example.org"), ("phone", "+0123456789"),
    ],
)  # fmt: skip
def test_what_is_no_address_comes_back_with_advice_at_its_field(kind: str, typed: str) -> None:
    browser = signed_in(a_patient())

    answer = browser.post(PAGE, kind=kind, address=typed)

    assert answer.status == 400
    assert f'id="{kind}-error"' in answer.text
    assert browser.get(CONFIRM).location == PAGE


def test_a_wrong_code_changes_nothing_and_is_recorded() -> None:
    patient = a_patient()
    browser = signed_in(patient)
    code = begun(browser, "email", an_address())

    answer = browser.post(CONFIRM, code=f"{(int(code) + 1) % 1_000_000:06d}")

    assert answer.status == 400
    assert 'id="code-error"' in answer.text
    assert now_of(patient).email == patient.email
    assert "settings.contact-changed" in events(patient, refused=True)


def test_a_code_works_once_and_for_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser, new = signed_in(patient), an_address()
    code = begun(browser, "email", new)
    assert browser.post(CONFIRM, code=code).status == 303
    assert browser.post(CONFIRM, code=code).status == 400

    late = begun(browser, "email", an_address())
    clock.advance(minutes=11)

    assert browser.post(CONFIRM, code=late).status in {303, 400, 403}
    assert now_of(patient).email == new


def test_a_code_belongs_to_the_session_and_to_the_newest_address() -> None:
    patient, other = a_patient(), a_patient()
    mine, theirs = signed_in(patient), signed_in(other)
    code = begun(mine, "email", an_address())
    begun(theirs, "email", an_address())

    assert theirs.post(CONFIRM, code=code).status == 400
    begun(mine, "email", an_address())
    assert mine.post(CONFIRM, code=code).status == 400
    assert now_of(patient).email == patient.email


def test_nobody_is_mailed_all_night() -> None:
    browser, victim = signed_in(a_patient()), an_address()

    answers = [browser.post(PAGE, kind="email", address=victim).status for _ in range(7)]

    assert answers == [303] * 5 + [429] * 2
    assert len(sent_to(victim)) == 5


def test_it_is_asked_again_who_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient = a_patient()
    browser = signed_in(patient)
    clock.advance(minutes=11)
    browser.get("/settings")

    assert browser.post(PAGE, kind="email", address=an_address()).status == 403
    page = browser.get(PAGE)
    assert "Show that it is me" in page.text
    assert "New e-mail address" not in page.text
    link = a_browser(cookies={"session": a_link_session(patient)})
    assert link.post(PAGE, kind="email", address=an_address()).status == 403


def test_a_message_of_the_clinics_systems_overwrites_no_address_that_was_confirmed() -> None:
    patient = reachable()
    browser, new = signed_in(patient), an_address()
    browser.post(CONFIRM, code=begun(browser, "email", new))
    pid = who(patient).replace("PID|", "PID|", 1)

    released(an_adt("A08", pid + "|||||2125550199~^NET^Internet^old@example.org"))

    assert now_of(patient).email == new
    assert now_of(patient).phone == patient.phone
    assert new in browser.get(PAGE).text
