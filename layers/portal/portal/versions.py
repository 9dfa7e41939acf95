"""The versions of the JSON face, named by media type, and how one of them ends (docs/api.md).

`application/vnd.patient-portal.v1+json` gets version 1 and nothing else; `application/json` gets
the newest. Within a version fields are added, never taken away or given another meaning. A version
that has a successor says so in each answer, `Deprecation` (RFC 9745) and `Sunset` (RFC 8594), and
is answered for a year more; then it is refused with 406.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime

from portal.errors import NotAcceptable
from portal.moments import now
from portal.requests import JSON, Request

_NAMED = re.compile(r"application/vnd\.patient-portal\.v([0-9]{1,4})\+json")


@dataclass(frozen=True)
class Version:
    """`deprecated_on`: there is a newer one since. `ends_on`: the first day without it."""

    number: int
    deprecated_on: date | None = None
    ends_on: date | None = None

    @property
    def media_type(self) -> str:
        return f"application/vnd.patient-portal.v{self.number}+json"


VERSIONS = (Version(1),)  # the newest last


def refuse_unknown(request: Request) -> None:
    """Before anything is done. Raises NotAcceptable for a program that names only versions which
    are not answered: not yet, or no longer."""
    is_named = _NAMED.search(_accept(request)) and JSON not in _accept(request)
    if request.wants_json and is_named and _asked(request) is None:
        raise NotAcceptable


def headers(request: Request) -> dict[str, str]:
    """Of an answer as JSON: the media type that was asked for, and what is going to end."""
    version = _asked(request)
    if version is None:
        return {"Content-Type": JSON}
    said = {"Content-Type": version.media_type}
    if version.deprecated_on:
        said["Deprecation"] = f"@{int(_midnight(version.deprecated_on).timestamp())}"
    if version.ends_on:
        said["Sunset"] = format_datetime(_midnight(version.ends_on), usegmt=True)
    return said


def _asked(request: Request) -> Version | None:
    """The first that is named and answered."""
    answered = {each.number: each for each in VERSIONS if not _is_over(each)}
    named = (int(number) for number in _NAMED.findall(_accept(request)))
    return next((answered[each] for each in named if each in answered), None)


def _is_over(version: Version) -> bool:
    return version.ends_on is not None and version.ends_on <= now().date()


def _accept(request: Request) -> str:
    return request.headers.get("accept", "").lower()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
