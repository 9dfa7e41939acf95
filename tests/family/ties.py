"""People who help each other: grants between them, and what they see at their browsers."""

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.builders import a_message, a_patient, released
from tests.client import Client, Response
from tests.stores import sent_to
from tests.visitors import a_browser, signed_in

from portal import grants, outbox_delivery
from portal.granting import EVERYTHING, Grant, GrantKind, GrantState
from portal.moments import fresh_id, now
from portal.patients import Patient

GLUCOSE = "NM|2345-7^Glucose^LN||98|mg/dL|70-99|N|||F|||20261101080000-0500"
CHLAMYDIA = (
    "ST|21613-5^Chlamydia trachomatis DNA^LN||Not detected||Not detected|N|||F"
    "|||20261101080000-0500"
)
_count = itertools.count(1)
CODE = re.compile(r"<code translate=\"no\">(\d{6})</code>")
LINK = re.compile(r"/family/join/([A-Za-z0-9_-]{22})")


def aged(years: int, **facts: Any) -> Patient:
    today = datetime.now(UTC).date()
    return a_patient(**{"birth_on": date(today.year - years, 1, 1), **facts})


def a_child(**facts: Any) -> Patient:
    return aged(8, **{"given": "Noah", "email": "", **facts})


def a_teen(**facts: Any) -> Patient:
    return aged(15, **{"given": "Mia", "state": "NY", **facts})


def a_grant(patient: Patient, holder: Patient, **facts: Any) -> Grant:
    """Active, of an adult's proxy to everything that is not sensitive."""
    dull: dict[str, Any] = {
        "grant_id": fresh_id(),
        "patient_id": patient.patient_id,
        "holder_id": holder.patient_id,
        "kind": GrantKind.PROXY,
        "state": GrantState.ACTIVE,
        "categories": EVERYTHING,
        "starts_at": now() - timedelta(days=1),
        "names": {
            "patient": f"{patient.given} {patient.family}",
            "holder": f"{holder.given} {holder.family}",
        },
        "by": patient.patient_id,
    }
    return grants.keep(Grant(**(dull | facts)))


def a_parents(child: Patient, parent: Patient, **facts: Any) -> Grant:
    return a_grant(child, parent, kind=GrantKind.PARENT, may_change=True, **facts)


def state_of(grant: Grant) -> GrantState:
    found = grants.find(grant.patient_id, grant.grant_id)
    assert found
    return found.state


def a_result(patient: Patient, obx: str = GLUCOSE, obr4: str = "2345-7^Glucose^LN") -> str:
    return str(released(a_message(patient, obx, obr4=obr4)).report_ids[0])


def a_sensitive_result(patient: Patient) -> str:
    return a_result(patient, CHLAMYDIA, "21613-5^Chlamydia trachomatis DNA^LN")


def switched(holder: Patient, grant: Grant, **facts: Any) -> Client:
    browser = signed_in(holder, **facts)
    assert browser.post("/family/switch", grant_id=grant.grant_id).status in {200, 303}
    return browser


def listed(browser: Client) -> list[str]:
    """Ids of the results this reader sees."""
    app = Client(accept="application/json", cookies=browser.cookies, source=browser.source)
    return [each["report_id"] for each in app.get("/results").json["results"]]


def is_at(browser: Client, patient: Patient) -> bool:
    """By the banner of their home page."""
    page = browser.get("/").text
    return f"record of <bdi>{patient.given}</bdi>" in page


def delivered_all() -> None:
    """What other tests left owed comes first, a hundred rows a call."""
    for _ in range(20):
        outbox_delivery.deliver_overdue()


def family_of(patient: Patient) -> Any:
    app = signed_in(patient, accept="application/json")
    return app.get("/family").json


def invited(patient: Patient, email: str = "", **choices: str) -> tuple[str, str, Response]:
    """The token that was mailed, and the code the inviter was shown."""
    email = email or f"sam{next(_count)}@example.org"
    fields = {"name": "Sam Lee", "email": email, "preset": "everything", **choices}
    answer = signed_in(patient).post("/family/invite", **fields)
    assert answer.status == 200, answer.text
    found = CODE.search(answer.text)
    link = LINK.search(sent_to(email)[-1].text)
    assert found
    assert link
    return link.group(1), found.group(1), answer


def joined(token: str, code: str, **facts: str) -> tuple[Client, Response]:
    """Somebody without an account."""
    fields = {"given": "Sam", "family": "Lee", "born_on": "1985-05-05", "code": code, **facts}
    browser = a_browser()
    return browser, browser.post(f"/family/join/{token}", **fields)
