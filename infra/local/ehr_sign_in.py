"""A stand-in for hospitals' sign-in servers: OAuth 2.0 with PKCE, OpenID Connect, a FHIR Patient.

Its sign-in page has a button for each invented person. `approve=<sub>` in the request presses one,
for tests. It is loopback only, and keeps nothing: a new key at each start.
"""

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from infra.local.ehr_profiles import (
    PROFILES,
    Person,
    Profile,
    capability_statement,
    fhir_id,
    fhir_patient,
    openid_configuration,
    smart_configuration,
)
from joserfc import jwt
from joserfc.jwk import RSAKey

JSON = "application/json"
TOKEN_SECONDS = 300


class Denied(Exception):
    """An OAuth error, or an HTTP status."""

    def __init__(self, error: str, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status


@dataclass(frozen=True)
class Client:
    client_id: str
    redirect_uri: str
    secret: str = ""


@dataclass(frozen=True)
class Grant:
    profile: Profile
    client: Client
    person: Person
    opened: Person
    asked: dict[str, str]


@dataclass(frozen=True)
class Reply:
    body: bytes
    status: int = 200
    kind: str = JSON
    location: str = ""

    @classmethod
    def of(cls, document: Any, status: int = 200) -> "Reply":
        return cls(json.dumps(document).encode(), status)


@dataclass
class EhrSignIn:
    """What it knows. Tests replace its methods to be attacked by a server that misbehaves."""

    url: str = ""
    people: dict[str, Person] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    codes: dict[str, Grant] = field(default_factory=dict)
    tokens: dict[str, Grant] = field(default_factory=dict)

    def answer(self, method: str, path: str, sent: dict[str, str], headers: Any) -> Reply:
        for profile in PROFILES:
            if found := self.documents(profile).get(path):
                return Reply.of(found)
            if path == profile.authorize:
                return self.authorize(profile, sent)
            if path == profile.token and method == "POST":
                return Reply.of(self.token(profile, sent, headers.get("Authorization", "")))
            if profile.fhir and path.startswith(f"{profile.fhir}/Patient/"):
                return Reply.of(self.patient(unquote(path), headers.get("Authorization", "")))
        raise Denied("not_found", 404)

    def documents(self, profile: Profile) -> dict[str, dict[str, Any]]:
        found = {
            f"{profile.issuer}/.well-known/openid-configuration": openid_configuration(
                profile, self.url
            ),
            profile.jwks: {"keys": self.published_keys()},
        }
        if profile.fhir and profile.has_smart_configuration:
            path = f"{profile.fhir}/.well-known/smart-configuration"
            found[path] = smart_configuration(profile, self.url)
        if profile.fhir:
            found[f"{profile.fhir}/metadata"] = capability_statement(profile, self.url)
        return found

    def published_keys(self) -> list[dict[str, Any]]:
        return [{**self.key.as_dict(private=False), "use": "sig", "alg": "RS256"}]

    def authorize(self, profile: Profile, asked: dict[str, str]) -> Reply:
        """A wrong client or address is told to the person, never sent on (RFC 6749, 4.1.2.1)."""
        client = self.clients.get(asked.get("client_id", ""))
        if client is None or client.redirect_uri != asked.get("redirect_uri"):
            raise Denied("unauthorized_client")
        is_bound = asked.get("code_challenge_method") == "S256" and asked.get("code_challenge")
        if not is_bound or asked.get("response_type") != "code":
            return self.back(profile, asked, {"error": "invalid_request"})
        if profile.fhir and not self.is_audience(profile, asked.get("aud")):
            return self.back(profile, asked, {"error": "invalid_request"})
        if "approve" not in asked:
            return Reply(self.page(profile, asked), kind="text/html; charset=utf-8")
        person = self.people.get(asked["approve"])
        if person is None:
            return self.back(profile, asked, {"error": "access_denied"})
        code = secrets.token_urlsafe(32)
        opened = self.people.get(person.opens, person)
        self.codes[code] = Grant(profile, client, person, opened, asked)
        return self.back(profile, asked, {"code": code})

    def is_audience(self, profile: Profile, aud: str | None) -> bool:
        return aud == f"{self.url}{profile.fhir}" or (aud is None and not profile.needs_aud)

    def back(self, profile: Profile, asked: dict[str, str], answer: dict[str, str]) -> Reply:
        said = {**answer, "state": asked.get("state", "")}
        if profile.sends_iss:
            said["iss"] = f"{self.url}{profile.issuer}"
        return Reply(b"", 302, location=f"{asked['redirect_uri']}?{urlencode(said)}")

    def page(self, profile: Profile, asked: dict[str, str]) -> bytes:
        """Links are enough: nothing here is secret."""
        may = [each for each in self.people.values() if bool(each.mrn) == bool(profile.fhir)]
        choices = [(each.name, each.sub) for each in may]
        listed = "".join(
            f'<p><a href="?{escape(urlencode({**asked, "approve": sub}))}">{escape(name)}</a></p>'
            for name, sub in [*choices, ("No, go back", "-")]
        )
        title = f"Demo sign-in ({profile.name})"
        head = f'<!DOCTYPE html><html lang="en"><title>{title}</title><meta charset="utf-8">'
        return f"{head}<h1>{title}</h1><p>Invented people. Who are you?</p>{listed}".encode()

    def token(self, profile: Profile, sent: dict[str, str], authorization: str) -> dict[str, Any]:
        grant = self.codes.pop(sent.get("code", ""), None)
        if grant is None or grant.profile != profile:
            raise Denied("invalid_grant")
        self.check_client(grant.client, sent, authorization)
        digest = sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).decode().rstrip("=")
        is_bound = secrets.compare_digest(challenge, grant.asked["code_challenge"])
        if not is_bound or sent.get("redirect_uri") != grant.client.redirect_uri:
            raise Denied("invalid_grant")
        access_token = secrets.token_urlsafe(32)
        self.tokens[access_token] = grant
        return self.token_answer(grant, access_token)

    def check_client(self, client: Client, sent: dict[str, str], authorization: str) -> None:
        named, secret = sent.get("client_id", ""), sent.get("client_secret", "")
        if authorization.startswith("Basic "):
            named, _, secret = b64decode(authorization[6:]).decode().partition(":")
        if named != client.client_id or not secrets.compare_digest(secret, client.secret):
            raise Denied("invalid_client", 401)

    def token_answer(self, grant: Grant, access_token: str) -> dict[str, Any]:
        found = {"access_token": access_token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
        found |= {
            "scope": grant.asked.get("scope", ""),
            "id_token": self.id_token(grant, access_token),
        }
        if grant.profile.fhir:
            found["patient"] = fhir_id(grant.profile, grant.opened)
        return found

    def id_token(self, grant: Grant, access_token: str) -> str:
        half = sha256(access_token.encode()).digest()[:16]
        claims = self.claims(grant) | {"at_hash": urlsafe_b64encode(half).decode().rstrip("=")}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)

    def claims(self, grant: Grant) -> dict[str, Any]:
        profile, person, moment = grant.profile, grant.person, int(time.time())
        found = {
            "iss": f"{self.url}{profile.issuer}",
            "sub": person.sub,
            "aud": grant.client.client_id,
            "iat": moment,
            "exp": moment + TOKEN_SECONDS,
            "auth_time": moment,
            "nonce": grant.asked.get("nonce", ""),
            "name": person.name,
        }
        if profile.fhir:
            at = f"{self.url}{profile.fhir}/" if profile.has_whole_user else ""
            found["fhirUser"] = f"{at}Patient/{fhir_id(profile, person)}"
        return found | dict(person.claims)

    def patient(self, path: str, authorization: str) -> dict[str, Any]:
        grant = self.tokens.get(authorization.removeprefix("Bearer "))
        if grant is None:
            raise Denied("login_required", 401)
        if path != f"{grant.profile.fhir}/Patient/{fhir_id(grant.profile, grant.opened)}":
            raise Denied("forbidden", 403)
        return fhir_patient(grant.profile, grant.opened)


class Handler(BaseHTTPRequestHandler):
    def __init__(self, ehr: EhrSignIn, *connection: object) -> None:
        self.ehr = ehr
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.reply(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.reply(dict(parse_qsl(self.rfile.read(length).decode())))

    def reply(self, sent: dict[str, str]) -> None:
        try:
            found = self.ehr.answer(self.command, urlsplit(self.path).path, sent, self.headers)
        except Denied as reason:
            found = Reply.of({"error": reason.error}, reason.status)
        self.send_response(found.status)
        self.send_header("Content-Type", found.kind)
        self.send_header("Content-Length", str(len(found.body)))
        self.send_header("Cache-Control", "no-store")
        if found.location:
            self.send_header("Location", found.location)
        self.end_headers()
        self.wfile.write(found.body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def serving(ehr: EhrSignIn, port: int = 0) -> Iterator[EhrSignIn]:
    """Port 0 is any free one; `ehr.url` says where."""
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, ehr))
    ehr.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=partial(server.serve_forever, 0.05), daemon=True)
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
