"""People who manage how they sign in: their sessions, and what they were told of it."""

import re
from typing import Any

from tests.builders import a_link_session, a_patient, a_visitor
from tests.client import Client, Response
from tests.stores import sent_to
from tests.visitors import a_browser, signed_in

from portal import audit, devices, links, outbox_delivery, sessions, user_accounts
from portal.methods import Confidence, Method
from portal.patients import Patient
from portal.secrets_kept import hashed

PAGE = "/settings/security"
_phones = iter(range(2_125_550_100, 2_125_559_999))


def a_number() -> str:
    """Of a phone nobody else has, in E.164."""
    return f"+1{next(_phones)}"


def reachable(**facts: Any) -> Patient:
    """By e-mail and by text."""
    return a_patient(phone=a_number(), **facts)


def beginning(patient: Patient, method: Method = Method.EMAIL_LINK) -> Client:
    """Came by a link and showed who they are, minutes ago; no second factor yet."""
    user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
    visitor = a_visitor()
    link = links.new(patient.patient_id, visitor.browser, method)
    cookie = links.spend(link.token, visitor, "").cookie
    return a_browser(cookies={"session": sessions.rise(cookie, None)})


def elsewhere(patient: Patient) -> tuple[Client, str]:
    """The same person's other browser, and the cookie of a device that is remembered."""
    return signed_in(patient), devices.remember(patient.patient_id, a_visitor())


def by_link(patient: Patient) -> Client:
    return a_browser(cookies={"session": a_link_session(patient)})


def is_in(browser: Client) -> bool:
    return browser.get("/").status == 200


def events(patient: Patient, *, refused: bool = False) -> list[str]:
    rows = audit.of_patient(patient.patient_id)
    return [row.event for row in rows if refused == (row.outcome == "refused")]


def told(patient: Patient) -> tuple[str, str]:
    """All e-mails and all texts about the account, after whatever is owed was delivered."""
    while outbox_delivery.deliver_overdue():
        pass
    by_mail, by_text = sent_to(patient.email), sent_to(patient.phone)
    return "\n".join(each.text for each in by_mail), "\n".join(each.text for each in by_text)


def texted(phone: str) -> str:
    """The code of the newest text message."""
    found = re.search(r"code is (\d{6})\.", sent_to(phone)[-1].text)
    assert found
    return found[1]


def factor_ids(page: Response) -> list[str]:
    return re.findall(r"/factors/([0-9a-z]+)/remove", page.text)


def session_id(browser: Client) -> str:
    return hashed(browser.cookies["session"])
