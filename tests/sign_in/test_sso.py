"""Signing in with a hospital's own sign-in, as each vendor has it."""

import pytest
from infra.local.ehr_profiles import ATHENA, EPIC, ORACLE, Profile
from infra.local.ehr_sign_in import Client as OurClient
from infra.local.ehr_sign_in import EhrSignIn
from tests.builders import a_patient, a_phone, a_visitor
from tests.client import Client
from tests.clock import held
from tests.sign_in.hospital import (
    SECRET,
    at_hospital,
    begun,
    changed,
    keep,
    parts_of,
    pressed,
    signs_in,
)
from tests.visitors import HTTPS_URL, a_browser, an_app, nobodys_trail, on_https

from portal import (
    audit,
    devices,
    organisations,
    outbox_delivery,
    patients,
    sessions,
    sso_links,
    user_accounts,
)
from portal.aws import client as aws_client
from portal.methods import Assurance, Confidence, Method
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

VENDORS = ("epic", "oracle", "athena", "old")
TWO = (("acr", "urn:two"),)


def session_of(browser: Client) -> sessions.Session:
    found = sessions.live(browser.cookies["session"])
    assert found
    return found


def events(patient: Patient) -> list[str]:
    return [row.event for row in audit.of_patient(patient.patient_id)]


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_patient_signs_in_with_their_hospital(vendor: str, ehr: EhrSignIn) -> None:
    patient = a_patient()
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, patient), f"{vendor}-hospital")

    assert (answer.status, answer.location) == (303, "/sign-in/step?return_to=%2F")
    assert session_of(browser).patient_id == patient.patient_id
    assert session_of(browser).methods == {Method.SSO}
    assert user_accounts.of(patient.patient_id).confidence is Confidence.PROOFED
    assert "browser" not in browser.cookies


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_second_time_the_hospital_is_known_and_the_record_is_not_read(
    vendor: str, ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = a_patient()
    sub = at_hospital(ehr, patient)
    signs_in(a_browser(), sub, f"{vendor}-hospital")
    browser = a_browser()

    monkeypatch.setattr(ehr, "patient", None)
    signs_in(browser, sub, f"{vendor}-hospital")

    assert session_of(browser).patient_id == patient.patient_id
    assert len(sso_links.of(patient.patient_id)) == 1


def test_the_first_time_leads_to_setting_up_a_second_step(ehr: EhrSignIn) -> None:
    browser = a_browser()

    step = browser.get(signs_in(browser, at_hospital(ehr, a_patient())).location)

    assert "Choose a second step" in step.text
    assert session_of(browser).standing.may_begin


def test_a_hospital_that_asked_for_two_factors_counts_as_two(ehr: EhrSignIn) -> None:
    patient = a_patient()
    browser = a_browser()

    answer = signs_in(browser, at_hospital(ehr, patient, claims=TWO))

    assert answer.location == "/"
    assert session_of(browser).methods == {Method.SSO_TWO_FACTOR}
    assert browser.get("/results").status == 200


@pytest.mark.parametrize(
    "claims",
    [
        (("amr", ["pwd"]),),
        (("acr", "urn:one"),),
        (("acr", "urn:two"), ("auth_time", None)),
        (("acr", "urn:two"), ("auth_time", 1_000_000_000)),
        (("acr", ["urn:two"]),),
    ],
)
def test_anything_less_than_two_factors_just_now_is_one(
    claims: tuple[tuple[str, object], ...], ehr: EhrSignIn
) -> None:
    browser = a_browser()

    signs_in(browser, at_hospital(ehr, a_patient(), claims=claims))

    assert session_of(browser).standing.assurance is Assurance.LINK
    assert browser.get("/results").status == 303


def test_amr_tells_of_two_factors_as_well(ehr: EhrSignIn) -> None:
    browser = a_browser()

    signs_in(browser, at_hospital(ehr, a_patient(), claims=(("amr", ["pwd", "mfa"]),)))

    assert session_of(browser).methods == {Method.SSO_TWO_FACTOR}


def test_a_remembered_device_is_the_second_step(ehr: EhrSignIn) -> None:
    patient = a_patient()
    sub = at_hospital(ehr, patient)
    signs_in(a_browser(), sub)
    a_phone(patient)
    device = devices.remember(patient.patient_id, a_visitor())
    browser = a_browser(cookies={"device": device})

    assert signs_in(browser, sub).location == "/"

    assert session_of(browser).methods == {Method.SSO, Method.DEVICE}


def test_with_factors_of_their_own_the_hospital_is_the_first_step_only(ehr: EhrSignIn) -> None:
    patient = a_patient()
    sub = at_hospital(ehr, patient)
    signs_in(a_browser(), sub)
    a_phone(patient)
    browser = a_browser()

    step = browser.get(signs_in(browser, sub).location)

    assert "show once more that it is you" in step.text
    assert not session_of(browser).standing.may_begin


def test_all_is_in_the_trail_and_the_owner_is_told_once(ehr: EhrSignIn) -> None:
    patient = a_patient()
    sub = at_hospital(ehr, patient)
    browser = a_browser()
    signs_in(browser, sub)
    signs_in(a_browser(), sub)

    signed_in = [row for row in audit.of_patient(patient.patient_id) if "signed-in" in row.event]
    assert [row.about for row in signed_in] == ["sso", "sso"]
    assert events(patient).count("sign-in.sso-connected") == 1
    assert [row.event for row in nobodys_trail(browser)] == ["sign-in.sso-begun"]
    assert outbox_delivery.deliver_for(patient.patient_id, "sign-in.sso-connected") == 1


def test_a_session_of_somebody_else_in_this_browser_ends(ehr: EhrSignIn) -> None:
    one, other = a_patient(), a_patient()
    browser = a_browser()
    signs_in(browser, at_hospital(ehr, one))
    before = browser.cookies["session"]

    signs_in(browser, at_hospital(ehr, other))

    assert sessions.live(before) is None
    assert session_of(browser).patient_id == other.patient_id


def test_the_page_lists_hospitals_and_says_so_when_there_are_none(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = a_browser()
    listed = browser.get("/sign-in/with").text
    assert ehr.url not in listed
    assert "Epic hospital" in listed
    assert 'action="/sign-in/with/oracle-hospital"' in listed

    monkeypatch.setattr("portal.organisations.everyone", dict)

    assert "No hospital is set up" in browser.get("/sign-in/with").text


def test_an_unknown_hospital_is_a_missing_page() -> None:
    assert a_browser().post("/sign-in/with/nowhere").status == 404
    assert a_browser().post("/sign-in/with/..%2Fsenders").status == 404


def test_the_page_goes_on_by_itself_and_has_a_link_besides(ehr: EhrSignIn) -> None:
    """A redirect of a form would be held against form-action at every step of the hospital's."""
    browser = a_browser()

    page = browser.post("/sign-in/with/epic-hospital")

    assert page.status == 200
    assert "form-action 'self';" in page.headers["content-security-policy"]
    assert page.text.count(f"{ehr.url}/epic/oauth2/authorize?") == 2
    assert 'rel="external noreferrer"' in page.text


def test_an_app_is_told_the_address(ehr: EhrSignIn) -> None:
    patient = a_patient()
    app = an_app()
    url = app.post("/sign-in/with/epic-hospital").json["url"]

    answer = app.get(pressed(url, at_hospital(ehr, patient)))

    assert answer.json == {"next": "/sign-in/step?return_to=%2F"}
    assert session_of(app).patient_id == patient.patient_id


def test_what_is_asked_of_the_hospital(ehr: EhrSignIn) -> None:
    asked = parts_of(begun(a_browser()))

    assert asked["response_type"] == "code"
    assert asked["client_id"] == "portal"
    assert asked["aud"] == f"{ehr.url}{EPIC.fhir}"
    assert asked["scope"] == "openid fhirUser launch/patient patient/Patient.read"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["state"]) == 43
    assert len(asked["nonce"]) == 43
    again = parts_of(begun(a_browser()))
    for name in ("state", "nonce", "code_challenge"):
        assert again[name] != asked[name]


@pytest.mark.parametrize("profile", [EPIC, ORACLE, ATHENA], ids=lambda each: each.name)
def test_a_secret_of_ours_comes_from_its_parameter(profile: Profile, ehr: EhrSignIn) -> None:
    aws_client("ssm").put_parameter(
        Name="/portal/test/organisations/epic", Value=SECRET, Type="SecureString", Overwrite=True
    )
    callback = ehr.clients["portal"].redirect_uri
    ehr.clients["portal"] = OurClient("portal", callback, SECRET)
    keep(ehr, profile, 'client_secret_parameter = "/portal/test/organisations/epic"')
    browser = a_browser()

    signs_in(browser, at_hospital(ehr, a_patient()), f"{profile.name}-hospital")

    assert "session" in browser.cookies


def test_a_wrong_secret_signs_nobody_in(ehr: EhrSignIn) -> None:
    callback = ehr.clients["portal"].redirect_uri
    ehr.clients["portal"] = OurClient("portal", callback, "another")
    browser = a_browser()

    assert signs_in(browser, at_hospital(ehr, a_patient())).status == 403
    assert "session" not in browser.cookies


def test_ten_minutes_later_it_must_start_again(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = held(monkeypatch)
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))
    clock.advance(minutes=10, seconds=1)

    answer = browser.get(back)

    assert answer.status == 400
    assert "Please start again" in answer.text
    assert "session" not in browser.cookies


@pytest.mark.usefixtures("ehr")
@pytest.mark.parametrize("error", ["access_denied", "login_required", "<script>"])
def test_a_hospital_that_says_no_is_a_page_that_says_what_to_do(error: str) -> None:
    browser = a_browser()
    state = parts_of(begun(browser))["state"]

    answer = browser.get(
        changed(f"/sign-in/callback?state={state}", error=error, error_description="Pay up")
    )

    assert answer.status == 400
    assert "Your hospital did not sign you in" in answer.text
    assert "Pay up" not in answer.text
    assert error not in answer.text
    assert nobodys_trail(browser)[-1].why == "sso-denied"
    assert nobodys_trail(browser)[-1].about == "epic-hospital"


def test_a_no_ends_the_state_too(ehr: EhrSignIn) -> None:
    browser = a_browser()
    back = pressed(begun(browser), at_hospital(ehr, a_patient()))
    browser.get(changed(back, code="", error="access_denied"))

    assert "Please start again" in browser.get(back).text


def test_names_are_compared_as_messages_compare_them(ehr: EhrSignIn) -> None:
    patient = a_patient(family="Hernández Peña", given="Lucía")
    browser = a_browser()

    signs_in(browser, at_hospital(ehr, patient, family="HERNANDEZ", given="LUCIA MARIA"))

    assert session_of(browser).patient_id == patient.patient_id


def test_a_sign_in_of_a_merged_record_opens_the_one_it_went_into(ehr: EhrSignIn) -> None:
    retired, survivor = a_patient(), a_patient()
    sub = at_hospital(ehr, retired)
    signs_in(a_browser(), sub)
    merge(retired, survivor)
    browser = a_browser()

    signs_in(browser, sub)

    assert session_of(browser).patient_id == survivor.patient_id
    assert [each.organisation_id for each in sso_links.of(survivor.patient_id)] == ["epic-hospital"]
    assert sso_links.of(retired.patient_id) == []


def merge(retired: Patient, survivor: Patient) -> None:
    retired = patients.with_id(retired.patient_id) or retired
    survivor = patients.with_id(survivor.patient_id) or survivor
    patients.rewrite(
        survivor.model_copy(
            update={"former": retired.identifiers, "absorbed": (retired.patient_id,)}
        ),
        retired.model_copy(update={"replaced_by": survivor.patient_id}),
    )


def test_behind_https_nothing_but_https_is_asked(
    ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stand-in is plain http: the deployed portal must not even look at it."""
    monkeypatch.setattr(ehr, "answer", None)
    with on_https(monkeypatch):
        browser = a_browser(origin=HTTPS_URL)
        organisations.forget()

        assert "Epic hospital" not in browser.get("/sign-in/with").text
        assert browser.post("/sign-in/with/epic-hospital").status == 404
    organisations.forget()
