"""Consents under 42 CFR 2.31, and the notice of 2.32."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import part2
from portal.part2 import Consent, Flaw, Use

SIGNED = date(2026, 3, 1)
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
GOOD = Consent(
    patient="Ana Rivera",
    discloser="Riverbend Clinic",
    information="medicines for substance use treatment since January 2026",
    recipients=("Luis Rivera",),
    uses=frozenset({Use.REQUESTED}),
    how_to_revoke="in writing: in the portal under Family, or a letter to the clinic",
    signature="Ana Rivera",
    signed_on=SIGNED,
    ends_on=date(2026, 12, 31),
)
CARE = replace(
    GOOD,
    uses=frozenset({Use.CARE}),
    recipients=("my treating providers, health plans, third-party payers",),
    ends_on=None,
    ends_with="none",
    says_redisclosure=True,
    says_refusal=True,
)


@pytest.mark.parametrize(
    "consent", [GOOD, CARE, replace(GOOD, ends_on=None, ends_with="end of the treatment")]
)
def test_with_every_element_it_holds(consent: Consent) -> None:
    assert part2.missing(consent) == ()
    assert part2.flaw(consent, AT) is None


@pytest.mark.parametrize(("change", "paragraph"), [
    ({"patient": " "}, "2.31(a)(1)"),
    ({"discloser": ""}, "2.31(a)(2)"),
    ({"information": ""}, "2.31(a)(3)"),
    ({"recipients": ()}, "2.31(a)(4)(i)"),
    ({"recipients": ("Luis", "")}, "2.31(a)(4)(i)"),
    ({"intermediary_members": ()}, "2.31(a)(4)(ii)"),
    ({"uses": frozenset()}, "2.31(a)(5)"),
    ({"how_to_revoke": ""}, "2.31(a)(6)"),
    ({"ends_on": None}, "2.31(a)(7)"),
    ({"ends_on": None, "ends_with": "None"}, "2.31(a)(7)"),
    ({"signature": ""}, "2.31(a)(8)"),
    ({"must_be_countersigned": True}, "2.31(a)(8)"),
    ({"signed_on": None}, "2.31(a)(9)"),
])  # fmt: skip
def test_without_an_element_it_is_none(change: dict[str, Any], paragraph: str) -> None:
    lacking = replace(GOOD, **change)

    assert part2.missing(lacking) == (paragraph,)
    assert part2.flaw(lacking, AT) is Flaw.DEFICIENT


@pytest.mark.parametrize(("change", "paragraph"), [
    ({"says_redisclosure": False}, "2.31(a)(10)(i)"), ({"says_refusal": False}, "2.31(a)(10)(ii)"),
])  # fmt: skip
def test_one_consent_for_all_care_says_what_follows(change: dict[str, Any], paragraph: str) -> None:
    assert part2.missing(replace(CARE, **change)) == (paragraph,)


@pytest.mark.parametrize(("use", "paragraph"), [
    (Use.COUNSELING_NOTES, "2.31(b)"), (Use.PROCEEDINGS, "2.31(d)"),
])  # fmt: skip
def test_some_uses_stand_in_a_consent_of_their_own(use: Use, paragraph: str) -> None:
    alone = replace(GOOD, uses=frozenset({use}))

    assert part2.missing(alone) == ()
    assert part2.missing(replace(alone, uses=frozenset({use, Use.REQUESTED}))) == (paragraph,)


def test_it_holds_through_its_last_day_and_not_longer() -> None:
    end = datetime(2026, 12, 31, tzinfo=UTC)

    assert part2.flaw(GOOD, end + timedelta(hours=23, minutes=59)) is None
    assert part2.flaw(GOOD, end + timedelta(days=1)) is Flaw.EXPIRED


def test_it_ends_when_its_event_comes() -> None:
    consent = replace(GOOD, ends_on=None, ends_with="end of the treatment", ended_at=AT)

    assert part2.flaw(consent, AT - timedelta(seconds=1)) is None
    assert part2.flaw(consent, AT) is Flaw.EXPIRED


def test_it_does_not_hold_before_it_was_signed() -> None:
    assert part2.flaw(GOOD, datetime(2026, 2, 28, 23, tzinfo=UTC)) is Flaw.DEFICIENT


def test_revoked_it_holds_for_nothing_that_comes_after() -> None:
    consent = part2.revoked(GOOD, AT)

    assert part2.flaw(consent, AT - timedelta(seconds=1)) is None
    assert part2.flaw(consent, AT) is Flaw.REVOKED
    assert part2.revoked(consent, AT + timedelta(days=9)) == consent, "the first revocation counts"


def test_known_to_be_false_it_never_held() -> None:
    assert part2.flaw(replace(GOOD, is_false=True), AT) is Flaw.FALSE


DAYS = st.integers(min_value=0, max_value=700).map(lambda days: AT + timedelta(days=days - 60))


@given(DAYS, DAYS)
def test_once_it_is_over_it_never_holds_again(revoked_at: datetime, at: datetime) -> None:
    consent = part2.revoked(GOOD, revoked_at)
    later = at + timedelta(days=30)

    assert part2.flaw(consent, at) is None or part2.flaw(consent, later) is not None


def test_the_notice_is_the_laws_own_words() -> None:
    """42 CFR 2.32(a)(1) and (2)."""
    assert part2.notice().startswith("This record which has been disclosed to you is protected by")
    assert "(42 CFR part 2). These rules prohibit you from using" in part2.notice()
    assert part2.notice().endswith("(see 42 CFR 2.31).")
    assert "  " not in part2.notice()
    assert part2.notice(is_short=True) == (
        "42 CFR part 2 prohibits unauthorized use or disclosure of these records."
    )


def test_a_disclosure_goes_with_the_notice_and_the_scope_of_the_consent() -> None:
    text = part2.accompanying(GOOD)

    assert text.startswith(part2.notice())
    for part in (GOOD.information, GOOD.discloser, "Luis Rivera", Use.REQUESTED, "2026-12-31"):
        assert part in text
    assert part2.accompanying(CARE, is_short=True).startswith(part2.notice(is_short=True))
    assert "Ends: none" in part2.accompanying(CARE)
