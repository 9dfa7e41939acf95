"""Which care a minor may consent to alone, by US state: rows of minor_consent.toml.

The rows decide what a parent's grant opens of a teen's record (decision 0015): an item is open only
where a row says that the teen was too young to consent to such care. No row, no opening.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

from pydantic import ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from portal import us_states
from portal.ages import ADULT
from portal.model import Model
from portal.sensitivity import Segment

FILE = Path(__file__).with_name("minor_consent.toml")


class BadRules(ValueError):
    """The file does not count; the message says which row and why."""


@dataclass(frozen=True)
class Rule:
    """`minimum_age`: from when on a minor may consent alone; None or 0 for any age. `valid_to` is
    the last day, None while it is in force."""

    state: str  # ISO 3166-2:US without "US-"
    service: Segment
    minimum_age: int | None
    conditions: str
    cite: str
    valid_from: date
    valid_to: date | None
    source: str
    read_on: date

    def is_valid(self, on: date) -> bool:
        return self.valid_from <= on and (self.valid_to is None or on <= self.valid_to)


class Row(Model):
    """A row as it stands in the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    state: str
    service: Segment
    minimum_age: int | None = Field(default=None, ge=0, lt=ADULT, strict=True)
    conditions: str
    cite: str = Field(min_length=5)
    valid_from: date = Field(alias="from", strict=True)
    valid_to: date | None = Field(default=None, alias="to", strict=True)
    source: str = Field(pattern=r"^https?://[\w.-]+/")
    read_on: date = Field(strict=True)

    @model_validator(mode="after")
    def _holds_together(self) -> "Row":
        if self.state not in us_states.NAMES:
            raise ValueError("state: no postal code of a US state")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("to: before from")
        return self

    @property
    def rule(self) -> Rule:
        return Rule(**self.model_dump())


class _File(Model):
    model_config = ConfigDict(extra="forbid")

    rule: tuple[Row, ...]


def rule_for(state: str, service: Segment, on: date) -> Rule | None:
    """The one in force that day; None hides."""
    found = (rule for rule in rules().get((state, service), ()) if rule.is_valid(on))
    return next(found, None)


@cache
def rules() -> dict[tuple[str, Segment], list[Rule]]:
    return by_service(read(FILE.read_text("utf-8")))


def read(text: str) -> list[Rule]:
    """Raises BadRules."""
    try:
        found = [row.rule for row in _File.model_validate(tomllib.loads(text)).rule]
    except tomllib.TOMLDecodeError as error:
        raise BadRules(f"no TOML: {error}") from None
    except ValidationError as error:
        raise BadRules("; ".join(_fault(each) for each in error.errors())) from None
    for rules_of_one in by_service(found).values():
        _check_no_overlap(rules_of_one)
    return found


def by_service(found: Iterable[Rule]) -> dict[tuple[str, Segment], list[Rule]]:
    """Each list from the earliest to the latest."""
    sorted_rules: dict[tuple[str, Segment], list[Rule]] = {}
    for rule in sorted(found, key=lambda each: each.valid_from):
        sorted_rules.setdefault((rule.state, rule.service), []).append(rule)
    return sorted_rules


def _check_no_overlap(in_order: list[Rule]) -> None:
    for earlier, later in pairwise(in_order):
        if earlier.is_valid(later.valid_from):
            raise BadRules(f"{later.state} {later.service}: two rows hold on {later.valid_from}")


def _fault(error: ErrorDetails) -> str:
    """Rows count from 1."""
    place = (each + 1 if isinstance(each, int) else each for each in error["loc"])
    return f"{' '.join(map(str, place))}: {error['msg']}"
