"""One HTTP request, parsed once at the border: who sends it, and what it asks.

Shapes are API Gateway's REST proxy event (payload version 1.0).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from portal import languages
from portal.access import Visitor
from portal.errors import BadInput
from portal.secrets_kept import hashed
from portal.settings import settings

MAX_FORM_BYTES = 64_000


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    cookies: Mapping[str, str]
    path_fields: Mapping[str, str]
    query: Mapping[str, str]
    visitor: Visitor = field(repr=False)

    @property
    def wants_json(self) -> bool:
        accept = self.headers.get("accept", "")
        return "json" in accept and "text/html" not in accept

    @property
    def is_json(self) -> bool:
        return "json" in self.headers.get("content-type", "")


def request_of(event: Mapping[str, Any]) -> Request:
    headers = _headers(event)
    cookies = _cookies(headers.get("cookie", ""))
    query = {name: str(value) for name, value in (event.get("queryStringParameters") or {}).items()}
    path = str(event.get("path") or "/")
    return Request(
        method=event["requestContext"]["httpMethod"],
        path=path,
        headers=headers,
        body=_body(event),
        cookies=cookies,
        path_fields=event.get("pathParameters") or {},
        query=query,
        visitor=_visitor(event, headers, cookies, path),
    )


def fields_of(request: Request) -> dict[str, Any]:
    """Path, query and body as one. The path wins: a body cannot rename the record asked for."""
    return {**request.query, **_body_fields(request), **request.path_fields}


def cookie_name(name: str) -> str:
    """`__Host-` needs https; the local run is plain http on localhost and drops the prefix."""
    return f"__Host-{name}" if settings().is_https else name


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    many = event.get("multiValueHeaders") or {}
    headers = {name.lower(): ", ".join(values) for name, values in many.items() if values}
    for name, value in (event.get("headers") or {}).items():
        headers.setdefault(name.lower(), str(value))
    return headers


def _cookies(header: str) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def _body(event: Mapping[str, Any]) -> bytes:
    text = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(text).encode("utf-8", "surrogateescape")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise BadInput({"body": "Send the body again: it did not arrive whole."}) from error


def _visitor(
    event: Mapping[str, Any], headers: Mapping[str, str], cookies: Mapping[str, str], path: str
) -> Visitor:
    context = event["requestContext"]
    browser = cookies.get(cookie_name("browser"), "")
    return Visitor(
        request_id=str(context.get("requestId") or ""),
        source=hashed(str((context.get("identity") or {}).get("sourceIp") or ""))[:32],
        language=languages.negotiated(
            cookie=cookies.get("lang", ""), accept_language=headers.get("accept-language", "")
        ),
        browser=hashed(browser) if browser else "",
        session_cookie=cookies.get(cookie_name("session"), ""),
        path=path,
    )


def _body_fields(request: Request) -> dict[str, Any]:
    if not request.body or len(request.body) > MAX_FORM_BYTES:
        return {}
    if not request.is_json:
        text = request.body.decode("utf-8", "replace")
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=200))
    try:
        parsed = json.loads(request.body)
    except ValueError as error:
        raise BadInput({"body": "Send valid JSON."}) from error
    if not isinstance(parsed, dict):
        raise BadInput({"body": "Send a JSON object."})
    return parsed
