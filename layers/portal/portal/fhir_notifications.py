"""Notifications of FHIR topic subscriptions (Subscriptions R5 Backport 1.1, for R4 and R4B).

A Bundle of type history whose first entry is the subscription's status: Parameters in R4, a
SubscriptionStatus in R4B. What follows is taken as updates, one batch for each patient.

subscription#<blind sender and subscription> / <event number>   care table: an event that came
"""

from dataclasses import dataclass, replace
from typing import Any

from pynamodb.exceptions import PutError

from portal import fhir, fhir_subjects, keys
from portal.conditions import is_unmet
from portal.fhir import Resource
from portal.fhir_interactions import text_of, told
from portal.fhir_outcomes import Refused
from portal.fhir_patients import Whose, patient_id_in
from portal.fhir_requests import BATCH
from portal.moments import instant
from portal.tables import CareRow

HANDSHAKE, HEARTBEAT = "handshake", "heartbeat"
EVENT, QUERY_STATUS = "event-notification", "query-status"
KINDS = frozenset({HANDSHAKE, HEARTBEAT, EVENT, QUERY_STATUS})
MAX_EVENT = 10**18
SEEN = "seen"


@dataclass(frozen=True)
class Notification:
    """`focuses`: references to what the events are about, whether their resources came or not."""

    kind: str
    subscription: str
    numbers: tuple[int, ...]
    focuses: tuple[str, ...]
    entries: tuple[Resource, ...]

    def with_entries(self, entries: tuple[Resource, ...]) -> "Notification":
        return replace(self, entries=(*self.entries, *entries))

    @property
    def missing(self) -> list[str]:
        """Focuses that came without their resource."""
        there = {text_of(each.get("fullUrl")) for each in self.entries if _is_told(each)}
        there |= {_name(each["resource"]) for each in self.entries if each.get("resource")}
        return [each for each in self.focuses if each not in there and _tail(each) not in there]


def read(document: Resource) -> Notification:
    """Raises Refused for what is none."""
    entries = document.get("entry")
    found = (
        [each for each in entries if isinstance(each, dict)] if isinstance(entries, list) else []
    )
    if document.get("type") != "history" or not found:
        words = "Send a Bundle of type history whose first entry is the subscription's status."
        raise Refused(400, "invalid", words, "Bundle")
    status = found[0].get("resource")
    said = _said(status) if isinstance(status, dict) else {}
    if said.get("type") not in KINDS:
        words = "The first entry must tell the notification's type: handshake, for example."
        raise Refused(400, "required", words, "Bundle.entry[0].resource")
    events = [each for each in said["events"] if isinstance(each, dict)]
    return Notification(
        kind=said["type"],
        subscription=said["subscription"],
        numbers=tuple(filter(None, (_number(each.get("eventNumber")) for each in events))),
        focuses=tuple(filter(None, (_referred(each.get("focus")) for each in events))),
        entries=tuple(found[1:]),
    )


def _said(status: Resource) -> dict[str, Any]:
    """R4B's elements; R4 has them as parameters."""
    if status.get("resourceType") == "Parameters":
        status = _of_parameters(status)
    events = status.get("notificationEvent")
    return {
        "type": text_of(status.get("type")),
        "subscription": _referred(status.get("subscription")),
        "events": events if isinstance(events, list) else [],
    }


_NAMES = {"event-number": "eventNumber", "notification-event": "notificationEvent"}


def _of_parameters(resource: Resource) -> Resource:
    made: Resource = {}
    for part in _listed(resource.get("parameter", resource.get("part"))):
        name = text_of(part.get("name"))
        values = [value for key, value in part.items() if key.startswith("value")]
        if name == "notification-event":
            made.setdefault("notificationEvent", []).append(_of_parameters(part))
        elif values:
            made[_NAMES.get(name, name)] = values[0]
    return made


def _listed(part: Any) -> list[Resource]:
    return [each for each in part if isinstance(each, dict)] if isinstance(part, list) else []


def _referred(part: Any) -> str:
    return text_of(part.get("reference")) if isinstance(part, dict) else ""


def _number(part: Any) -> int:
    """integer64 is a text in JSON; 0 for none."""
    text = str(part) if isinstance(part, int) else text_of(part)
    found = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return found if found < MAX_EVENT else 0


def _is_told(entry: Resource) -> bool:
    request = entry.get("request")
    is_deletion = isinstance(request, dict) and request.get("method") == "DELETE"
    return bool(entry.get("resource")) or is_deletion


def _name(resource: Any) -> str:
    if not isinstance(resource, dict):
        return ""
    return f"{text_of(resource.get('resourceType'))}/{text_of(resource.get('id'))}"


def _tail(reference: str) -> str:
    return "/".join(reference.split("/")[-2:])


def batches(notification: Notification) -> list[bytes]:
    """One for each patient. The same events give the same bytes, whatever carries them."""
    groups: dict[str, list[Resource]] = {}
    for entry in filter(_is_told, notification.entries):
        groups.setdefault(_whose(entry), []).append(_updated(entry))
    nobodys = groups.pop("", [])
    if groups:
        first = next(iter(groups))
        groups[first] = [*nobodys, *groups[first]]
    elif nobodys:
        groups[""] = nobodys
    bundle = {"resourceType": "Bundle", "type": BATCH}
    return [fhir.dumps(bundle | {"entry": each}).encode() for each in groups.values()]


def _updated(entry: Resource) -> Resource:
    resource = entry.get("resource")
    if not isinstance(resource, dict) or not resource:
        url = _tail(text_of(entry["request"].get("url")))
        return {"request": {"method": "DELETE", "url": url}}
    full_url = text_of(entry.get("fullUrl"))
    made = {"resource": resource, "request": told(resource)}
    return ({"fullUrl": full_url} if full_url else {}) | made


def _whose(entry: Resource) -> str:
    """What tells entries of different patients apart; "" for nobody in particular."""
    resource = entry.get("resource")
    if not isinstance(resource, dict) or not resource:
        return f"DELETE {text_of(entry['request'].get('url'))}"
    if resource.get("resourceType") == "Patient":
        return text_of(resource.get("id"))
    try:
        found = fhir_subjects.references(resource, Whose().is_patient)
    except (Refused, AttributeError, KeyError, TypeError):  # the push will say what is wrong
        return ""
    if not found or not isinstance(found[0], dict):
        return ""
    return patient_id_in(found[0]) or fhir.dumps(found[0])


def noted(sender: str, notification: Notification) -> list[int]:
    """Remembers the events; returns the numbers before which one is missing."""
    pk = f"subscription#{keys.blind('subscription', f'{sender}|{notification.subscription}')}"
    new = [number for number in notification.numbers if _note(pk, number)]
    return [n for n in new if n > 1 and CareRow.find(pk, _key(n - 1)) is None]


def _note(pk: str, number: int) -> bool:
    """False for a repeat."""
    row = CareRow(pk, _key(number), state=SEEN, received_at=instant())
    try:
        row.save(CareRow.pk.does_not_exist())
    except PutError as error:
        if not is_unmet(error):
            raise
        return False
    return True


def _key(number: int) -> str:
    return f"{number:020d}"
