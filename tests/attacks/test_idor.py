"""Every id in every place: another's is answered as what never was, byte for byte, and recorded."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import quote

import pytest
from tests.attacks.scenes import a_chart, anybody, inside, is_out, known
from tests.authenticator import SIGN_IN, a_passkey, options_for, sent
from tests.builders import a_visitor, an_app
from tests.client import Client, Response, actions
from tests.family.test_by_law import requested
from tests.family.ties import a_child
from tests.family.ties import a_grant as a_grant_between
from tests.staff.colleagues import a_colleague, a_review, id_of
from tests.visitors import a_browser

from portal import break_glass, devices, factors, push_devices
from portal.audit import Event
from portal.break_glass import Cause
from portal.push_devices import Kind, PushDevice
from portal.roles import Role
from portal.secrets_kept import hashed
from portal.staff_access import StaffCaller
from portal.tables import AuditRow

type Ids = dict[str, str]
type Key = tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """`things`: ids of a victim's. `thief`: who tries them. `status`: what both tries get."""

    things: Callable[[], Ids]
    thief: Callable[[], Client]
    status: int = 404


def a_thief() -> Client:
    return inside(anybody())


def a_report() -> Ids:
    return {"report_id": a_chart().ids["report_id"]}


def a_document() -> Ids:
    return dict(a_chart().ids)


def a_session_id() -> Ids:
    return {"session_id": hashed(inside(known()).cookies["session"])}


def a_device_id() -> Ids:
    return {"device_id": hashed(devices.remember(known().patient_id, a_visitor()))}


def a_factor_id() -> Ids:
    patient = known()
    an_app(patient)
    return {"factor_id": factors.of(patient.patient_id)[0].factor_id}


def a_patient_id() -> Ids:
    return {"patient_id": known().patient_id}


def a_chart_of_staff() -> Ids:
    return {"patient_id": a_chart().patient.patient_id, "report_id": a_chart().ids["report_id"]}


def an_officers_review() -> Ids:
    return {"review_id": a_review(known(), Event.BREAK_GLASS_OPENED)}


def a_subject_id() -> Ids:
    return {"subject_id": id_of(a_colleague(Role.NURSE))}


def a_grant() -> Ids:
    """Another nurse's."""
    patient_id, other = known().patient_id, a_colleague(Role.NURSE)
    caller = StaffCaller("test", "", "en", subject_id=id_of(other))
    grant = break_glass.open_for(caller, patient_id, Cause.OTHER, "a test of an emergency")
    return {"patient_id": patient_id, "grant_id": grant.grant_id}


def a_told_device() -> Ids:
    device = PushDevice(Kind.APNS, f"arn:aws:sns:eu-west-1:1:endpoint/{secrets.token_hex(8)}", "en")
    push_devices.keep(known().patient_id, device)
    return {"device_id": device.device_id}


def anothers_grant() -> Ids:
    """Between two others."""
    return {"grant_id": a_grant_between(known(), known()).grant_id}


def a_patients_grant() -> Ids:
    patient = known()
    grant_id = a_grant_between(patient, known()).grant_id
    return {"patient_id": patient.patient_id, "grant_id": grant_id}


def a_request_by_law() -> Ids:
    return {"review_id": requested(known(), a_child())}


def a_clinician() -> Client:
    return a_colleague(Role.CLINICIAN)


def a_nurse() -> Client:
    return a_colleague(Role.NURSE)


def a_biller() -> Client:
    return a_colleague(Role.BILLER)


def an_operator() -> Client:
    return a_colleague(Role.OPERATOR)


PATIENTS = "/staff/patients/{patient_id}"
ENTRIES: dict[Key, Entry] = {
    ("GET", "/results/{report_id}"): Entry(a_report, a_thief),
    ("GET", "/results/{report_id}/documents/{document_id}"): Entry(a_document, a_thief),
    ("POST", "/settings/security/sessions/{session_id}/end"): Entry(a_session_id, a_thief),
    ("POST", "/settings/security/devices/{device_id}/forget"): Entry(a_device_id, a_thief),
    ("GET", "/settings/security/factors/{factor_id}/remove"): Entry(a_factor_id, a_thief),
    ("POST", "/settings/security/factors/{factor_id}/remove"): Entry(a_factor_id, a_thief),
    ("GET", PATIENTS): Entry(a_patient_id, a_biller, 403),
    ("POST", f"{PATIENTS}/activation"): Entry(a_patient_id, a_nurse, 403),
    ("GET", f"{PATIENTS}/results"): Entry(a_patient_id, a_nurse),
    ("GET", f"{PATIENTS}/results/{{report_id}}"): Entry(a_chart_of_staff, a_nurse),
    ("GET", f"{PATIENTS}/break-glass"): Entry(a_patient_id, a_biller, 403),
    ("POST", f"{PATIENTS}/break-glass"): Entry(a_patient_id, a_biller, 403),
    ("POST", f"{PATIENTS}/break-glass/end"): Entry(a_grant, a_nurse),
    ("GET", f"{PATIENTS}/recover"): Entry(a_patient_id, a_nurse, 403),
    ("POST", f"{PATIENTS}/recover"): Entry(a_patient_id, a_nurse, 403),
    ("POST", "/staff/people/{subject_id}/sign-out"): Entry(a_subject_id, a_nurse, 403),
    ("GET", f"{PATIENTS}/labels"): Entry(a_patient_id, a_clinician),
    ("GET", f"{PATIENTS}/results/{{report_id}}/labels"): Entry(a_chart_of_staff, a_clinician),
    ("POST", f"{PATIENTS}/results/{{report_id}}/labels"): Entry(a_chart_of_staff, a_clinician),
    ("GET", f"{PATIENTS}/proxies"): Entry(a_patient_id, a_biller, 403),
    ("POST", f"{PATIENTS}/proxies/{{grant_id}}/suspend"): Entry(a_patients_grant, a_biller, 403),
    ("POST", f"{PATIENTS}/proxies/{{grant_id}}/lift"): Entry(a_patients_grant, a_biller, 403),
    ("GET", "/staff/proxies/{review_id}"): Entry(a_request_by_law, a_nurse, 403),
    ("POST", "/staff/proxies/{review_id}"): Entry(a_request_by_law, a_nurse, 403),
    ("POST", "/settings/push/{device_id}/remove"): Entry(a_told_device, a_thief),
    ("GET", "/family/grants/{grant_id}"): Entry(anothers_grant, a_thief),
    ("POST", "/family/grants/{grant_id}"): Entry(anothers_grant, a_thief),
    ("POST", "/family/grants/{grant_id}/notices"): Entry(anothers_grant, a_thief),
    ("GET", "/family/grants/{grant_id}/revoke"): Entry(anothers_grant, a_thief),
    ("POST", "/family/grants/{grant_id}/revoke"): Entry(anothers_grant, a_thief),
    ("POST", "/family/preview"): Entry(anothers_grant, a_thief),
    ("POST", "/family/switch"): Entry(anothers_grant, a_thief),
    ("GET", "/staff/reviews/{review_id}"): Entry(an_officers_review, an_operator),
    ("POST", "/staff/reviews/{review_id}/take"): Entry(an_officers_review, an_operator),
    ("POST", "/staff/reviews/{review_id}/close"): Entry(an_officers_review, an_operator),
}
NOT_IDS: dict[Key, str] = {
    ("POST", "/settings/notices/{topic}"): "one of our own words, about the caller's own messages",
    ("GET", "/sign-in/{token}"): "a secret of 128 bits: test_links, test_enumeration",
    ("POST", "/sign-in/{token}"): "a secret of 128 bits: test_links, test_enumeration",
    ("GET", "/activate/{token}"): "a secret of 128 bits: test_activation",
    ("POST", "/activate/{token}"): "a secret of 128 bits: test_activation",
    ("GET", "/family/join/{token}"): "a secret of 128 bits: tests/attacks/test_family",
    ("POST", "/family/join/{token}"): "a secret of 128 bits: tests/attacks/test_family",
    ("POST", "/family/join/{token}/accept"): "a secret of 128 bits: tests/attacks/test_family",
    ("GET", "/assets/{name}"): "the same files for everybody: tests/portal/test_assets",
    ("POST", "/privacy/consents/{purpose}"): "names a purpose, the same list for everybody",
    ("POST", "/sign-in/with/{organisation}"): "names a hospital, the same list for everybody",
    ("POST", "/sign-in/hospitals/{organisation}"): "names a hospital; the account is the session's",
    ("POST", "/sign-in/hospitals/{organisation}/remove"): "as the one above",
    ("GET", "/{proxy+}"): "the 404 page",
    ("POST", "/sign-in/passkey"): "a public id; below, with a signature: its own test",
    ("POST", "/settings/security/passkey"): "made by the device; test_passkeys",
}
MALFORMED = ["x", "0" * 33, "0" * 31 + "'", "..", "0" * 32 + "%0a"]


def with_ids() -> set[Key]:
    found = set()
    for _, action in actions():
        in_body = [name for name in action.ask.model_fields if re.search("_id$|_ids$", name)]
        if "{" in action.path or in_body:
            found.add((action.method, action.path))
    return found


def unknown(ids: Ids) -> Ids:
    """The same shapes, nobody's."""
    return {
        name: re.sub("[0-9a-f]{32,64}", lambda part: secrets.token_hex(len(part[0]) // 2), value)
        for name, value in ids.items()
    }


def tried(thief: Client, key: Key, ids: Ids) -> Response:
    method, path = key
    in_body = {name: ids[name] for name in ids if f"{{{name}}}" not in path}
    url = re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], path)
    if method == "GET":
        return thief.get(url)
    finding = {"finding": "nothing to see here", "confirm": "yes", "lost": "all"}
    finding |= {"preset": "everything", "decision": "deny", "reason": "nothing to see here"}
    finding |= {"why": "nothing to see here", "seen": "0" if "labels" in path else "yes"}
    return thief.post(url, **finding, **in_body)


def seen(answer: Response, ids: Ids) -> tuple[object, ...]:
    text = answer.text
    for name, value in sorted(ids.items(), key=lambda each: -len(each[1])):
        text = text.replace(value, f"<{name}>")
    return answer.status, sorted(answer.headers.items()), text


def refusals_of(thief: Client) -> list[AuditRow]:
    """What the trail says that this browser was refused, wherever it stands."""
    source = hashed(thief.source)[:32]
    rows = AuditRow.scan(AuditRow.source == source)
    return [row for row in rows if row.outcome == "refused"]


def test_every_route_with_an_id_has_an_entry_here() -> None:
    assert with_ids() - ENTRIES.keys() - NOT_IDS.keys() == set()
    assert (ENTRIES.keys() | NOT_IDS.keys()) - with_ids() == set()


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
@pytest.mark.parametrize("key", ENTRIES, ids=" ".join)
def test_anothers_id_is_answered_as_one_that_never_was(key: Key, accept: str) -> None:
    entry = ENTRIES[key]
    thief = replace(entry.thief(), accept=accept)
    theirs = entry.things()
    never = unknown(theirs)

    answers = [seen(tried(thief, key, ids), ids) for ids in (theirs, never)]

    assert answers[0] == answers[1]
    assert answers[0][0] == entry.status
    assert "set-cookie" not in dict(answers[0][1])  # type: ignore[call-overload]


@pytest.mark.parametrize("key", ENTRIES, ids=" ".join)
def test_a_try_at_anothers_id_is_recorded(key: Key) -> None:
    entry = ENTRIES[key]
    thief = entry.thief()

    tried(thief, key, entry.things())

    assert refusals_of(thief)


@pytest.mark.parametrize("bad", MALFORMED)
@pytest.mark.parametrize("key", [key for key in ENTRIES if "{" in key[1]], ids=" ".join)
def test_a_malformed_id_is_a_page_that_does_not_exist(key: Key, bad: str) -> None:
    """Or a refusal, where the caller may not use the route at all."""
    entry = ENTRIES[key]
    ids = dict.fromkeys(re.findall(r"\{(\w+)\}", key[1]), bad)

    answer = tried(_thief_of(key), key, ids)

    assert answer.status in (404, entry.status)
    assert "Traceback" not in answer.text


_thieves: dict[Key, Client] = {}


def _thief_of(key: Key) -> Client:
    if key not in _thieves:
        _thieves[key] = ENTRIES[key].thief()
    return _thieves[key]


def test_another_patients_session_is_not_ended_by_its_id() -> None:
    victim = inside(known())
    a_thief().post(f"/settings/security/sessions/{hashed(victim.cookies['session'])}/end")

    assert not is_out(victim)


def test_another_patients_device_is_not_forgotten_by_its_id() -> None:
    patient = known()
    device = devices.remember(patient.patient_id, a_visitor())

    a_thief().post(f"/settings/security/devices/{hashed(device)}/forget")

    assert devices.is_remembered(patient.patient_id, device)


def test_another_patients_factor_is_not_removed_by_its_id() -> None:
    patient = known()
    an_app(patient)
    (factor,) = factors.of(patient.patient_id)

    a_thief().post(f"/settings/security/factors/{factor.factor_id}/remove", confirm="yes")

    assert factors.of(patient.patient_id) == [factor]


def test_ones_own_report_does_not_lend_itself_to_anothers_document() -> None:
    chart = a_chart()
    owner = inside(chart.patient)
    own, doc = chart.ids["report_id"], chart.ids["document_id"]

    assert owner.get(f"/results/{own}/documents/{doc}").status == 200
    assert owner.get(f"/results/{own}/documents/{own}").status == 404
    assert owner.get(f"/results/{doc}/documents/{doc}").status == 404
    assert a_thief().get(f"/results/{own}/documents/{doc}").status == 404


def test_an_id_in_the_body_does_not_replace_the_one_in_the_address() -> None:
    patient, thief = known(), known()
    an_app(patient)
    an_app(thief)
    (theirs,), (own,) = factors.of(patient.patient_id), factors.of(thief.patient_id)

    inside(thief).post(
        f"/settings/security/factors/{own.factor_id}/remove",
        factor_id=theirs.factor_id,
        patient_id=patient.patient_id,
        confirm="yes",
    )

    assert factors.of(patient.patient_id) == [theirs]
    assert factors.of(thief.patient_id) == []


@pytest.mark.parametrize("name", ["patient_id", "subject_id", "patient", "acting_for", "pk"])
def test_no_parameter_shows_another_patients_results(name: str) -> None:
    chart = a_chart()
    thief = replace(a_thief(), accept="application/json")

    for path in ("/", "/results", "/settings/security"):
        page = thief.get(f"{path}?{name}={chart.patient.patient_id}")
        assert page.status == 200
        assert chart.ids["report_id"] not in page.text


@pytest.mark.parametrize("cursor", ["2999", "{patient}", "card#", "' OR 1=1", "{report}", "\x00"])
def test_a_cursor_leads_into_nobody_elses_list(cursor: str) -> None:
    chart = a_chart()
    said = cursor.replace("{patient}", chart.patient.patient_id)
    said = said.replace("{report}", chart.ids["report_id"])

    page = replace(a_thief(), accept="application/json").get(f"/results?before={quote(said)}")

    assert page.status in (200, 400)
    assert chart.ids["report_id"] not in page.text


def test_anothers_passkey_is_answered_as_one_that_never_was() -> None:
    """Its id is public: whoever saw it once may send it with a signature of their own."""
    patient = known()
    real = a_passkey(patient)
    app = a_browser(accept="application/json")

    answers = []
    for credential in (real.credential_id, secrets.token_bytes(32)):
        forged = type(real)(credential_id=credential, handle=real.handle)
        answers.append(sent(app, SIGN_IN, forged.assertion(options_for(app, SIGN_IN))))

    assert seen(answers[0], {}) == seen(answers[1], {})
    assert answers[0].status == 401


def test_a_patients_session_opens_no_door_of_the_staff() -> None:
    chart = a_chart()
    patient = inside(chart.patient)

    for path in ("/staff", "/staff/people", f"/staff/patients/{chart.patient.patient_id}/results"):
        assert patient.get(path).location.startswith("/staff/sign-in?")


def test_a_staff_session_opens_no_door_of_a_patients() -> None:
    nurse = a_nurse()

    for path in ("/", "/results", "/settings/security", f"/results/{a_chart().ids['report_id']}"):
        assert nurse.get(path).location.startswith("/sign-in?")


def test_ids_are_too_many_to_be_tried() -> None:
    ids = [a_session_id()["session_id"], a_factor_id()["factor_id"], a_chart().ids["report_id"]]

    assert all(len(each) >= 32 for each in ids)
    assert len({known().patient_id for _ in range(5)}) == 5
