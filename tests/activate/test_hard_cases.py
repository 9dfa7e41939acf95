"""The cases that go wrong in real clinics.

Drawn from NIST SP 800-63A (proofing, enrolment codes), SP 800-63B-4 (an e-mail account is no
authenticator; binding a first one) and OWASP ASVS 5.0, the rows named at each.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError
from tests.activate.openings import (
    STAFF,
    STEP,
    born,
    events,
    given,
    number,
    open_link,
    register,
    registered,
    type_code,
)
from tests.activate.test_invitation import invited
from tests.builders import a_message, a_patient, a_session, an_app, released
from tests.lab_release.test_merging import an_adt, mrg, who
from tests.sign_in.mail import ask, deliver, requested
from tests.stores import sent_to
from tests.visitors import a_browser
from tests.visitors import an_app as a_phone_app

from portal import (
    activation_rows,
    activations,
    desk,
    devices,
    outbox_delivery,
    patients,
    sessions,
    user_accounts,
)
from portal.access import Visitor
from portal.activations import CannotActivate, Kind
from portal.methods import Confidence
from portal.secrets_kept import hashed
from portal.tables import CareRow, SessionRow

pytestmark = pytest.mark.usefixtures("portal")


def owed(patient_id: str) -> list[str]:
    rows = CareRow.query(patient_id, CareRow.sk.startswith("outbox#"))
    return [row.sk.split("#")[1] for row in rows]


def live_sessions(patient_id: str) -> int:
    return len(sessions.listed(patient_id))


# A mistyped address on file: a stranger gets the message (63A: proofing; V6.3.6, V6.4.1).


def test_a_stranger_at_a_mistyped_address_opens_nothing_without_the_birth_date() -> None:
    patient, stranger = a_patient(email="typo@example.com"), a_phone_app()
    made = invited(patient)

    answers = [stranger.post(f"/activate/{made.token}", born_on=f"19{n}0-01-01") for n in range(3)]

    assert [each.status for each in answers] == [400] * 3
    assert "session" not in stranger.cookies


def test_a_stranger_who_learns_the_birth_date_sees_nothing_and_sets_up_nothing() -> None:
    patient, stranger = a_patient(given="Xiomara", email="typo2@example.com"), a_phone_app()
    report_id = released(a_message(patient)).report_ids[0]

    open_link(stranger, invited(patient), patient)

    for path in ("/results", f"/results/{report_id}", "/settings/security"):
        assert stranger.get(path).status == 403, path
    assert "Xiomara" not in stranger.get("/").text
    assert stranger.post("/settings/security/totp").status == 403
    assert user_accounts.of(patient.patient_id).factors == 0


def test_a_stranger_who_asks_for_a_link_at_a_mistyped_address_sees_nothing_either() -> None:
    requested()
    patient, stranger = a_patient(given="Xiomara", email="typo3@example.com"), a_browser()
    ask(stranger, patient.email)
    deliver()
    token = sent_to(patient.email)[0].text.split("/sign-in/")[1].split()[0]

    page = stranger.get(f"/sign-in/{token}")
    stranger.post(f"/sign-in/{token}")

    assert "Xiomara" not in page.text + stranger.get("/").text
    assert stranger.get("/results").location.startswith(STEP)


def test_correcting_the_address_ends_what_the_stranger_has() -> None:
    patient, stranger = a_patient(email="typo4@example.com"), a_phone_app()
    open_link(stranger, invited(patient), patient)

    desk.correct_contacts(patient.patient_id, "right4@example.com", "", STAFF)

    assert stranger.get("/").status == 401
    assert "account.contacts-corrected" in events(patient)
    assert "changed" in sent_to("typo4@example.com")[-1].text
    outbox_delivery.deliver_for(patient.patient_id, "account.contacts-corrected")
    assert "changed" in sent_to("right4@example.com")[-1].text


# An old link after the address changed (V6.5.5, V6.6.2, V7.4.3).


def test_an_invitation_to_an_old_address_opens_nothing() -> None:
    patient = a_patient()
    made = invited(patient)
    now = patients.with_id(patient.patient_id)
    assert now is not None

    patients.rewrite(now.model_copy(update={"email": f"new.{patient.email}"}))

    assert open_link(a_browser(), made, patient).status == 401
    assert type_code(a_browser(), made, patient).status == 400


def test_a_sign_in_link_to_an_old_address_opens_nothing() -> None:
    requested()
    patient, browser = a_patient(), a_browser()
    ask(browser, patient.email)
    deliver()
    token = sent_to(patient.email)[0].text.split("/sign-in/")[1].split()[0]

    desk.correct_contacts(patient.patient_id, f"new.{patient.email}", "", STAFF)

    assert browser.post(f"/sign-in/{token}").status == 401


def test_an_old_address_is_sent_no_link_any_more_and_the_new_one_is() -> None:
    requested()
    patient = a_patient()
    new = f"new.{patient.email}"
    desk.correct_contacts(patient.patient_id, new, "", STAFF)
    told = len(sent_to(patient.email))

    ask(a_browser(), patient.email)
    ask(a_browser(), new)
    deliver()

    assert len(sent_to(patient.email)) == told
    assert any("/sign-in/" in each.text for each in sent_to(new))


def test_a_registration_code_to_an_old_address_opens_nothing() -> None:
    patient = a_patient()
    browser, code = registered(patient)

    desk.correct_contacts(patient.patient_id, f"new.{patient.email}", "", STAFF)

    assert browser.post("/activate/register/code", code=code).status == 400


def test_an_address_that_was_given_up_can_be_another_patients() -> None:
    requested()
    before = a_patient()
    desk.correct_contacts(before.patient_id, f"new.{before.email}", "", STAFF)
    told = len(sent_to(before.email))
    after = a_patient(given="Ben", email=before.email)

    ask(a_browser(), before.email)
    deliver()

    assert len(sent_to(before.email)) == told + 1
    assert "sign-in.link-sent" in events(after)
    assert "sign-in.link-sent" not in events(before)


# The deceased, the closed and the merged (V7.4.2; 63A: status of the record).


def test_who_has_died_is_given_nothing() -> None:
    patient = a_patient(is_deceased=True)

    for kind in Kind:
        with pytest.raises(CannotActivate):
            given(patient, kind)


def test_what_was_given_before_a_death_opens_nothing() -> None:
    patient = a_patient(given="Ana")
    made = given(patient)
    browser, code = registered(patient)

    released(an_adt("A08", who(patient) + "|" * 22 + "Y"))

    assert open_link(a_browser(), made, patient).status == 401
    assert type_code(a_browser(), made, patient).status == 400
    assert browser.post("/activate/register/code", code=code).status == 400


def test_a_closed_patient_is_signed_out_and_can_not_come_back_by_any_way() -> None:
    requested()
    patient = a_patient()
    made, cookie = given(patient), a_session(patient)

    desk.close(patient.patient_id, STAFF)

    assert a_browser(cookies={"session": cookie}).get("/").status == 303
    assert open_link(a_browser(), made, patient).status == 401
    with pytest.raises(CannotActivate):
        given(patient)
    ask(a_browser(), patient.email)
    register(a_browser(), patient)
    deliver()
    assert sent_to(patient.email) == []
    assert "account.closed" in events(patient)


def test_a_closed_patient_can_be_opened_again() -> None:
    patient = a_patient()
    desk.close(patient.patient_id, STAFF)

    desk.reopen(patient.patient_id, STAFF)

    assert open_link(a_browser(), given(patient), patient).status == 303


def test_a_retired_number_leads_to_the_survivor() -> None:
    survivor, old = a_patient(given="Ana"), a_patient(given="Ana")
    released(an_adt("A40", who(survivor), mrg(old)))
    browser = a_phone_app()

    made = activations.new(old.patient_id, Kind.DESK, STAFF)
    open_link(browser, made, survivor)

    session = sessions.live(browser.cookies["session"])
    assert session is not None
    assert session.patient_id == survivor.patient_id


def test_a_survivor_registers_with_either_number_and_gets_one_code() -> None:
    survivor, old = a_patient(given="Ana"), a_patient(given="Ana")
    released(an_adt("A40", who(survivor), mrg(old)))

    for identifier in (number(survivor), number(old)):
        registered(survivor, identifier=identifier)

    assert len(sent_to(survivor.email)) == 2
    assert sent_to(old.email) == []


def test_an_activation_made_before_a_merge_opens_neither_chart() -> None:
    survivor, old = a_patient(given="Ana"), a_patient(given="Eva")
    made = given(old)

    released(an_adt("A40", who(survivor), mrg(old)))

    assert open_link(a_browser(), made, old).status == 401
    assert live_sessions(survivor.patient_id) == 0


# Twice, at once, and again (V6.5.1, V2.3: races).


def test_two_activations_at_once_leave_one_that_opens() -> None:
    patient = a_patient()

    with ThreadPoolExecutor(4) as threads:
        many = list(threads.map(lambda _: given(patient), range(4)))

    opened = [open_link(a_browser(), each, patient).status for each in many]
    assert sorted(opened) == [303, 401, 401, 401]


def test_one_activation_opened_twelve_times_at_once_opens_one_session() -> None:
    patient = a_patient()
    made = given(patient)
    browsers = [a_browser() for _ in range(12)]

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(lambda each: open_link(each, made, patient).status, browsers))

    assert answers.count(303) == 1
    assert set(answers) <= {303, 401}
    assert live_sessions(patient.patient_id) == 1


def test_the_slower_of_two_who_come_at_once_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The faster one opens it between the slower one's look and their write."""
    patient = a_patient()
    made, faster, slower = given(patient), a_browser(), a_browser()
    really, looks = user_accounts.of, []

    def overtaken(patient_id: str) -> user_accounts.Account:
        looks.append(1)
        if len(looks) == 1:
            assert open_link(faster, made, patient).status == 303
        return really(patient_id)

    monkeypatch.setattr(user_accounts, "of", overtaken)

    assert open_link(slower, made, patient).status == 401
    assert "session" not in slower.cookies
    assert faster.get("/").status == 200


def test_an_activation_is_not_replayed_by_link_nor_by_code() -> None:
    patient = a_patient()
    made = given(patient)

    assert open_link(a_browser(), made, patient).status == 303

    assert open_link(a_browser(), made, patient).status == 401
    assert type_code(a_browser(), made, patient).status == 400


def test_parallel_guesses_do_not_outrun_the_limit() -> None:
    patient = a_patient()
    made = given(patient)
    days = [f"1970-01-{day:02}" for day in range(1, 13)]

    with ThreadPoolExecutor(12) as threads:
        guess = partial(a_browser().post, f"/activate/{made.token}")
        list(threads.map(lambda day: guess(born_on=day), days))

    row = SessionRow.get(user_accounts.pk(patient.patient_id), "activation")
    assert row.tries == activation_rows.MAX_TRIES
    assert open_link(a_browser(), made, patient).status == 401


# In other hands (63A: binding to the applicant; V6.3.8, V6.6.2).


def test_a_code_typed_for_somebody_else_is_refused_and_still_opens_for_its_owner() -> None:
    ana, ben = a_patient(), a_patient(given="Ben", birth_on="1975-06-07")
    made = given(ana)

    assert a_browser().post("/activate", code=made.code, born_on=born(ben)).status == 400
    assert type_code(a_browser(), made, ana).status == 303
    assert live_sessions(ben.patient_id) == 0


def test_a_link_forwarded_to_somebody_else_needs_what_only_its_owner_knows() -> None:
    ana, ben = a_patient(), a_patient(given="Ben", birth_on="1975-06-07")
    made, other = invited(ana), a_phone_app()

    assert open_link(other, made, ben, identifier=number(ben)).status == 400
    other.post(f"/activate/{made.token}", born_on=born(ana))

    assert other.get("/results").status == 403
    assert other.get("/settings/security").status == 403


def test_a_mail_scanner_that_follows_links_and_presses_buttons_gets_nothing() -> None:
    patient, scanner = a_patient(), a_browser()
    made = invited(patient)

    for _ in range(8):
        assert scanner.get(f"/activate/{made.token}").status == 200
        assert scanner.post(f"/activate/{made.token}", born_on="", identifier="").status == 400

    assert "session" not in scanner.cookies
    assert open_link(a_browser(), made, patient).status == 303


def test_the_page_of_a_link_of_nobodys_looks_like_any_other() -> None:
    made = given(a_patient())

    known = a_browser().get(f"/activate/{made.token}").text
    unknown = a_browser().get(f"/activate/{'A' * 22}").text

    assert known.replace(made.token, "*") == unknown.replace("A" * 22, "*")


# An account that is active already (V6.3.7, V6.4.3, V6.5.6, V7.4.3).


def test_activating_an_active_account_ends_its_other_sessions_and_devices() -> None:
    patient = a_patient()
    an_app(patient)
    cookie = a_session(patient)
    visitor = Visitor("r", "s", "en", agent="Firefox, Android")
    device = devices.remember(patient.patient_id, visitor)

    open_link(a_browser(), given(patient), patient)

    assert a_browser(cookies={"session": cookie}).get("/").status == 303
    assert not devices.is_remembered(patient.patient_id, device)
    assert live_sessions(patient.patient_id) == 1


def test_activating_an_active_account_does_not_get_round_its_second_factor() -> None:
    patient, app = a_patient(), a_phone_app()
    an_app(patient)

    open_link(app, given(patient), patient)

    assert app.get(STEP).json["stage"] == "factor"
    assert app.get("/settings/security").status == 403
    assert app.get("/results").status == 403


def test_activating_an_active_account_tells_its_owner_in_words_of_its_own() -> None:
    patient = a_patient()
    an_app(patient)

    open_link(a_browser(), given(patient), patient)

    assert "activate.activated-again" in owed(patient.patient_id)
    outbox_delivery.deliver_for(patient.patient_id, "activate.activated-again")
    assert "opened once more" in sent_to(patient.email)[-1].text


def test_a_sign_in_link_under_way_is_void_after_an_activation() -> None:
    requested()
    patient, browser = a_patient(), a_browser()
    ask(browser, patient.email)
    deliver()
    token = sent_to(patient.email)[0].text.split("/sign-in/")[1].split()[0]

    open_link(a_browser(), given(patient), patient)

    assert browser.post(f"/sign-in/{token}").status == 401


def test_signing_out_everywhere_at_the_same_moment_does_not_cost_the_activation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient, browser = a_patient(), a_browser()
    made = given(patient)
    really, calls = user_accounts.of, []

    def changed_meanwhile(patient_id: str) -> user_accounts.Account:
        account = really(patient_id)
        calls.append(1)
        if len(calls) == 1:
            user_accounts.begin_again(patient_id)
        return account

    monkeypatch.setattr(user_accounts, "of", changed_meanwhile)

    assert open_link(browser, made, patient).status == 303
    assert browser.get("/").status == 200


def test_no_account_is_opened_that_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Session, audit row and the owner's message are one transaction: all or none, and the
    activation is not lost."""
    patient, browser = a_patient(), a_browser()
    made = given(patient)
    really, asked = BaseClient._make_api_call, []  # type: ignore[attr-defined]

    def down(self: Any, operation: str, request: Any) -> Any:
        if operation == "TransactWriteItems":
            parts = [next(iter(part.values())) for part in request["TransactItems"]]
            asked.append({part["TableName"] for part in parts})
            raise EndpointConnectionError(endpoint_url="")
        return really(self, operation, request)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", down)
        assert open_link(browser, made, patient).status == 503

    assert asked[0] == {"audit", "care", "sessions"}
    assert "session" not in browser.cookies
    assert live_sessions(patient.patient_id) == 0
    assert open_link(browser, made, patient).status == 303


# Confidence is stored, and is never lowered by a weaker proof.


def test_an_invitation_after_the_desk_lowers_nothing() -> None:
    patient = a_patient()
    open_link(a_browser(), given(patient), patient)

    open_link(a_browser(), invited(patient), patient)

    assert user_accounts.of(patient.patient_id).confidence is Confidence.PROOFED


def test_a_new_session_id_at_every_rise() -> None:
    """V7.2.4: what the transaction opened is not what the browser is given."""
    patient, browser = a_patient(), a_browser()

    open_link(browser, given(patient), patient)

    (listed,) = sessions.listed(patient.patient_id)
    assert listed.session_id == hashed(browser.cookies["session"])
