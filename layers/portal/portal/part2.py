"""A written consent to disclose records of substance use treatment: 42 CFR 2.31 and 2.32, as
amended on 16 February 2024 (89 FR 12472). Pure; whoever keeps a grant or makes an export asks.

A consent is an object with the elements the law lists. One that lacks any is no consent (2.31(c)),
and so is one that is over, revoked or known to be false.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum

STATEMENT = (  # 2.32(a)(1), word for word
    "This record which has been disclosed to you is protected by Federal confidentiality rules "
    "(42 CFR part 2). These rules prohibit you from using or disclosing this record, or "
    "testimony that describes the information contained in this record, in any civil, criminal,"
    " administrative, or legislative proceedings by any Federal, State, or local authority, "
    "against the patient, unless authorized by the consent of the patient, except as provided "
    "at 42 CFR 2.12(c)(5) or as authorized by a court in accordance with 42 CFR 2.64 or 2.65. "
    "In addition, the Federal rules prohibit you from making any other use or disclosure of "
    "this record unless at least one of the following applies: (i) Further use or disclosure is"
    " expressly permitted by the written consent of the individual whose information is being "
    "disclosed in this record or as otherwise permitted by 42 CFR part 2. (ii) You are a "
    "covered entity or business associate and have received the record for treatment, payment, "
    "or health care operations, or (iii) You have received the record from a covered entity or "
    "business associate as permitted by 45 CFR part 164, subparts A and E. A general "
    "authorization for the release of medical or other information is NOT sufficient to meet "
    "the required elements of written consent to further use or redisclose the record (see 42 "
    "CFR 2.31)."
)
SHORT_STATEMENT = (  # 2.32(a)(2)
    "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
)


class Use(StrEnum):
    """What the patient consents to. The last two stand in a consent of their own."""

    REQUESTED = "at the request of the patient"  # 2.31(a)(5)(i)
    CARE = "for treatment, payment, and health care operations"  # 2.31(a)(5)(ii)
    RESEARCH = "for research"
    COUNSELING_NOTES = "substance use disorder counseling notes"  # 2.31(b)
    PROCEEDINGS = "for civil, criminal, administrative, or legislative proceedings"  # 2.31(d)


class Flaw(StrEnum):
    """Why nothing may be disclosed on it: 2.31(c)(1) to (4)."""

    EXPIRED = "expired"
    DEFICIENT = "deficient"
    REVOKED = "revoked"
    FALSE = "known to be false"


@dataclass(frozen=True)
class Consent:
    """2.31(a), element by element; the number is the paragraph. `ends_with` is an event in words
    ("end of the treatment", "none" for care), `ended_at` when that event came."""

    patient: str  # 1: the name
    discloser: str  # 2: who may disclose
    information: str  # 3: what, in a meaningful fashion
    recipients: tuple[str, ...]  # 4
    uses: frozenset[Use]  # 5
    how_to_revoke: str  # 6: in writing, and how
    signature: str  # 8: electronic ones count
    signed_on: date | None  # 9
    ends_on: date | None = None  # 7: a date,
    ends_with: str = ""  # or an event
    ended_at: datetime | None = None
    intermediary_members: tuple[str, ...] | None = None  # 4(ii): None where there is none
    must_be_countersigned: bool = False  # 8: under 2.14 (minors) or 2.15 (no capacity, deceased)
    countersignature: str = ""
    says_redisclosure: bool = False  # 4(iii), 10(i): it may be passed on under HIPAA
    says_refusal: bool = False  # 10(ii): what follows from not signing
    revoked_at: datetime | None = None
    is_false: bool = False  # known, or could be known with reasonable diligence


def missing(consent: Consent) -> tuple[str, ...]:
    """The paragraphs of 2.31 it does not meet, in their order."""
    is_care = Use.CARE in consent.uses
    members = consent.intermediary_members
    met = {
        "2.31(a)(1)": _is_said(consent.patient),
        "2.31(a)(2)": _is_said(consent.discloser),
        "2.31(a)(3)": _is_said(consent.information),
        "2.31(a)(4)(i)": _is_all_said(consent.recipients),
        "2.31(a)(4)(ii)": members is None or _is_all_said(members),
        "2.31(a)(5)": bool(consent.uses),
        "2.31(a)(6)": _is_said(consent.how_to_revoke),
        "2.31(a)(7)": _is_ending_said(consent),
        "2.31(a)(8)": _is_signed(consent),
        "2.31(a)(9)": consent.signed_on is not None,
        "2.31(a)(10)(i)": consent.says_redisclosure or not is_care,
        "2.31(a)(10)(ii)": consent.says_refusal or not is_care,
        "2.31(b)": _is_alone(consent, Use.COUNSELING_NOTES),
        "2.31(d)": _is_alone(consent, Use.PROCEEDINGS),
    }
    return tuple(paragraph for paragraph, is_met in met.items() if not is_met)


def flaw(consent: Consent, at: datetime) -> Flaw | None:
    """None for one on which may be disclosed at that moment."""
    if consent.is_false:
        return Flaw.FALSE
    if missing(consent) or (consent.signed_on or date.max) > at.astimezone(UTC).date():
        return Flaw.DEFICIENT
    if consent.revoked_at is not None and consent.revoked_at <= at:
        return Flaw.REVOKED
    return Flaw.EXPIRED if _is_over(consent, at) else None


def revoked(consent: Consent, at: datetime) -> Consent:
    """For all that comes after; what was disclosed in reliance on it stays (2.31(a)(6)). The first
    revocation counts."""
    return consent if consent.revoked_at else replace(consent, revoked_at=at)


def notice(*, is_short: bool = False) -> str:
    """2.32(a). It is the law's English, and is not translated."""
    return SHORT_STATEMENT if is_short else STATEMENT


def accompanying(consent: Consent, *, is_short: bool = False) -> str:
    """What goes along with each disclosure: the notice, and a clear explanation of the consent's
    scope (2.32(b))."""
    ends = consent.ends_on.isoformat() if consent.ends_on else consent.ends_with
    scope = (
        f"Scope of the patient's consent: {consent.information}. "
        f"From: {consent.discloser}. To: {', '.join(consent.recipients)}. "
        f"Purpose: {'; '.join(sorted(consent.uses))}. "
        f"Signed on {consent.signed_on}. Ends: {ends}."
    )
    return f"{notice(is_short=is_short)}\n\n{scope}"


def _is_said(text: str) -> bool:
    return bool(text.strip())


def _is_all_said(names: tuple[str, ...]) -> bool:
    return bool(names) and all(map(_is_said, names))


def _is_ending_said(consent: Consent) -> bool:
    """ "none" is an answer for care alone."""
    is_none = consent.ends_with.strip().lower() == "none"
    if is_none and consent.ends_on is None:
        return consent.uses == {Use.CARE}
    return consent.ends_on is not None or _is_said(consent.ends_with)


def _is_signed(consent: Consent) -> bool:
    is_countersigned = _is_said(consent.countersignature) or not consent.must_be_countersigned
    return _is_said(consent.signature) and is_countersigned


def _is_alone(consent: Consent, use: Use) -> bool:
    return use not in consent.uses or consent.uses == {use}


def _is_over(consent: Consent, at: datetime) -> bool:
    """The last day still counts, by UTC dates as everywhere in the policy."""
    is_past = consent.ends_on is not None and at.astimezone(UTC).date() > consent.ends_on
    return is_past or (consent.ended_at is not None and consent.ended_at <= at)
