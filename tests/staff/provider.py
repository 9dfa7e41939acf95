"""The hospital's own sign-in, over real sockets, and people with an account there."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3
from infra.local.ehr_profiles import STAFF, Person
from infra.local.ehr_sign_in import TOKEN_SECONDS, Client, EhrSignIn, Grant, serving
from joserfc.jwk import RSAKey
from tests.client import Client as Browser
from tests.client import Response
from tests.stores import PORTAL_URL, client

from portal import identity_providers, staff_people, staff_provider
from portal.moments import now

CALLBACK = f"{PORTAL_URL}/staff/callback"
KEY = RSAKey.generate_key(2048, auto_kid=True)
TWO = (("amr", ["pwd", "mfa"]),)
_count = itertools.count(1)
_http = urllib3.PoolManager(retries=False)


class Provider(EhrSignIn):
    """By the portal's clock, which tests move."""

    def claims(self, grant: Grant) -> dict[str, Any]:
        moment = int(now().timestamp())
        times = {"iat": moment, "exp": moment + TOKEN_SECONDS, "auth_time": moment}
        said = super().claims(grant) | times | dict(grant.person.claims)
        return {name: value for name, value in said.items() if value is not None}

    @property
    def issuer(self) -> str:
        return f"{self.url}{STAFF.issuer}"


def settings_text(url: str, more: str = "") -> str:
    return f"""
        roles_claim = "groups"
        [provider]
        name = "Riverbend sign-in"
        base = "{url}{STAFF.issuer}"
        client_id = "portal-staff"
        scopes = ["openid", "profile"]
        [two_factor]
        acr = ["urn:two"]
        amr = ["mfa"]
        [roles]
        "Portal Nurses" = "nurse"
        "Portal Doctors" = "clinician"
        "Portal Desk" = "front-desk"
        "Portal Privacy" = "privacy-officer"
        {more}
    """


@contextmanager
def provider(found: Provider | None = None) -> Iterator[Provider]:
    found = found or Provider(key=KEY)
    found.clients["portal-staff"] = Client("portal-staff", CALLBACK)
    with serving(found):
        identity_providers.forget()
        staff_provider.keep(settings_text(found.url))
        yield found
    client("s3").delete_object(Bucket="raw-messages", Key=staff_provider.KEY)
    staff_provider.forget()
    identity_providers.forget()


def employed(at: Provider, *groups: str, sub: str = "", claims: Any = TWO) -> str:
    """The `sub` of somebody's account there."""
    sub = sub or f"employee-{next(_count)}"
    said = (("groups", list(groups)), *claims)
    at.people[sub] = Person(sub, "Noor", "Castellano", date(1990, 1, 1), "", claims=said)
    return sub


def subject_of(at: Provider, sub: str) -> str:
    return staff_people.subject_id(at.issuer, sub)


def sent_to(page: Response) -> str:
    """Where a page goes on to by itself."""
    assert page.status == 200, page.text
    (found,) = re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', page.text)
    return unescape(found)


def parts_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


def pressed(url: str, sub: str) -> str:
    """Signs in at the provider; the path and query that it sends the browser back to."""
    answer = _http.request("GET", f"{url}&{urlencode({'approve': sub})}", redirect=False)
    assert answer.status == 302, answer.data
    location = answer.headers["Location"]
    assert location.startswith(f"{CALLBACK}?"), location
    return location.removeprefix(PORTAL_URL)


def way_back(browser: Browser, sub: str, **fields: str) -> str:
    return pressed(sent_to(browser.post("/staff/sign-in", **fields)), sub)


def signs_in(browser: Browser, sub: str, **fields: str) -> Response:
    return browser.get(way_back(browser, sub, **fields))
