"""What people are asked to agree to: `consents.toml`, read once. Every version stays in it."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("consents.toml")


class Purpose(StrEnum):
    TREATMENT = "treatment"
    AI_EXPLANATION = "ai-explanation"
    EVISIT_BILLING = "evisit-billing"
    RESEARCH = "research"
    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"
    SENSITIVE_DATA = "sensitive-data"
    CROSS_BORDER = "cross-border"


class Region(StrEnum):
    """Whose law asks: the setting `law_region`."""

    US = "us"
    EU = "eu"
    CN = "cn"


class Need(StrEnum):
    SEPARATE = "separate"
    WRITTEN = "written"
    COST_NOTICE = "cost-notice"


@dataclass(frozen=True)
class Wording:
    """English, to be translated; `{clinic}` stands for the clinic's name."""

    purpose: Purpose
    region: Region
    version: int
    since: date
    covers: frozenset[str]
    needs: frozenset[Need]
    law: str
    title: str
    text: str
    contact: str = ""  # "phone" or "email": the yes is for that one only
    lasts_days: int | None = None


@cache
def every() -> tuple[Wording, ...]:
    entries = tomllib.loads(FILE.read_text("utf-8"))["wording"]
    return tuple(_wording(each, region) for each in entries for region in each["regions"])


def _wording(entry: dict[str, Any], region: str) -> Wording:
    return Wording(
        Purpose(entry["purpose"]),
        Region(region),
        version=int(entry["version"]),
        since=entry["from"],
        covers=frozenset(entry["covers"]),
        needs=frozenset(map(Need, entry["needs"])),
        law=entry["law"],
        title=entry["title"],
        text=entry["text"],
        contact=entry.get("contact", ""),
        lasts_days=entry.get("lasts_days"),
    )


def find(purpose: Purpose, region: Region, version: int) -> Wording | None:
    key = (purpose, region, version)
    return next((each for each in every() if key_of(each) == key), None)


def key_of(wording: Wording) -> tuple[Purpose, Region, int]:
    return wording.purpose, wording.region, wording.version


def current(region: Region, on: date) -> dict[Purpose, Wording]:
    """The newest wording of each purpose that this region's law knows, as the file lists them."""
    return newest(each for each in every() if each.region is region and each.since <= on)


def newest(wordings: Iterable[Wording]) -> dict[Purpose, Wording]:
    found: dict[Purpose, Wording] = {}
    for each in wordings:
        if each.purpose not in found or found[each.purpose].version < each.version:
            found[each.purpose] = each
    return found
