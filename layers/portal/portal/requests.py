"""One HTTP request, parsed once at the border: who sends it, and what it asks.

Shapes are API Gateway's REST proxy event (payload version 1.0). Whatever a stranger sends is at
worst a BadInput.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import parse_qsl

from portal import agents, cookies, languages
from portal.access import Visitor
from portal.errors import BadInput
from portal.secrets_kept import hashed, same
from portal.settings import settings

MAX_FORM_BYTES = 64_000
MAX_FIELDS = 200
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
_COUNTRY = re.compile("[A-Z]{2}")
_PLACE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,8})?,-?[0-9]{1,3}(\.[0-9]{1,8})?")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]  # names in lower case
    sent: str = field(repr=False)  # the body as API Gateway passes it on: see `body_of`
    is_base64: bool
    path_fields: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    visitor: Visitor = field(repr=False)

    @property
    def wants_json(self) -> bool:
        """Only who names JSON gets it: `*/*` is a browser's picture or a person with curl."""
        accept = self.headers.get("accept", "").lower()
        return "json" in accept and "text/html" not in accept

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def request_of(event: Mapping[str, Any]) -> Request:
    headers = _headers(event)
    path = "/" + _encodable(str(event.get("path") or "")).lstrip("/")
    return Request(
        method=event["requestContext"]["httpMethod"],
        path=path,
        headers=headers,
        sent=str(event.get("body") or ""),
        is_base64=bool(event.get("isBase64Encoded")),
        path_fields=event.get("pathParameters") or {},
        query=event.get("queryStringParameters") or {},
        visitor=_visitor(event["requestContext"], headers, path),
    )


def fields_of(request: Request) -> dict[str, Any]:
    """What a GET's query or another method's body says, and the path. The path wins: a body cannot
    rename the record asked for."""
    said = request.query if request.method == "GET" else _body_fields(request)
    return {**said, **request.path_fields}


def body_of(request: Request) -> bytes:
    if not request.is_base64:
        return _encodable(request.sent).encode()
    try:
        return base64.b64decode(request.sent, validate=True)
    except ValueError as error:
        raise BadInput({"body": "Send the body again: it did not arrive whole."}) from error


def _headers(event: Mapping[str, Any]) -> dict[str, str]:
    many = event.get("multiValueHeaders") or {}
    headers = {
        name.lower(): ("; " if name.lower() == "cookie" else ", ").join(values)
        for name, values in many.items()
        if values
    }
    for name, value in (event.get("headers") or {}).items():
        headers.setdefault(name.lower(), str(value or ""))
    return headers


def _visitor(context: Mapping[str, Any], headers: Mapping[str, str], path: str) -> Visitor:
    sent = cookies.read(headers.get("cookie", ""))
    browser = sent.get(cookies.name_of("browser"), "")
    told = headers if is_from_edge(headers) else {}
    address = _address(told) or str((context.get("identity") or {}).get("sourceIp") or "")
    return Visitor(
        request_id=str(context.get("requestId") or ""),
        source=hashed(_network(address))[:32],
        language=languages.negotiated(
            cookie=sent.get(cookies.name_of("lang"), ""),
            accept_language=headers.get("accept-language", ""),
        ),
        browser=hashed(browser) if browser else "",
        session_cookie=sent.get(cookies.name_of("session"), ""),
        device_cookie=sent.get(cookies.name_of("device"), ""),
        staff_cookie=sent.get(cookies.name_of("staff"), ""),
        offline_cookie=sent.get(cookies.name_of("offline"), ""),
        is_shared=sent.get(cookies.name_of("shared"), "") == "yes",
        path=path,
        agent=agents.name_of(headers.get("user-agent", "")),
        country=_matching(_COUNTRY, told.get("cloudfront-viewer-country", "")),
        place=_place(told),
    )


def is_from_edge(headers: Mapping[str, str]) -> bool:
    """Only the edge knows the word whose hash we know. Where none stands before the API, these
    headers are whoever's."""
    word = hashed(headers.get("x-edge-token", ""))
    return any(same(word, digest) for digest in settings().edge_digests)


def _matching(pattern: re.Pattern[str], text: str) -> str:
    return text if pattern.fullmatch(text) else ""


def _address(headers: Mapping[str, str]) -> str:
    """The edge says "address:port"; API Gateway then sees the edge's own address."""
    return headers.get("cloudfront-viewer-address", "").rpartition(":")[0].strip("[]")


def _place(headers: Mapping[str, str]) -> str:
    """The edge's guess, "latitude,longitude"."""
    names = ("cloudfront-viewer-latitude", "cloudfront-viewer-longitude")
    return _matching(_PLACE, ",".join(headers.get(name, "") for name in names))


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _network(address: str) -> str:
    """Whoever has one IPv6 address has at least 2^64 of them: throttles count the /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


def _body_fields(request: Request) -> dict[str, Any]:
    body = body_of(request)
    if len(body) > MAX_FORM_BYTES:
        raise BadInput({"body": "Send at most 64 kB."})
    if not body:
        return {}
    return _json_fields(body) if request.content_type == JSON else _form_fields(body)


def _form_fields(body: bytes) -> dict[str, Any]:
    text = body.decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS))
    except ValueError as error:
        raise BadInput({"body": "Send fewer fields."}) from error


def _json_fields(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body)
        json.dumps(parsed, ensure_ascii=False).encode()  # half a surrogate pair can go nowhere
    except (ValueError, RecursionError) as error:
        raise BadInput({"body": "Send valid JSON."}) from error
    if not isinstance(parsed, dict):
        raise BadInput({"body": "Send a JSON object."})
    return parsed
