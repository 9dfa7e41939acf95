"""Connecting hospitals to an account that is somebody's already, and removing them."""

import pytest
from infra.local.ehr_sign_in import EhrSignIn
from tests.builders import a_link_session, a_patient, a_phone, a_visitor
from tests.clock import held
from tests.sign_in.hospital import at_hospital, connects, pressed, sent_to, signs_in
from tests.visitors import a_browser, an_app, signed_in

from portal import audit, devices, outbox_delivery, sessions, sso_links
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")


def an_owner() -> Patient:
    """Somebody who has made their account their own."""
    patient = a_patient()
    a_phone(patient)
    return patient


def whys(patient: Patient) -> list[str]:
    return [row.why for row in audit.of_patient(patient.patient_id) if row.outcome == "refused"]


def test_an_account_in_use_is_not_taken_over_by_a_hospital_account(ehr: EhrSignIn) -> None:
    patient = an_owner()
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, patient))

    assert answer.status == 403
    assert "One more step to connect your hospital" in answer.text
    assert "session" not in browser.cookies
    assert sso_links.of(patient.patient_id) == []
    assert whys(patient) == ["sso-in-use"]


def test_five_tries_to_take_an_account_over_are_told_to_its_owner(ehr: EhrSignIn) -> None:
    patient = an_owner()
    sub = at_hospital(ehr, patient)

    for _ in range(5):
        signs_in(a_browser(), sub)

    assert outbox_delivery.deliver_for(patient.patient_id, "sign-in.many-refusals") == 1


def test_another_account_of_the_same_hospital_does_not_take_over_either(ehr: EhrSignIn) -> None:
    patient = a_patient()
    signs_in(a_browser(), at_hospital(ehr, patient))
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, patient, sub="a-second-account"))

    assert "One more step to connect your hospital" in answer.text
    assert len(sso_links.of(patient.patient_id)) == 1


def test_the_owner_connects_hospitals_and_then_signs_in_with_each(ehr: EhrSignIn) -> None:
    patient = an_owner()
    owner = signed_in(patient)
    epic, oracle = at_hospital(ehr, patient), at_hospital(ehr, patient, sub="at-oracle")

    assert connects(owner, epic).location == "/sign-in/hospitals"
    connects(owner, oracle, "oracle-hospital")

    listed = [each.organisation_id for each in sso_links.of(patient.patient_id)]
    assert listed == ["epic-hospital", "oracle-hospital"]
    assert owner.get("/sign-in/hospitals").text.count("Connected:") == 2
    for sub, name in ((epic, "epic-hospital"), (oracle, "oracle-hospital")):
        browser = a_browser()
        signs_in(browser, sub, name)
        found = sessions.live(browser.cookies["session"])
        assert found
        assert found.patient_id == patient.patient_id


def test_connecting_twice_changes_nothing(ehr: EhrSignIn) -> None:
    patient = an_owner()
    owner = signed_in(patient)
    sub = at_hospital(ehr, patient)
    connects(owner, sub)

    assert connects(owner, sub).status == 303
    assert len(sso_links.of(patient.patient_id)) == 1


def test_connecting_ends_other_sessions_and_tells_the_owner(ehr: EhrSignIn) -> None:
    patient = an_owner()
    other, owner = signed_in(patient), signed_in(patient)
    device = devices.remember(patient.patient_id, a_visitor())

    connects(owner, at_hospital(ehr, patient))

    assert owner.get("/").status == 200
    assert other.get("/").status == 303
    assert not devices.is_remembered(patient.patient_id, device)
    assert outbox_delivery.deliver_for(patient.patient_id, "sign-in.sso-connected") == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_alone_may_not_connect_a_hospital(method: str) -> None:
    browser = an_app(cookies={"session": a_link_session(an_owner())})
    path = "/sign-in/hospitals" + ("/epic-hospital" if method == "POST" else "")

    answer = browser.send(method, path, b"", {})

    assert answer.status == 403
    assert answer.json["needs"] == "/sign-in/step"


def test_it_takes_a_factor_shown_just_now(ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    owner = signed_in(an_owner())
    clock.advance(minutes=11)

    page = owner.get("/sign-in/hospitals")
    assert "Show that it is you" in page.text
    assert ">Connect<" not in page.text
    assert owner.post("/sign-in/hospitals/epic-hospital").status == 403
    assert owner.post("/sign-in/hospitals/epic-hospital/remove").status == 403
    assert ehr.codes == {}


def test_somebody_elses_hospital_account_cannot_be_connected(ehr: EhrSignIn) -> None:
    patient, other = an_owner(), an_owner()
    owner = signed_in(patient)

    answer = connects(owner, at_hospital(ehr, other))

    assert answer.status == 403
    assert sso_links.of(patient.patient_id) == sso_links.of(other.patient_id) == []
    assert whys(patient) == ["sso-no-match"]


def test_an_account_that_opens_another_record_cannot_be_connected(ehr: EhrSignIn) -> None:
    """Not even where the hospital has moved the account to this patient meanwhile."""
    first, second = a_patient(), an_owner()
    sub = at_hospital(ehr, first)
    signs_in(a_browser(), sub)
    at_hospital(ehr, second, sub=sub)

    answer = connects(signed_in(second), sub)

    assert "belongs to somebody else" in answer.text
    assert sso_links.of(second.patient_id) == []
    assert len(sso_links.of(first.patient_id)) == 1


def test_a_return_for_another_session_than_began_it_connects_nothing(ehr: EhrSignIn) -> None:
    patient, other = an_owner(), an_owner()
    browser = signed_in(patient)
    page = browser.post("/sign-in/hospitals/epic-hospital")
    back = pressed(sent_to(page), at_hospital(ehr, patient))
    browser.cookies["session"] = signed_in(other).cookies["session"]

    answer = browser.get(back)

    assert answer.status == 400
    assert sso_links.of(patient.patient_id) == sso_links.of(other.patient_id) == []


def test_signed_out_meanwhile_connects_nothing(ehr: EhrSignIn) -> None:
    patient = an_owner()
    browser = signed_in(patient)
    page = browser.post("/sign-in/hospitals/epic-hospital")
    back = pressed(sent_to(page), at_hospital(ehr, patient))
    sessions.end_all(patient.patient_id)

    assert browser.get(back).location == "/sign-in?because=idle"
    assert sso_links.of(patient.patient_id) == []


def test_a_removed_hospital_opens_nothing_and_leaves_no_way_in(ehr: EhrSignIn) -> None:
    patient = an_owner()
    owner, sub = signed_in(patient), at_hospital(ehr, patient)
    connects(owner, sub)

    assert owner.post("/sign-in/hospitals/epic-hospital/remove").location == "/sign-in/hospitals"

    assert sso_links.of(patient.patient_id) == []
    assert "One more step to connect" in signs_in(a_browser(), sub).text
    assert outbox_delivery.deliver_for(patient.patient_id, "sign-in.sso-removed") == 1
    assert owner.post("/sign-in/hospitals/epic-hospital/remove").status == 404


def test_nobody_removes_another_patients_hospital(ehr: EhrSignIn) -> None:
    patient = an_owner()
    connects(signed_in(patient), at_hospital(ehr, patient))

    assert signed_in(an_owner()).post("/sign-in/hospitals/epic-hospital/remove").status == 404
    assert len(sso_links.of(patient.patient_id)) == 1
