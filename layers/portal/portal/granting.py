"""The words of access to somebody else's record: what is granted, on what, and of whom.

A grant is kept by `portal.grants`; what it opens is decided by `portal.access`.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from portal.sensitivity import Segment


class Category(StrEnum):
    """The parts of a record that a grant names."""

    RESULTS = "results"
    RECORDS = "records"
    APPOINTMENTS = "appointments"
    MEDICATIONS = "medications"
    MESSAGES = "messages"
    BILLS = "bills"
    HEALTH = "health"  # goals and device readings


EVERYTHING = frozenset(Category)


class GrantKind(StrEnum):
    PARENT = "parent"
    PROXY = "proxy"
    GUARDIAN = "guardian"
    ESTATE = "estate"
    APP = "app"


class GrantState(StrEnum):
    INVITED = "invited"
    WAITING = "waiting-for-proof"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class Relation(StrEnum):
    """Of whoever asks to the record: themselves, or by a grant of that kind."""

    SELF = "self"
    PARENT = "parent"
    PROXY = "proxy"
    GUARDIAN = "guardian"
    ESTATE = "estate"
    APP = "app"
    STAFF = "staff"
    NONE = "none"


@dataclass(frozen=True)
class Grant:
    """`holder_id` is the person it is given to, "" until somebody accepted an invitation."""

    grant_id: str
    patient_id: str
    holder_id: str
    kind: GrantKind
    state: GrantState
    categories: frozenset[Category]
    starts_at: datetime
    segments: frozenset[Segment] = frozenset()  # sensitive ones that are shared
    may_change: bool = False
    has_part2_consent: bool = False  # 42 CFR 2.31, for what is shared of substance use
    by_teen: bool = False  # invited by a person of 12 to 17
    ends_at: datetime | None = None
    names: dict[str, str] = field(default_factory=dict, repr=False)  # "patient", "holder", "email"
    version: int = 0  # how often it was written; 0 is not kept yet
    is_told: bool = True  # the holder hears of news; theirs to switch off
    by: str = ""  # who wrote this version
    written_at: datetime | None = None
    notes: dict[str, str] = field(default_factory=dict, repr=False)  # staff's: proof, reason


@dataclass(frozen=True)
class Record:
    """Whose record it is, as far as the law asks."""

    birth_on: date
    is_deceased: bool = False
    state: str = ""  # ISO 3166-2:US without "US-"


@dataclass(frozen=True)
class Item:
    """One thing in a record. `on` is the day it belongs to, where it has one."""

    segments: frozenset[Segment] = frozenset()
    on: date | None = None
