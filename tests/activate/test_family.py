"""An address that a family shares: everybody at it can sign in, as themselves."""

import itertools
import re

import pytest
from tests.activate.openings import STEP, events
from tests.builders import a_patient, released
from tests.lab_release.test_merging import an_adt, mrg, who
from tests.sign_in.mail import ask, deliver, requested
from tests.stores import sent_to
from tests.visitors import a_browser
from tests.visitors import an_app as a_phone_app

from portal import patient_search, patients, sessions
from portal.patients import Patient, contact_key
from portal.tables import ChartRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")
_families = itertools.count(1)


def a_family(**contact: str) -> tuple[Patient, Patient]:
    shared = contact or {"email": f"family{next(_families)}@example.org"}
    mother = a_patient(given="Ana", birth_on="1980-02-03", **({"email": ""} | shared))
    child = a_patient(given="Ben", birth_on="2012-06-07", **({"email": ""} | shared))
    return mother, child


def tokens_sent(address: str) -> list[str]:
    texts = [each.text for each in sent_to(address)]
    return [found[1] for text in texts if (found := re.search(r"/sign-in/([\w-]{22})", text))]


def test_two_patients_with_one_address_both_sign_in_as_themselves() -> None:
    requested()
    mother, child = a_family()
    browser = a_browser()
    ask(browser, mother.email)
    deliver()
    bound = dict(browser.cookies)
    opened = set()

    for token in tokens_sent(mother.email):
        each = a_browser(cookies=dict(bound))
        assert each.post(f"/sign-in/{token}").status == 303
        session = sessions.live(each.cookies["session"])
        assert session is not None
        opened.add(session.patient_id)

    assert opened == {mother.patient_id, child.patient_id}


def test_two_patients_with_one_phone_both_get_a_text_message() -> None:
    requested()
    phone = f"+1555020{next(_families):04}"
    mother, child = a_family(phone=phone)

    ask(a_browser(), phone)
    deliver()

    assert [each.channel for each in sent_to(phone)] == ["sms", "sms"]
    assert all("sign-in.link-sent" in events(each) for each in (mother, child))


def test_the_page_of_each_link_says_whose_it_is_by_initial_and_the_message_does_not() -> None:
    requested()
    mother, _ = a_family()
    browser = a_browser()
    ask(browser, mother.email)
    deliver()

    pages = [browser.get(f"/sign-in/{token}").text for token in tokens_sent(mother.email)]
    initials = {re.search(r"This link is for <b><bdi>(.)</bdi>", page)[1] for page in pages}  # type: ignore[index]

    assert initials == {"A", "B"}
    for text in [*pages, *(each.text for each in sent_to(mother.email))]:
        assert "Ana" not in text
        assert "Ben" not in text
        assert "Rivera" not in text


def test_the_initial_is_still_there_after_a_wrong_code() -> None:
    requested()
    mother, _ = a_family()
    ask(a_browser(), mother.email)
    deliver()
    token = tokens_sent(mother.email)[0]

    page = a_browser().post(f"/sign-in/{token}", code="000000")

    assert page.status == 400
    assert "This link is for" in page.text


def test_the_only_patient_at_an_address_is_not_named_at_all() -> None:
    requested()
    patient, browser = a_patient(), a_browser()
    ask(browser, patient.email)
    deliver()

    page = browser.get(f"/sign-in/{tokens_sent(patient.email)[0]}")

    assert "This link is for" not in page.text


def test_the_initial_is_sealed_in_the_table() -> None:
    requested()
    mother, child = a_family()
    ask(a_browser(), mother.email)
    deliver()

    rows = [row for row in SessionRow.scan() if row.pk.startswith("link#")]
    theirs = [row for row in rows if row.patient_id in {mother.patient_id, child.patient_id}]

    assert len(theirs) == 2
    assert all(row.sealed and len(row.sealed) > 20 for row in theirs)


def test_a_link_of_one_does_not_end_the_link_of_the_other() -> None:
    requested()
    mother, _ = a_family()
    browser = a_browser()
    ask(browser, mother.email)
    deliver()
    bound = dict(browser.cookies)

    answers = [
        a_browser(cookies=dict(bound)).post(f"/sign-in/{token}").status
        for token in tokens_sent(mother.email)
    ]

    assert answers == [303, 303]


def test_who_has_died_or_was_closed_gets_none_and_the_others_do() -> None:
    requested()
    email = f"family{next(_families)}@example.org"
    for other in ({"is_deceased": True}, {"is_closed": True}, {"given": "Cleo"}):
        a_patient(email=email, **other)
    browser = a_browser()

    ask(browser, email)
    deliver()

    (token,) = tokens_sent(email)
    assert "This link is for" not in browser.get(f"/sign-in/{token}").text


def test_the_answer_does_not_tell_how_many_share_an_address() -> None:
    mother, _ = a_family()
    alone = a_patient()

    pages = [ask(a_browser(), each.email).text.replace(each.email, "*") for each in (mother, alone)]

    assert pages[0] == pages[1]


def test_asking_looks_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def looked_up(*_: object) -> None:
        raise AssertionError("looked up")

    monkeypatch.setattr("portal.patient_search.at_contact", looked_up)

    assert ask(a_browser(), a_patient().email).status == 200


def test_a_session_of_one_shows_nothing_of_the_other() -> None:
    requested()
    mother, child = a_family()
    browser = a_phone_app()
    ask(browser, mother.email)
    deliver()
    browser.post(f"/sign-in/{tokens_sent(mother.email)[0]}")

    step = browser.post(
        f"{STEP}/proof", born_on=child.birth_on.isoformat(), identifier=child.identifiers[0][1]
    )

    session = sessions.live(browser.cookies["session"])
    assert session is not None
    is_mother = session.patient_id == mother.patient_id
    assert step.status == (400 if is_mother else 200)


def test_a_row_written_when_an_address_was_one_patients_is_still_read() -> None:
    requested()
    patient = a_patient()
    key = contact_key(patient.email)
    ChartRow(key, f"patient#{patient.patient_id}").delete()
    ChartRow(key, "patient", patient_id=patient.patient_id).save()

    ask(a_browser(), patient.email)
    deliver()

    assert len(tokens_sent(patient.email)) == 1


def test_an_old_row_and_new_ones_make_one_family() -> None:
    mother, child = a_family()
    key = contact_key(mother.email)
    ChartRow(key, "patient", patient_id=mother.patient_id).save()

    found = {each.patient_id for each in patient_search.at_contact(mother.email)}

    assert found == {mother.patient_id, child.patient_id}


def test_an_identifier_is_still_one_patients_alone() -> None:
    mother, _ = a_family()

    with pytest.raises(patients.IdentifierTaken):
        a_patient(email=mother.email, identifiers=mother.identifiers)


def test_a_merge_of_two_records_at_one_address_leaves_one_message() -> None:
    requested()
    email = f"family{next(_families)}@example.org"
    survivor, old = a_patient(given="Ana", email=email), a_patient(given="Ana", email=email)
    released(an_adt("A40", who(survivor), mrg(old)))

    ask(a_browser(), email)
    deliver()

    assert len(tokens_sent(email)) == 1
    assert "sign-in.link-sent" in events(survivor)


def test_an_undone_merge_gives_both_a_message_again() -> None:
    requested()
    email = f"family{next(_families)}@example.org"
    survivor, old = a_patient(given="Ana", email=email), a_patient(given="Ana", email=email)
    released(an_adt("A40", who(survivor), mrg(old)))
    released(an_adt("A37", who(survivor), f"PID|2||{who(old)}"))

    ask(a_browser(), email)
    deliver()

    assert len(tokens_sent(email)) == 2
