"""What people are told of, and by which ways."""

from enum import StrEnum

from portal.audit_events import Event


class Topic(StrEnum):
    RESULTS = "results"
    FAMILY = "family"  # of people one helps, and of access one asked for
    ACCESS = "access"  # birthdays and what else changes who sees a record
    SECURITY = "security"  # signing in, and who can open the record from now on


class Channel(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"


CAN_WAIT = frozenset({Topic.RESULTS, Topic.FAMILY, Topic.ACCESS})  # for the end of quiet hours
REACHING = frozenset({Channel.EMAIL, Channel.SMS})  # one of these carries security news
_FAMILY = frozenset({Event.PROXY_GIVEN_BACK, Event.PROXY_APPROVED, Event.PROXY_DENIED})


def of_event(event: Event) -> Topic:
    """Of what an account is told. That somebody can open the record now is security."""
    return Topic.FAMILY if event in _FAMILY else Topic.SECURITY
