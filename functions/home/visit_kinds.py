"""Sorts of visits in everyday words. What the schedule itself calls a visit is shown beside it."""

import re
from collections.abc import Iterable


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


VISIT = N_("Visit")
# HL7 tables 0276 and 0277, which FHIR's appointmentType uses, too.
CODES = {
    "CHECKUP": N_("Check-up"),
    "EMERGENCY": N_("Urgent visit"),
    "FOLLOWUP": N_("Follow-up visit"),
    "WALKIN": N_("Visit without an appointment"),
}
# Words of a schedule, the one that tells a patient most first. Each stands for one sort only.
WORDS = (
    (("video", "telehealth", "telemedicine", "virtual"), N_("Video visit")),
    (("phone", "telephone"), N_("Phone visit")),
    (("vaccine", "vaccination", "immunization", "flu shot"), N_("Vaccination")),
    (("blood draw", "lab draw", "laboratory", "phlebotomy"), N_("Blood draw or lab test")),
    (("mri", "ct scan", "x ray", "xray", "ultrasound", "radiology"), N_("X-ray or scan")),
    (("mammogram", "mammography"), N_("X-ray or scan")),
    (("physical therapy", "physiotherapy"), N_("Physical therapy")),
    (("dental", "dentist"), N_("Dental visit")),
    (("eye exam", "ophthalmology", "optometry"), N_("Eye visit")),
    (("follow up", "followup"), N_("Follow-up visit")),
    (("check up", "checkup", "annual physical", "wellness visit"), N_("Check-up")),
    (("well child", "well baby"), N_("Check-up")),
    (("new patient",), N_("First visit")),
)


def kind_of(codes: Iterable[str], said: Iterable[str]) -> str:
    """In English: the words of `said` tell more than a code of why it takes place."""
    text = " | ".join(f" {re.sub(r'[\W_]+', ' ', each.casefold()).strip()} " for each in said)
    by_words = (kind for needles, kind in WORDS if any(f" {each} " in text for each in needles))
    by_code = (CODES[each.upper()] for each in codes if each.upper() in CODES)
    return next(by_words, None) or next(by_code, VISIT)
