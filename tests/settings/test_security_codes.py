"""Making recovery codes."""

import pytest
from tests.builders import a_patient, a_phone, a_session
from tests.client import Client
from tests.settings.accounts import PAGE, by_link, events, reachable, told
from tests.visitors import an_app, signed_in

from portal import factors, recovery_codes, user_accounts
from portal.methods import Confidence, Method
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

PATH = f"{PAGE}/recovery-codes"


def prepared() -> tuple[Patient, Client]:
    patient = reachable()
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    a_phone(patient)
    return patient, an_app(cookies={"session": a_session(patient)})


def opens(patient: Patient, code: str) -> bool:
    browser = by_link(patient)
    return browser.post("/sign-in/step/code", method="recovery-code", code=code).status == 303


def test_ten_codes_are_shown_once_to_print() -> None:
    patient = a_patient()
    a_phone(patient)
    browser = signed_in(patient)

    assert "Make ten codes" in browser.get(PATH).text
    made = browser.post(PATH)

    assert made.status == 200
    codes = [line for line in made.text.splitlines() if line.startswith("<li><code>")]
    assert len(set(codes)) == 10
    assert "no-store" in made.headers["cache-control"]
    for page in (browser.get(PATH), browser.get(PAGE)):
        assert not any(code in page.text for code in codes)
    assert "settings.recovery-codes-made" in events(patient)


def test_each_code_opens_the_record_once() -> None:
    patient, app = prepared()
    codes = app.post(PATH).json["codes"]

    assert [opens(patient, codes[0]) for _ in range(2)] == [True, False]
    assert opens(patient, codes[1].upper().replace("-", " "))
    (factor,) = factors.of(patient.patient_id, Method.RECOVERY_CODE)
    assert recovery_codes.left(factor) == 8
    assert "8 codes left" in signed_in(patient).get(PAGE).text


def test_new_codes_take_the_place_of_the_old() -> None:
    patient, app = prepared()
    old = app.post(PATH).json["codes"]
    assert "will stop working" in signed_in(patient).get(PATH).text

    new = app.post(PATH).json["codes"]

    assert not set(old) & set(new)
    assert not opens(patient, old[0])
    assert opens(patient, new[0])
    assert len(factors.of(patient.patient_id, Method.RECOVERY_CODE)) == 1
    assert user_accounts.of(patient.patient_id).factors == 2


def test_the_owner_is_told_of_new_codes() -> None:
    patient, app = prepared()

    app.post(PATH)

    assert all("New recovery codes were made" in each for each in told(patient))


def test_the_codes_are_in_no_store() -> None:
    patient, app = prepared()
    codes = app.post(PATH).json["codes"]
    (factor,) = factors.of(patient.patient_id, Method.RECOVERY_CODE)

    kept = str(factor.secret)

    assert not any(code in kept or code.replace("-", "").upper() in kept for code in codes)
