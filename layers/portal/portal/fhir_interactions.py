"""One create, update or delete that a push asks for: which parts go with which method.

FHIR R4 http.html and bundle.html. Reading is another room's: GET and HEAD are refused; so is PATCH,
whose outcome would depend on what arrived before it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from portal.fhir import Resource
from portal.fhir_outcomes import Refused

_URL = re.compile(r"/?([A-Z][A-Za-z]{1,40})(?:/([A-Za-z0-9\-.]{1,64}))?(?:\?(.{1,2000}))?", re.A)
_ETAG = re.compile(r'(?:W/)?"([^"\s]{1,64})"|(\*)')


@dataclass(frozen=True)
class Request:
    """`named`: the id in its URL; "" for a create. `query`: of a conditional update, or of
    ifNoneExist. `if_match`: a version id, or "*"."""

    number: int
    method: str
    resource_type: str
    place: str
    named: str = ""
    query: str = ""
    if_match: str = ""
    full_url: str = ""
    resource: Resource = field(default_factory=dict)

    @property
    def is_conditional(self) -> bool:
        return bool(self.query or self.if_match)


def request(number: int, place: str, resource: Resource, sent: Resource, full_url: str) -> Request:
    """`sent` is Bundle.entry.request. Raises Refused."""
    method, found = sent.get("method"), _URL.fullmatch(text_of(sent.get("url")))
    if method not in ("POST", "PUT", "DELETE"):
        words = "Use POST, PUT or DELETE: the portal takes resources here, it does not give them."
        raise Refused(405, "not-supported", words, f"{place}.request.method")
    if found is None:
        words = "Write the resource's type, and its id where it has one: Observation/123."
        raise Refused(400, "invalid", words, f"{place}.request.url")
    for name, code in _wrong_parts(str(method), found[2] or "", found[3] or "", sent):
        raise Refused(400, code, f"This does not go with {method}.", f"{place}.request.{name}")
    return Request(
        number=number,
        method=str(method),
        resource_type=found[1],
        place=place,
        named=found[2] or "",
        query=found[3] or text_of(sent.get("ifNoneExist")).removeprefix("?"),
        if_match=_if_match(sent, place),
        full_url=full_url,
        resource={} if method == "DELETE" else resource,
    )


def _wrong_parts(method: str, named: str, query: str, sent: Resource) -> Iterator[tuple[str, str]]:
    is_create = method == "POST"
    if is_create == bool(named or query):
        yield "url", "invalid"
    if (named and query) or (method == "DELETE" and query):
        yield "url", "not-supported"
    if is_create and "ifMatch" in sent:
        yield "ifMatch", "invalid"
    if not is_create and "ifNoneExist" in sent:
        yield "ifNoneExist", "invalid"
    for name in sent.keys() & {"ifNoneMatch", "ifModifiedSince"}:
        yield name, "not-supported"


def _if_match(sent: Resource, place: str) -> str:
    value = sent.get("ifMatch")
    if value is None:
        return ""
    found = _ETAG.fullmatch(text_of(value).strip())
    if found is None:
        words = 'Send ifMatch as an ETag: W/"23".'
        raise Refused(400, "invalid", words, f"{place}.request.ifMatch")
    return found[1] or found[2]


def told(resource: Resource) -> Resource:
    """The request that a resource is by itself: an update when it has an id, else a create."""
    kind, named = text_of(resource.get("resourceType")), text_of(resource.get("id"))
    if named:
        return {"method": "PUT", "url": f"{kind}/{named}"}
    return {"method": "POST", "url": kind}


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""
