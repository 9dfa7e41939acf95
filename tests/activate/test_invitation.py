"""An invitation to the contact on file, and a letter: no identity card was seen."""

import itertools
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.activate.openings import STAFF, STEP, events, given, number, open_link, type_code
from tests.builders import a_patient
from tests.stores import sent_to
from tests.visitors import a_browser
from tests.visitors import an_app as a_phone_app

from portal import invitations, notify, pages, sessions, user_accounts
from portal.activations import Activation, CannotActivate, Kind
from portal.errors import Unavailable
from portal.methods import Confidence, Method
from portal.moments import now
from portal.patients import Patient
from portal.tables import AuditRow

pytestmark = pytest.mark.usefixtures("portal")
_phones = itertools.count(1)


def a_phone_number() -> str:
    return f"+1555017{next(_phones):04}"


def invited(patient: Patient) -> Activation:
    invitations.send(patient.patient_id, STAFF)
    text = sent_to(patient.email or patient.phone)[-1].text
    token = re.search(r"/activate/([\w-]{22})", text)
    code = re.search(r"(?:[0-9A-Z]{5}-){2}[0-9A-Z]{5}", text)
    assert token
    return Activation(token[1], code[0] if code else "", now())


def confidence(patient: Patient) -> Confidence:
    return user_accounts.of(patient.patient_id).confidence


def test_an_invitation_goes_to_the_mailbox_and_names_nobody() -> None:
    patient = a_patient(given="Xiomara", family="Quintanilla")

    invited(patient)

    (mail,) = sent_to(patient.email)
    for secret in (patient.given, patient.family, number(patient), patient.birth_on.isoformat()):
        assert secret not in mail.text
    assert events(patient) == ["activate.made", "activate.sent"]


def test_without_a_mailbox_it_goes_to_the_phone_and_fits_one_text_message() -> None:
    patient = a_patient(email="", phone=a_phone_number())

    invited(patient)

    (text,) = sent_to(patient.phone)
    assert text.channel == "sms"
    assert len(text.text) <= 160


def test_without_either_staff_is_told_so() -> None:
    patient = a_patient(email="")

    with pytest.raises(invitations.NoContact):
        invitations.send(patient.patient_id, STAFF)
    with pytest.raises(CannotActivate):
        invitations.send("nobody", STAFF)
    assert events(patient) == []


def test_it_opens_with_the_birth_date_and_shows_no_result_before_the_number_is_known() -> None:
    patient, app = a_patient(), a_phone_app()

    assert open_link(app, invited(patient), patient).json == {"next": STEP}

    assert app.get(STEP).json["stage"] == "proof"
    assert app.get("/results").status == 403
    assert app.get("/settings/security").status == 403, "no factor can be set up either"
    assert confidence(patient) is Confidence.ON_FILE


def test_whoever_has_the_number_at_hand_types_both_at_once() -> None:
    patient, app = a_patient(), a_phone_app()
    made = invited(patient)

    page = a_browser().get(f"/activate/{made.token}")
    open_link(app, made, patient, identifier=number(patient).lower())

    assert 'name="identifier"' in page.text
    assert app.get(STEP).json["stage"] == "begin"
    assert app.get("/settings/security").status == 200
    assert confidence(patient) is Confidence.PROOFED


def test_whoever_has_it_later_types_it_in_the_next_step() -> None:
    patient, app = a_patient(), a_phone_app()
    open_link(app, invited(patient), patient)

    app.post("/sign-in/step/proof", born_on="1980-02-03", identifier=number(patient))

    assert app.get(STEP).json["stage"] == "begin"
    assert confidence(patient) is Confidence.PROOFED


def test_a_wrong_number_is_refused_and_counted() -> None:
    patient, app = a_patient(), a_phone_app()
    made = invited(patient)

    wrong = [open_link(app, made, patient, identifier=f"X{n}").status for n in range(5)]

    assert wrong == [400] * 5
    assert open_link(app, made, patient, identifier=number(patient)).status == 401
    assert confidence(patient) is Confidence.ON_FILE


def test_its_code_is_typed_by_those_whose_phone_shows_no_links() -> None:
    patient, app = a_patient(), a_phone_app()

    type_code(app, invited(patient), patient)

    assert app.get(STEP).json["stage"] == "proof"


@pytest.mark.parametrize(
    ("contact", "method"), [("email", Method.EMAIL_LINK), ("phone", Method.PHONE_LINK)]
)
def test_a_message_and_a_code_to_the_same_phone_are_one_way(contact: str, method: Method) -> None:
    other = {"email": "", "phone": a_phone_number()} if contact == "phone" else {}
    patient, app = a_patient(**other), a_phone_app()
    open_link(app, invited(patient), patient)

    session = sessions.live(app.cookies["session"])

    assert session is not None
    assert session.methods == {method}


def test_a_letter_proofs_an_address_only() -> None:
    patient, app = a_patient(email=""), a_phone_app()

    open_link(app, given(patient, Kind.LETTER), patient)

    assert app.get(STEP).json["stage"] == "proof"
    assert confidence(patient) is Confidence.ON_FILE


def test_it_is_in_the_patients_language(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    render = pages.render_text

    def noted(template: str, language: str, **facts: Any) -> pages.Message:
        asked.append(language)
        return render(template, language, **facts)

    monkeypatch.setattr(pages, "render_text", noted)

    invited(a_patient(language="es"))

    assert asked == ["es"]


def test_no_invitation_leaves_the_portal_that_the_audit_does_not_know(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()

    def down(*_: Any) -> None:
        raise ClientError({"Error": {"Code": "Throttled", "Message": ""}}, "PutItem")

    monkeypatch.setattr(AuditRow, "save", down)
    sent: list[str] = []
    monkeypatch.setattr(notify, "send_email", lambda *each: sent.append(each[0]))

    with pytest.raises(Unavailable):
        invitations.send(patient.patient_id, STAFF)
    assert sent == []
