"""HL7's filler status codes of an appointment and of its parts (table 0278) as FHIR's."""

import re

# Beside the table, the words that schedules use. Blocked is a slot's status, no appointment's.
_APPOINTMENT = {
    "arrived": "arrived",
    "booked": "booked",
    "canceled": "cancelled",
    "cancelled": "cancelled",
    "checkedin": "checked-in",
    "complete": "fulfilled",
    "completed": "fulfilled",
    "confirmed": "booked",
    "dc": "cancelled",
    "deleted": "entered-in-error",
    "discontinued": "cancelled",
    "noshow": "noshow",
    "overbook": "booked",
    "pending": "pending",
    "scheduled": "booked",
    "started": "checked-in",
    "waitlist": "waitlist",
}
_PARTICIPATION = {
    "arrived": "accepted",
    "booked": "accepted",
    "cancelled": "declined",
    "checked-in": "accepted",
    "entered-in-error": "declined",
    "fulfilled": "accepted",
    "noshow": "accepted",  # it is the patient who did not come
    "pending": "tentative",
    "waitlist": "tentative",
}
_EVENTS = {
    "S12": "booked",
    "S13": "booked",
    "S15": "cancelled",
    "S16": "cancelled",
    "S17": "entered-in-error",
    "S26": "noshow",
}
# Ways of not taking place, each more telling than the one before.
_OFF = ("cancelled", "noshow", "entered-in-error")


def status(event: str, filler_status: str) -> str:
    """SCH-25; but what the event takes off does not stay booked. "" when neither says."""
    said, follows = status_of(filler_status), _EVENTS.get(event, "")
    if follows in _OFF:
        return max((each for each in (said, follows) if each in _OFF), key=_OFF.index)
    return said or follows


def status_of(word: str) -> str:
    """FHIR AppointmentStatus; "" for a word that is not known."""
    return _APPOINTMENT.get(re.sub(r"[^a-z]", "", word.lower()), "")


def participation(own_status: str, appointment_status: str) -> str:
    """FHIR ParticipationStatus, which is required. `own_status` is the sender's word."""
    return _PARTICIPATION.get(status_of(own_status) or appointment_status, "needs-action")
