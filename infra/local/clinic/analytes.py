"""What a laboratory can measure or say, and how it judges a number against its range."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from infra.local.clinic.people import Patient

_DAYS_A_YEAR = 365.25


@dataclass(frozen=True)
class Subject:
    """What a reference range depends on."""

    sex: str
    age_years: float


@dataclass(frozen=True)
class Range:
    """With both limits the range includes them ("70-99"); a lone one is left out of it ("<200")."""

    low: float | None = None
    high: float | None = None
    sex: str = ""
    from_age: float = 0
    below_age: float = 200

    def fits(self, subject: Subject) -> bool:
        return self.sex in ("", subject.sex) and (
            self.from_age <= subject.age_years < self.below_age
        )


@dataclass(frozen=True)
class Analyte:
    """A number. Below `floor` the analyser reads nothing, so "<floor" is sent."""

    loinc: str
    local: str
    name: str
    unit: str
    decimals: int
    ranges: tuple[Range, ...]
    critical: Range = Range()
    floor: float | None = None
    least_age: int = 0
    note: str = ""

    @property
    def code(self) -> str:
        """The LOINC code, or the laboratory's own where LOINC has none."""
        return self.loinc or self.local


@dataclass(frozen=True)
class Finding:
    """An answer in a word. `normal` doubles as the reference range, as laboratories print it."""

    loinc: str
    local: str
    name: str
    normal: str
    abnormal: str
    value_type: Literal["ST", "CWE"] = "ST"
    note: str = ""


@dataclass(frozen=True)
class Narrative:
    """A text: TX is one OBX a line under one OBX-4, FT one OBX with breaks, ED a PDF."""

    loinc: str
    local: str
    name: str
    value_type: Literal["TX", "FT", "ED"]
    text: str
    preliminary: str = ""


Test = Analyte | Finding | Narrative


def subject_of(patient: Patient, on: date) -> Subject:
    return Subject(patient.sex, (on - patient.birth_on).days / _DAYS_A_YEAR)


def range_for(analyte: Analyte, subject: Subject) -> Range:
    return next((each for each in analyte.ranges if each.fits(subject)), Range())


def range_text(limits: Range, decimals: int) -> str:
    if limits.low is not None and limits.high is not None:
        return f"{limits.low:.{decimals}f}-{limits.high:.{decimals}f}"
    if limits.high is not None:
        return f"<{limits.high:.{decimals}f}"
    return "" if limits.low is None else f">{limits.low:.{decimals}f}"


def flag(value: float, limits: Range, critical: Range) -> str:
    """HL7 table 0078: LL and HH for values a laboratory telephones."""
    if critical.low is not None and value < critical.low:
        return "LL"
    if critical.high is not None and value > critical.high:
        return "HH"
    if _is_below(value, limits):
        return "L"
    if _is_above(value, limits):
        return "H"
    return "" if limits.low is None and limits.high is None else "N"


def _is_below(value: float, limits: Range) -> bool:
    if limits.low is None:
        return False
    return value <= limits.low if limits.high is None else value < limits.low


def _is_above(value: float, limits: Range) -> bool:
    if limits.high is None:
        return False
    return value >= limits.high if limits.low is None else value > limits.high
