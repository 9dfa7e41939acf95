"""Sign-ins that are not like this account's earlier ones. Each is recorded, told to the patient by
every channel, and put before staff.

    account#<patient id>
        seen#agent#<name>, seen#country#<code>   where they signed in before; for a year
        seen#place                               where and when they signed in last
"""

from datetime import timedelta
from math import asin, cos, radians, sin, sqrt

from portal import audit, outbox, reviews, user_accounts
from portal.access import Visitor
from portal.audit import Event
from portal.methods import Method
from portal.moments import now
from portal.tables import SessionRow

KEPT_DAYS = 400
FASTEST_KM_H = 1000  # an airliner
NEAR_KM = 300  # the edge's guess of a place is no better
EARTH_KM = 6371
MANY = 5  # refusals in a quarter of an hour


def signed_in(visitor: Visitor, patient_id: str, methods: frozenset[Method]) -> None:
    """The first sign-in ever is like no other, and so no news; nor is the first country that is
    known at all, or the day that the edge is switched on would be news for everybody."""
    seen = {row.sk: row for row in user_accounts.rows(patient_id, "seen#")}
    found = []
    if visitor.agent and f"seen#agent#{visitor.agent}" not in seen and Method.DEVICE not in methods:
        found.append(Event.NEW_DEVICE)
    countries = {sk for sk in seen if sk.startswith("seen#country#")}
    if visitor.country and countries and f"seen#country#{visitor.country}" not in countries:
        found.append(Event.NEW_COUNTRY)
    if (last := seen.get("seen#place")) and _is_too_far(last, visitor.place):
        found.append(Event.IMPOSSIBLE_TRAVEL)
    for event in found if seen else ():
        tell(visitor, patient_id, event)
    _note(visitor, patient_id)


def refused(visitor: Visitor, patient_id: str) -> None:
    """Counts; the fifth of a quarter of an hour is told."""
    window = int(now().timestamp()) // 900
    row = SessionRow(f"refusals#{patient_id}", str(window))
    row.update([SessionRow.tries.add(1), SessionRow.ends_at.set(now() + timedelta(hours=1))])
    if row.tries == MANY:
        tell(visitor, patient_id, Event.MANY_REFUSALS)


def tell(visitor: Visitor, patient_id: str, event: Event) -> None:
    audit.record(event, visitor, patient_id=patient_id, why="unusual-sign-in")
    reviews.ask(patient_id, event)
    outbox.tell_account(patient_id, event)


def _note(visitor: Visitor, patient_id: str) -> None:
    keys = [f"seen#agent#{visitor.agent}"] if visitor.agent else []
    keys += [f"seen#country#{visitor.country}"] if visitor.country else []
    keys += ["seen#place"]
    for key in keys:
        SessionRow(
            user_accounts.pk(patient_id),
            key,
            place=visitor.place or None,
            seen_at=now().timestamp(),
            ends_at=now() + timedelta(days=KEPT_DAYS),
        ).save()


def _is_too_far(last: SessionRow, place: str) -> bool:
    if not (last.place and place):
        return False
    km = _distance_km(last.place, place)
    hours = (now().timestamp() - float(last.seen_at or 0)) / 3600
    return km > NEAR_KM and km > FASTEST_KM_H * hours


def _distance_km(one: str, other: str) -> float:
    """Along a great circle (haversine)."""
    (lat1, lon1), (lat2, lon2) = (map(radians, map(float, p.split(","))) for p in (one, other))
    a = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * asin(sqrt(min(1.0, a)))
