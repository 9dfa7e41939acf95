"""What a push asks for: the entries of a transaction, batch or notification, or one resource."""

import codecs
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from portal.fhir import Resource
from portal.fhir_interactions import Request, request, text_of, told
from portal.fhir_outcomes import Refused, together

MAX_ENTRIES = 1_000
MAX_CONDITIONAL = 90  # each is a row of the transaction that commits the push; DynamoDB takes 100
TRANSACTION, BATCH, HISTORY = "transaction", "batch", "history"
_INITIAL_LOAD = ("http://terminology.hl7.org/CodeSystem/v2-0207", "I")


@dataclass(frozen=True)
class Push:
    """`faults`: entries that cannot be taken, by number. A transaction has none: it is refused."""

    kind: str
    requests: tuple[Request, ...]
    faults: dict[int, Refused]
    control_id: str = ""
    sent: str = ""
    initial_load: bool = False

    def without(self, faults: dict[int, Refused]) -> "Push":
        """Raises Refused when one of them spoils all."""
        if faults and self.kind == TRANSACTION:
            raise together(faults[number] for number in sorted(faults))
        good = tuple(each for each in self.requests if each.number not in faults)
        return replace(self, requests=good, faults=self.faults | faults)

    def only(self, numbers: frozenset[int]) -> "Push":
        good = tuple(each for each in self.requests if each.number in numbers)
        return replace(self, requests=good, faults={})

    def checked(self, check: Callable[[Request], None]) -> "Push":
        """Without the entries that `check` refuses."""
        faults = {}
        for each in self.requests:
            try:
                check(each)
            except Refused as refusal:
                faults[each.number] = refusal
        return self.without(faults)


def with_conditions(body: bytes, if_match: str, if_none_exist: str) -> bytes:
    """One resource whose HTTP headers set conditions, as the transaction that says the same: what
    is kept must tell the whole request. The resource's bytes stand in it as they came."""
    conditions = {"ifMatch": if_match, "ifNoneExist": if_none_exist}
    said = {name: value for name, value in conditions.items() if value}
    if not said:
        return body
    start = json.dumps({"resourceType": "Bundle", "type": TRANSACTION})[:-1]
    entry = f'{start}, "entry": [{{"request": {json.dumps(said)}, "resource": '
    return entry.encode() + body.removeprefix(codecs.BOM_UTF8) + b"}]}"


def read(document: Resource) -> Push:
    """Raises Refused."""
    if document["resourceType"] != "Bundle":
        place = document["resourceType"]
        return Push(TRANSACTION, (request(0, place, document, told(document), ""),), {})
    kind, entries = document.get("type"), document.get("entry", [])
    if kind not in (TRANSACTION, BATCH, HISTORY):
        words = "Send a Bundle of type transaction or batch, or one resource."
        raise Refused(422, "not-supported", words, "Bundle.type")
    if not isinstance(entries, list):
        raise Refused(400, "structure", "Send a list of entries.", "Bundle.entry")
    if len(entries) > MAX_ENTRIES:
        words = f"Send at most {MAX_ENTRIES} entries in one Bundle."
        raise Refused(413, "too-costly", words, "Bundle.entry")
    return _of_entries(document, kind, entries)


def _of_entries(document: Resource, kind: str, entries: list[Any]) -> Push:
    requests, faults = list[Request](), dict[int, Refused]()
    for number, entry in enumerate(entries):
        try:
            requests += _of_entry(number, entry, kind)
        except Refused as refusal:
            faults[number] = refusal
    if sum(each.is_conditional for each in requests) > MAX_CONDITIONAL:
        words = f"Send at most {MAX_CONDITIONAL} conditional entries in one Bundle."
        raise Refused(413, "too-costly", words, "Bundle.entry")
    push = Push(
        TRANSACTION if kind == TRANSACTION else BATCH,
        tuple(requests),
        {},
        control_id=text_of(document.get("id")),
        sent=text_of(document.get("timestamp")),
        initial_load=_is_initial_load(document.get("meta")),
    )
    return push.without(faults)


def _of_entry(number: int, entry: Any, kind: str) -> list[Request]:
    place = f"Bundle.entry[{number}]"
    if not isinstance(entry, dict):
        raise Refused(400, "structure", "Send an object.", place)
    resource, sent = entry.get("resource", {}), entry.get("request", {})
    if not isinstance(resource, dict) or not isinstance(sent, dict):
        raise Refused(400, "structure", "Send resource and request as objects.", place)
    if kind == HISTORY:
        if number == 0:  # the subscription's status
            return []
        sent = _event(place, resource, sent)
    elif "method" not in sent and sent.keys() & {"ifMatch", "ifNoneExist"}:
        sent = sent | _conditioned(resource, sent)
    return [request(number, place, resource, sent, text_of(entry.get("fullUrl")))]


def _conditioned(resource: Resource, sent: Resource) -> Resource:
    """Of `with_conditions`: who says If-None-Exist wants to create, whatever its id."""
    if "ifNoneExist" in sent:
        return {"method": "POST", "url": text_of(resource.get("resourceType"))}
    return told(resource)


def _event(place: str, resource: Resource, sent: Resource) -> Resource:
    """What became of a resource at its server."""
    if sent.get("method") == "DELETE":
        return {"method": "DELETE", "url": sent.get("url")}
    if not resource:
        words = "Subscribe with the payload full-resource: this entry has no resource."
        raise Refused(422, "incomplete", words, place)
    return told(resource)


def _is_initial_load(meta: Any) -> bool:
    """Table 0207, processing mode: a chart's past, of which nobody is told thing by thing."""
    tags = meta.get("tag") if isinstance(meta, dict) else None
    found = [tag for tag in tags if isinstance(tag, dict)] if isinstance(tags, list) else []
    return any((tag.get("system"), tag.get("code")) == _INITIAL_LOAD for tag in found)
