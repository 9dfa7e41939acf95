"""What somebody shares: boxes on a page, and what they come to. Nothing sensitive is shared without
its own box, and nothing about substance use without a signed consent (42 CFR 2.31).
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from functions.family import showing, wording
from functions.family.views import Box, ChoicesView, Part2View, Signed
from pydantic import Field, ValidationError

from portal import pages, part2
from portal.access import Caller
from portal.errors import BadInput
from portal.granting import EVERYTHING, Category, Grant
from portal.model import Model
from portal.moments import now
from portal.part2 import Consent, Use
from portal.patients import Patient
from portal.proxies import Offer, full_name
from portal.sensitivity import Segment
from portal.settings import settings

Yes = Annotated[str, Field(pattern="^(yes)?$")]
PRESETS = {  # categories, and whether they may change what is in them
    "everything": (EVERYTHING, True),
    "read": (EVERYTHING, False),
    "visits": (frozenset({Category.APPOINTMENTS, Category.BILLS}), True),
}
CHOSEN = "chosen"
PART2 = "part2"  # the note that keeps a signed consent


class ChoiceAsk(Model):
    """Each box by its own name, as in the enumerations. `signature` is for substance use alone."""

    preset: str = Field(default=CHOSEN, max_length=20)
    results: Yes = ""
    records: Yes = ""
    appointments: Yes = ""
    medications: Yes = ""
    messages: Yes = ""
    bills: Yes = ""
    health: Yes = ""
    reproductive: Yes = ""
    sexual_health: Yes = ""
    mental_health: Yes = ""
    substance_use: Yes = ""
    genetic: Yes = ""
    may_change: Yes = ""
    ends_on: str = Field(default="", max_length=40)
    signature: str = Field(default="", max_length=100)


def typed_of(fields: dict[str, Any]) -> ChoiceAsk:
    """As far as it can be read: the page shows it again."""
    try:
        return ChoiceAsk.model_validate(fields)
    except ValidationError:
        return ChoiceAsk()


def box(segment: Segment) -> str:
    return segment.replace("-", "_")


def offer_of(
    caller: Caller, patient: Patient, ask: ChoiceAsk, recipient: str, before: Grant | None = None
) -> Offer:
    """Raises BadInput."""
    _ = pages.words(caller.language)
    categories, may_change = _categories(ask)
    if not categories:
        raise BadInput({"categories": _("Choose at least one thing that they may see.")})
    ends_on = _last_day(ask.ends_on, caller.language)
    notes = consent_notes(caller, patient, ask, recipient, ends_on, before)
    return Offer(categories, segments_of(ask), may_change, _end(ends_on), bool(notes), notes)


def segments_of(ask: ChoiceAsk) -> frozenset[Segment]:
    return frozenset(each for each in wording.SEGMENTS if getattr(ask, box(each)))


def consent_notes(
    caller: Caller,
    patient: Patient,
    ask: ChoiceAsk,
    recipient: str,
    ends_on: date | None,
    before: Grant | None,
) -> dict[str, str]:
    """{} where nothing about substance use is shared; what was signed for the same terms stands.
    Raises BadInput."""
    if Segment.SUBSTANCE_USE not in segments_of(ask):
        return {}
    if before and stands(before) and before.ends_at == _end(ends_on):
        return {PART2: before.notes[PART2]}
    shown = consent_view(patient, recipient, ends_on, caller.language)
    consent = _consent(shown, ask.signature.strip(), ends_on)
    if part2.missing(consent):
        _ = pages.words(caller.language)
        words = _("To share what is about alcohol and drug use, type your full name to sign.")
        raise BadInput({"signature": words})
    return {PART2: _kept(consent)}


def stands(grant: Grant) -> bool:
    is_shared = Segment.SUBSTANCE_USE in grant.segments
    return is_shared and grant.has_part2_consent and PART2 in grant.notes


def consent_view(
    patient: Patient, recipient: str, ends_on: date | None, language: str
) -> Part2View:
    _ = pages.words(language)
    return Part2View(
        patient=full_name(patient),
        discloser=settings().portal_name,
        information=_("All that is in my record about alcohol and drug use"),
        recipient=recipient,
        purpose=_("Because I ask for it: so that this person can help me with my care"),
        how_to_revoke=_("I can end this at any time on my Family page, or in writing"),
        ends=ends_on.isoformat() if ends_on else _("When I end this access"),
    )


def choices(
    patient: Patient, grant: Grant | None, recipient: str, language: str, ask: ChoiceAsk | None
) -> ChoicesView:
    """As they are, or as somebody had just ticked them."""
    word = pages.words(language)
    on = _ticked(ask) if ask else {*grant.categories, *grant.segments} if grant else set()
    ends_on = ask.ends_on if ask else showing.last_day(grant) if grant else ""
    return ChoicesView(
        categories=[
            Box(name=c, words=word(w), is_on=c in on) for c, w in wording.CATEGORIES.items()
        ],
        segments=[
            Box(name=box(s), words=word(w), is_on=s in on) for s, w in wording.SEGMENTS.items()
        ],
        may_change=bool(ask.may_change) if ask else bool(grant and grant.may_change),
        ends_on=ends_on,
        part2=consent_view(patient, recipient, None, language),
        is_signed=bool(grant and stands(grant)),
    )


def _ticked(ask: ChoiceAsk) -> set[str]:
    return {*(each for each in Category if getattr(ask, each)), *segments_of(ask)}


def _categories(ask: ChoiceAsk) -> tuple[frozenset[Category], bool]:
    if ask.preset in PRESETS:
        return PRESETS[ask.preset]
    return frozenset(each for each in Category if getattr(ask, each)), bool(ask.may_change)


def _last_day(typed: str, language: str) -> date | None:
    """Raises BadInput."""
    if not typed.strip():
        return None
    _ = pages.words(language)
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise BadInput({"ends_on": _("Type the last day as a date.")}) from None
    end = _end(day) if day.year < date.max.year else None
    if end is None or end <= now():
        raise BadInput({"ends_on": _("Choose a day that is still to come.")})
    return day


def _end(last_day: date | None) -> datetime | None:
    """The end of that day at the clinic."""
    if last_day is None:
        return None
    zone = ZoneInfo(settings().clinic_time_zone)
    return datetime.combine(last_day + timedelta(days=1), time(), zone).astimezone(UTC)


def _consent(shown: Part2View, signature: str, ends_on: date | None) -> Consent:
    return Consent(
        patient=shown.patient,
        discloser=shown.discloser,
        information=shown.information,
        recipients=(shown.recipient,),
        uses=frozenset({Use.REQUESTED}),
        how_to_revoke=shown.how_to_revoke,
        signature=signature,
        signed_on=now().date(),
        ends_on=ends_on,
        ends_with="" if ends_on else shown.ends,
    )


def _kept(consent: Consent) -> str:
    said = {name: getattr(consent, name) for name in Signed.model_fields}
    return Signed(**said | {"uses": tuple(sorted(consent.uses))}).model_dump_json()
