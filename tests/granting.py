"""Grants for tests: valid, with dull defaults; and sessions at somebody else's record."""

from datetime import UTC, datetime
from typing import Any

from tests.builders import a_session
from tests.visitors import a_browser

from portal import acting, grants, moments
from portal.granting import EVERYTHING, Grant, GrantKind, GrantState
from portal.patients import Patient


def a_grant(patient: Patient, holder: Patient, **facts: Any) -> Grant:
    """Kept and active, on everything that is not sensitive, to read."""
    dull: dict[str, Any] = {
        "grant_id": moments.fresh_id(),
        "patient_id": patient.patient_id,
        "holder_id": holder.patient_id,
        "kind": GrantKind.PROXY,
        "state": GrantState.ACTIVE,
        "categories": EVERYTHING,
        "starts_at": datetime(2020, 1, 1, tzinfo=UTC),
        "names": {"patient": patient.given, "holder": holder.given},
    }
    return grants.keep(Grant(**(dull | facts)))


def acting_for(grant: Grant, holder: Patient, *, is_preview: bool = False, **facts: Any) -> Any:
    """A browser whose session is at the grant's record."""
    cookie = a_session(holder)
    acting.begin(cookie, grant, is_preview=is_preview)
    return a_browser(cookies={"session": cookie}, **facts)
