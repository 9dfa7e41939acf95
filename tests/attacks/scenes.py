"""Who attacks whom: an owner with an account, and a thief with a part of what the owner holds."""

import json
from dataclasses import asdict
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

from pyotp import TOTP
from tests.builders import a_message, a_patient, a_visitor, released
from tests.client import Client, Response
from tests.visitors import a_browser

from portal import audit, factors, links, moments, recovery_codes, sessions, user_accounts
from portal.access import Caller
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.secrets_kept import hashed

CODE, PROOF, TEXT = (f"/sign-in/step/{each}" for each in ("code", "proof", "text"))
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
A_DOCUMENT = "ED|PDF^Report^L||^application^PDF^Base64^JVBERi0xLjQK||||||F"


def known(**facts: Any) -> Patient:
    """A patient whose identity was shown at some time."""
    patient = a_patient(**facts)
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    return patient


def by_link(patient: Patient, **facts: Any) -> Client:
    """Whoever reads the patient's mail: a session by a link, and nothing else."""
    return a_browser(cookies={"session": opened(patient, Method.EMAIL_LINK)}, **facts)


def inside(patient: Patient, **facts: Any) -> Client:
    """The patient: two factors, shown just now."""
    return a_browser(cookies={"session": opened(patient, Method.PASSKEY)}, **facts)


def opened(patient: Patient, *methods: Method) -> str:
    """The cookie of a fresh session that was opened in these ways."""
    return sessions.open_with(patient.patient_id, frozenset(methods), a_visitor())


@cache
def anybody() -> Patient:
    """Whom an attack leaves as they were: all such attacks share one."""
    return known()


def a_sent_link(patient: Patient) -> tuple[Client, links.Link]:
    """The browser that asked, and the link in the mail."""
    cookie = f"browser of {patient.patient_id}"
    return a_browser(cookies={"browser": cookie}), links.new(patient.patient_id, hashed(cookie))


def spend(browser: Client, link: links.Link, code: str = "") -> int:
    return browser.post(f"/sign-in/{link.token}", code=code).status


def caller_of(browser: Client, patient: Patient) -> Caller:
    """As the gate would make of the browser."""
    visitor = a_visitor(session_cookie=browser.cookies["session"])
    who = {"patient_id": patient.patient_id, "subject_id": patient.patient_id}
    return Caller(**(asdict(visitor) | who))


def is_out(browser: Client) -> bool:
    """Not signed in at all."""
    return browser.get("/").location.startswith("/sign-in?")


def sees_no_chart(browser: Client) -> bool:
    return browser.get("/results").status != 200


def code_now(secret: str, seconds: int = 0) -> str:
    """What an authenticator app shows at the moment of the portal's clock."""
    return TOTP(secret).at(moments.now() + timedelta(seconds=seconds))


def post_json(client: Client, url: str, body: Any, **headers: str) -> Response:
    return client.send("POST", url, json.dumps(body).encode(), JSON | headers)


def post_raw(client: Client, url: str, body: str, **headers: str) -> Response:
    """A form, as it stands."""
    return client.send("POST", url, body.encode(), FORM | headers)


def events(patient: Patient) -> list[str]:
    return [row.event for row in audit.of_patient(patient.patient_id)]


def reasons(patient: Patient) -> list[str]:
    return [row.why for row in audit.of_patient(patient.patient_id)]


@cache
def a_chart() -> SimpleNamespace:
    """A patient with a result and its document; `ids` name them in addresses."""
    patient = known()
    report_id = released(a_message(patient, A_DOCUMENT)).report_ids[0]
    app = inside(patient, accept="application/json")
    (document,) = app.get(f"/results/{report_id}").json["card"]["documents"]
    ids = {"report_id": report_id, "document_id": document["document_id"]}
    return SimpleNamespace(patient=patient, ids=ids)


def papers_of(patient: Patient) -> list[str]:
    codes = recovery_codes.new()
    factors.add(patient.patient_id, recovery_codes.factor(codes))
    return codes


def tried(patient: Patient, **fields: str) -> int:
    return by_link(patient).post(CODE, **fields).status
