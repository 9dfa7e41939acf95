"""The next visits, from the appointments that the clinic's schedule sent (SIU, FHIR)."""

from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from functions.home.views import NextVisit
from functions.home.visit_kinds import CODES, kind_of

from portal import fhir, pages, seen_records
from portal.access import Caller
from portal.fhir import Resource
from portal.moments import now, parsed
from portal.patients import Patient
from portal.scopes import Scope
from portal.seen import Sees
from portal.settings import settings

MOST = 3
TO_COME = frozenset({"proposed", "pending", "booked", "arrived", "checked-in"})
SURE = TO_COME - {"proposed", "pending"}
NEVER = datetime.max.replace(tzinfo=UTC)
WITHOUT_AN_END = timedelta(hours=1)  # how long it stands there after it began


def ahead(caller: Caller, patient: Patient) -> list[NextVisit]:
    """The next three that this reader may see, soonest first."""
    found = seen_records.resources(_sees(caller), patient, "Appointment", _is_to_come)
    at = ((_start(each.resource), each.resource) for each in found)
    soonest = sorted(at, key=lambda pair: (pair[0], pair[1]["id"]))[:MOST]
    return [_visit(start, resource, caller) for start, resource in soonest]


def _sees(caller: Caller) -> Sees:
    return partial(caller.may_see, Scope.READ_APPOINTMENTS)


def _is_to_come(appointment: Resource) -> bool:
    """Neither over nor called off."""
    start = _start(appointment)
    if appointment.get("status", "booked") not in TO_COME or start == NEVER:
        return False
    end = parsed(appointment.get("end", "")) or start + WITHOUT_AN_END
    return max(start, end) > now()


def _start(appointment: Resource) -> datetime:
    """NEVER, too, for the first and the last year: another zone's clock may not have them."""
    start = parsed(appointment.get("start", ""))
    return NEVER if start is None or start.year in {MINYEAR, MAXYEAR} else start


def _visit(start: datetime, appointment: Resource, caller: Caller) -> NextVisit:
    kind, as_sent = _named(appointment, pages.words(caller.language))
    return NextVisit(
        starts_at=appointment["start"],
        days=_days_until(start, caller.time_zone or settings().clinic_time_zone),
        kind=kind,
        as_sent=as_sent,
        with_whom=_who(appointment, lambda type_: type_ in {"Practitioner", "PractitionerRole"}),
        where=_who(appointment, lambda type_: type_ == "Location"),
        instruction=seen_records.text(_sees(caller), appointment.get("patientInstruction", "")),
        is_sure=appointment.get("status", "booked") in SURE,
    )


def _days_until(start: datetime, time_zone: str) -> int:
    here = ZoneInfo(time_zone)
    return max((start.astimezone(here).date() - now().astimezone(here).date()).days, 0)


def _named(appointment: Resource, _: Callable[[str], str]) -> tuple[str, str]:
    """What sort of visit it is in our words, and what the schedule calls it."""
    concepts = [
        concept
        for name in ("serviceType", "appointmentType", "reasonCode")
        for concept in fhir.listed(appointment.get(name))
    ]
    said = [appointment.get("description", ""), *map(fhir.words, concepts)]
    codes = [each.get("code", "") for concept in concepts for each in concept.get("coding", ())]
    as_sent = next(filter(None, said), "").strip()
    kind = _(kind_of(codes, said))
    is_said = as_sent.casefold() == kind.casefold() or as_sent.upper() in CODES
    return kind, "" if is_said else as_sent


def _who(appointment: Resource, is_meant: Callable[[str], bool]) -> str:
    actors = (each.get("actor", {}) for each in appointment.get("participant", ()))
    named = [each.get("display", "").strip() for each in actors if is_meant(_type(each))]
    return ", ".join(dict.fromkeys(filter(None, named)))


def _type(actor: Resource) -> str:
    return str(actor.get("type") or actor.get("reference", "").partition("/")[0])
