"""Valid records with dull defaults; a test names only what it is about."""

import itertools
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from functions.lab_release import app as lab_release

from portal import arrivals, factors, links, objects, patients, sessions, totp, user_accounts
from portal.access import Visitor
from portal.errors import Reason, Unusable
from portal.factors import Factor
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import CareRow

_count = itertools.count(1)
OBX = "NM|2345-7^Glucose^LN||98|mg/dL|70-99|N|||F|||20261101080000-0500||||||20261101090000-0500"


def a_patient(**facts: Any) -> Patient:
    """Enrolled, with an e-mail address of its own."""
    number = next(_count)
    dull = {
        "patient_id": patients.new_id(),
        "family": "Rivera",
        "given": "Ana",
        "birth_on": date(1980, 2, 3),
        "email": f"ana{number}@example.org",
        "identifiers": (("RIVERBEND", f"T{number:05d}"),),
    }
    patient = Patient.model_validate(dull | facts)
    patients.enrol(patient)
    return patient


def a_message(
    patient: Patient,
    *obx: str,
    filler: str = "",
    status: str = "F",
    signed_off: datetime | None = None,
    mode: str = "P",
    obr4: str = "24323-8^CMP^LN",
    control_id: str = "",
    pid: dict[str, str] | None = None,
) -> bytes:
    """An ORU^R01. Each `obx` is what comes after `OBX|n|`."""
    number = next(_count)
    signed = (signed_off or datetime.now(UTC)).strftime("%Y%m%d%H%M%S+0000")
    pid = pid or {}
    authority, mrn = patient.identifiers[0]
    name = pid.get("name", f"{patient.family}^{patient.given}")
    born = pid.get("born", patient.birth_on.strftime("%Y%m%d"))
    mrn, authority = pid.get("mrn", mrn), pid.get("authority", authority)
    lines = [
        f"MSH|^~\\&|LAB|RIVERBEND|PORTAL|CLINIC|{signed}||ORU^R01^ORU_R01"
        f"|{control_id or f'C{number}'}|{mode}|2.5.1",
        f"PID|1||{mrn}^^^{authority}^MR||{name}||{born}|F",
        f"ORC|RE|PL{number}|{filler or f'F{number}'}",
        f"OBR|1|PL{number}|{filler or f'F{number}'}|{obr4}|||20261101080000-0500|||||||||"
        f"99^Raman^Priya|||||" + f"|{signed}|||{status}",
        *(f"OBX|{i}|{text}" for i, text in enumerate(obx or (OBX,), start=1)),
    ]
    return ("\r".join(lines) + "\r").encode()


def released(raw: bytes, until: str = "notify") -> Any:
    """Runs the steps of the state machine as Step Functions would; returns the last one's ids.
    Raises Unusable where the workflow would end in quarantine. Parts of what was split follow."""
    raw_id = objects.keep_raw(raw)
    arrivals.received(raw_id, "test")
    return walked(raw_id, until)


def walked(raw_id: str, until: str = "notify") -> Any:
    ids: dict[str, Any] = {"raw_id": raw_id}
    for step in lab_release.STEPS:
        if step in ("explain", "publish") and not ids["has_cards"]:
            continue
        ids = lab_release.handler({"step": step, "ids": ids}, None)
        if ids["is_over"]:
            row = CareRow.get(f"arrival#{raw_id}", "arrival")
            if row.state == arrivals.QUARANTINED:
                raise Unusable(Reason(row.reason or ""), row.detail or "")
            break
        if step == until:
            break
    return SimpleNamespace(**ids)


def a_session(patient: Patient, **facts: Any) -> str:
    """The cookie of a fresh session with two factors, of somebody we know."""
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    return sessions.rise(a_link_session(patient, **facts), Method.TOTP)


def a_link_session(patient: Patient, **facts: Any) -> str:
    """The cookie of a fresh session by a link, and nothing else."""
    visitor = a_visitor(**facts)
    link = links.new(patient.patient_id, visitor.browser)
    return links.spend(link.token, visitor, "").cookie


def a_visitor(**facts: Any) -> Visitor:
    dull = {"request_id": "test", "source": "", "language": "en", "browser": hashed("a browser")}
    return Visitor(**(dull | facts))


def an_app(patient: Patient) -> str:
    """The secret of an authenticator app, enrolled as a second factor."""
    secret = totp.new_secret()
    factors.add(patient.patient_id, totp.factor(secret, "", step=0))
    return secret


def a_phone(patient: Patient, phone: str = "+15555550142") -> str:
    """A confirmed phone."""
    factors.add(patient.patient_id, Factor(Method.SMS_CODE, "", {"phone": phone}))
    return phone
