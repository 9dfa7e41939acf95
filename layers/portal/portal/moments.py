"""The clock and fresh ids, in one place so that tests can hold them still."""

import uuid
from datetime import UTC, datetime
from functools import partial

clock = partial(datetime.now, UTC)


def now() -> datetime:
    """Aware UTC."""
    return clock()


def instant(moment: datetime | None = None) -> str:
    """FHIR instant in UTC with milliseconds, so that texts sort as times do."""
    moment = (moment or now()).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime | None:
    """An aware datetime from a FHIR instant or dateTime with a time; None for anything less."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def fresh_id() -> str:
    return uuid.uuid4().hex
