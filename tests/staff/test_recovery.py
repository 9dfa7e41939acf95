"""Recovery by staff: what was lost opens the account no more, and the patient hears of it."""

from urllib.parse import quote

import pytest
from pynamodb.exceptions import PutError
from tests.builders import a_patient, a_phone, a_session, a_visitor, an_app
from tests.clock import held
from tests.staff.colleagues import a_colleague, asked, id_of, trail
from tests.stores import sent_to
from tests.visitors import a_browser

from portal import (
    activations,
    devices,
    factors,
    links,
    outbox_delivery,
    passwords,
    recovery_codes,
    sessions,
    sso_links,
    user_accounts,
)
from portal.audit import Event
from portal.errors import LinkIsSpent
from portal.factors import Factor
from portal.methods import Method
from portal.passkey_rows import is_known, lookup_row
from portal.patients import Patient
from portal.roles import Role
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")


def at(patient: Patient) -> str:
    return f"/staff/patients/{patient.patient_id}/recover"


def a_passkey(patient: Patient) -> str:
    """Its credential id."""
    credential_id = f"credential-{patient.patient_id}"
    secret = {"credential_id": credential_id, "public_key": "AA", "transports": []}
    factor = Factor(Method.PASSKEY, "A phone", secret)
    factors.add(patient.patient_id, factor, lookup_row(factor, patient.patient_id))
    return credential_id


def whole(**facts: object) -> Patient:
    """Somebody with every way to sign in."""
    patient = a_patient(**facts)
    an_app(patient)
    a_phone(patient)
    a_passkey(patient)
    factors.add(patient.patient_id, recovery_codes.factor(recovery_codes.new()))
    passwords.keep(patient.patient_id, "correct horse battery staple")
    sso_links.add(patient.patient_id, "epic-hospital", f"blind-{patient.patient_id}")
    return patient


def test_all_ways_are_taken_away_and_everything_is_signed_out() -> None:
    patient = whole(phone="+15555550191")
    browser = a_browser(cookies={"session": a_session(patient)})
    device = devices.remember(patient.patient_id, a_visitor())
    link = links.new(patient.patient_id, "")
    code = activations.new(patient.patient_id, activations.Kind.PAPER, "staff-x").code
    desk = a_colleague(Role.FRONT_DESK)
    assert "Passkey" in desk.get(at(patient)).text

    done = desk.post(at(patient), lost="all", seen="yes")

    assert done.location == f"/staff/patients/{patient.patient_id}?done=recovered"
    assert "Give them a code now" in desk.get(done.location).text
    assert factors.of(patient.patient_id) == []
    assert user_accounts.of(patient.patient_id).factors == 0
    assert not is_known(f"credential-{patient.patient_id}")
    assert passwords.of(patient.patient_id) is None
    assert sso_links.of(patient.patient_id) == []
    assert sessions.live(browser.cookies["session"]) is None
    assert not devices.is_remembered(patient.patient_id, device)
    with pytest.raises(LinkIsSpent):
        links.spend(link.token, a_visitor(), link.code)
    assert a_browser().post("/activate", code=code, born_on="1980-02-03").status == 400


def test_the_patient_is_told_by_every_channel() -> None:
    patient = whole(phone="+15555550192")
    a_colleague(Role.FRONT_DESK).post(at(patient), lost="all", seen="yes")

    outbox_delivery.deliver_for(patient.patient_id, "")

    assert "removed ways to sign in" in sent_to(patient.email)[-1].text
    assert "removed ways to sign in" in sent_to(patient.phone)[-1].text
    (row,) = trail(patient, Event.ACCOUNT_NOTIFIED)
    assert row.why == "account-security"


def test_one_way_alone_is_taken_away() -> None:
    patient = whole()
    ways = asked(desk := a_colleague(Role.FRONT_DESK), "GET", at(patient)).json["ways"]
    assert len(ways) == 6

    for way in ways:
        before = asked(desk, "GET", at(patient)).json["ways"]
        assert asked(desk, "POST", at(patient), lost=way["way_id"], seen="yes").status == 200
        after = asked(desk, "GET", at(patient)).json["ways"]
        assert [each for each in before if each not in after] == [way]

    assert not is_known(f"credential-{patient.patient_id}")


def test_it_is_recorded_with_who_did_it_before_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """REG-005, REG-032: privilege changes, too."""
    patient = whole()
    desk = a_colleague(Role.FRONT_DESK)

    def down(*_: object, **__: object) -> None:
        raise PutError

    with monkeypatch.context() as patch:
        patch.setattr(AuditRow, "save", down)
        assert desk.post(at(patient), lost="all", seen="yes").status == 503
    assert len(factors.of(patient.patient_id)) == 4

    desk.post(at(patient), lost="all", seen="yes")
    (row,) = trail(patient, Event.ACCOUNT_RECOVERED)
    assert (row.actor, row.about, row.outcome) == (id_of(desk), "all", "done")


def test_what_was_chosen_stays_when_something_is_missing() -> None:
    patient, desk = whole(), a_colleague(Role.FRONT_DESK)

    only_lost = desk.post(at(patient), lost="all").text
    only_seen = desk.post(at(patient), seen="yes").text
    neither = desk.post(at(patient)).text

    assert 'value="all" required checked' in only_lost
    assert 'name="seen" value="yes" required checked' in only_seen
    assert "identity card first" in neither
    assert "which way to sign in was lost" in neither
    assert "checked" not in neither


def test_it_needs_a_sign_in_of_minutes_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = held(monkeypatch)
    patient, desk = whole(), a_colleague(Role.FRONT_DESK)

    clock.advance(minutes=10, seconds=1)
    sent = desk.post(at(patient), lost="all", seen="yes")

    assert sent.location == f"/staff/sign-in?because=step&return_to={quote(at(patient), safe='')}"
    assert "Nothing was done yet" in desk.get(sent.location).text
    assert len(factors.of(patient.patient_id)) == 4


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        ({"lost": "all"}, "identity card first"),
        ({"seen": "yes"}, "which way to sign in was lost"),
        ({"seen": "yes", "lost": "0" * 32}, "which way to sign in was lost"),
        ({"seen": "yes", "lost": "hospital-other"}, "which way to sign in was lost"),
    ],
)
def test_it_needs_a_card_and_something_lost(fields: dict[str, str], advice: str) -> None:
    patient = whole()

    page = a_colleague(Role.FRONT_DESK).post(at(patient), **fields)

    assert page.status == 400
    assert advice in page.text
    assert trail(patient, Event.ACCOUNT_RECOVERED) == []
    assert len(factors.of(patient.patient_id)) == 4


def test_another_patients_factor_is_not_this_ones() -> None:
    patient, other = whole(), whole()
    theirs = factors.of(other.patient_id)[0].factor_id

    assert a_colleague(Role.FRONT_DESK).post(at(patient), lost=theirs, seen="yes").status == 400
    assert len(factors.of(other.patient_id)) == 4


def test_secrets_and_numbers_are_not_shown() -> None:
    patient = whole(phone="+15555550193")

    page = a_colleague(Role.FRONT_DESK).get(at(patient)).text

    for hidden in ("+15555550142", "credential-", patient.email, patient.phone):
        assert hidden not in page
