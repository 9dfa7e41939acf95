"""A stand-in hospital over real sockets, and people who sign in there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import urllib3
from infra.local import hospitals
from infra.local.ehr_profiles import PROFILES, Person, Profile
from infra.local.ehr_sign_in import Client, EhrSignIn, Grant, serving
from joserfc.jwk import RSAKey
from tests.client import Client as Browser
from tests.client import Response
from tests.stores import PORTAL_URL
from tests.visitors import nobodys_trail

from portal import identity_providers, organisations
from portal.patients import Patient

CALLBACK = f"{PORTAL_URL}/sign-in/callback"
SECRET = "a secret of ours"
SMART = "/smart-configuration"
KEY = RSAKey.generate_key(2048, auto_kid=True)
_http = urllib3.PoolManager(retries=False)


@contextmanager
def hospital(ehr: EhrSignIn | None = None) -> Iterator[EhrSignIn]:
    """One of each vendor, each set up as an organisation of its own: "epic-hospital"."""
    ehr = ehr or EhrSignIn(key=KEY)
    ehr.clients["portal"] = Client("portal", CALLBACK)
    with serving(ehr):
        identity_providers.forget()
        for profile in PROFILES:
            if profile.fhir:
                keep(ehr, profile)
        yield ehr
    identity_providers.forget()


def keep(ehr: EhrSignIn, profile: Profile, more: str = "") -> None:
    """Its settings, as an operator would put them."""
    organisations.keep(f"{profile.name}-hospital.toml", hospitals.settings_of(ehr, profile, more))


def publishes(ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch, ending: str, **facts: Any) -> None:
    """At addresses that end so; None leaves a fact out."""
    identity_providers.forget()
    true = ehr.documents

    def documents(profile: Profile) -> dict[str, dict[str, Any]]:
        return {path: told(path, found) for path, found in true(profile).items()}

    def told(path: str, found: dict[str, Any]) -> dict[str, Any]:
        if not path.endswith(ending):
            return found
        return {key: value for key, value in (found | facts).items() if value is not None}

    monkeypatch.setattr(ehr, "documents", documents)


def at_hospital(ehr: EhrSignIn, patient: Patient, **facts: Any) -> str:
    """The `sub` of this patient's account there."""
    dull: dict[str, Any] = {
        "sub": f"user-{patient.patient_id[:12]}",
        "given": patient.given,
        "family": patient.family,
        "born_on": patient.birth_on,
        "mrn": patient.identifiers[0][1],
    }
    person = Person(**(dull | facts))
    ehr.people[person.sub] = person
    return person.sub


def sent_to(page: Response) -> str:
    """Where a page goes on to by itself."""
    (found,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    return unescape(found)


def pressed(url: str, sub: str) -> str:
    """Signs in at the hospital; the path and query that it sends the browser back to."""
    answer = _http.request("GET", f"{url}&{urlencode({'approve': sub})}", redirect=False)
    assert answer.status == 302, answer.data
    location = answer.headers["Location"]
    assert location.startswith(f"{CALLBACK}?"), location
    return location.removeprefix(PORTAL_URL)


def begun(browser: Browser, organisation: str = "epic-hospital") -> str:
    return sent_to(browser.post(f"/sign-in/with/{organisation}"))


def signs_in(browser: Browser, sub: str, organisation: str = "epic-hospital") -> Response:
    return browser.get(pressed(begun(browser, organisation), sub))


def connects(browser: Browser, sub: str, organisation: str = "epic-hospital") -> Response:
    page = browser.post(f"/sign-in/hospitals/{organisation}")
    return browser.get(pressed(sent_to(page), sub))


def parts_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def changed(path: str, **parts: str) -> str:
    """The same address with other parameters; "" leaves one out."""
    said = {key: value for key, value in (parts_of(path) | parts).items() if value}
    return f"{urlsplit(path).path}?{urlencode(said)}"


def claimed(ehr: EhrSignIn, monkeypatch: pytest.MonkeyPatch, **claims: Any) -> None:
    """The server says this of everybody; None leaves a claim out."""
    true = ehr.claims

    def told(grant: Grant) -> dict[str, Any]:
        return {k: v for k, v in (true(grant) | claims).items() if v is not None}

    monkeypatch.setattr(ehr, "claims", told)


def is_refused(browser: Browser, answer: Response, why: str) -> bool:
    """Without a session, with a page that says what to do, and a row of the trail."""
    assert answer.status >= 400, answer.location
    assert "session" not in browser.cookies
    row = nobodys_trail(browser)[-1]
    assert (row.event, row.outcome, row.why) == ("sign-in.refused", "refused", why)
    return True
