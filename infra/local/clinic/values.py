"""What the demo laboratory finds: believable numbers, the same for the same seed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from random import Random

from infra.local.clinic.analytes import Analyte, Finding, Narrative, Range, range_for, subject_of
from infra.local.clinic.derived import FORMULAS
from infra.local.clinic.observations import Observation, numeric, told, worded
from infra.local.clinic.panels import Panel
from infra.local.clinic.people import Patient

_NOISE = 0.04  # of the range's width, or of a small value: about what a repeated test shows


@dataclass(frozen=True)
class Visit:
    """One collection. `aims` steers numbers, `answers` words, both by LOINC code."""

    patient: Patient
    on: date
    seed: str
    aims: Mapping[str, float] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    is_preliminary: bool = False


def observed(panel: Panel, visit: Visit) -> tuple[Observation, ...]:
    return tuple(_observations(panel, visit, _numbers(panel, visit)))


def _observations(
    panel: Panel, visit: Visit, numbers: Mapping[str, float]
) -> Iterator[Observation]:
    subject = subject_of(visit.patient, visit.on)
    for test in panel.tests:
        match test:
            case Analyte():
                if test.code in numbers:
                    yield numeric(test, numbers[test.code], subject)
            case Finding():
                yield worded(test, visit.answers.get(test.loinc, test.normal))
            case Narrative():
                early = test.preliminary if visit.is_preliminary else ""
                yield from told(test, early or test.text, visit.patient)


def _numbers(panel: Panel, visit: Visit) -> dict[str, float]:
    subject = subject_of(visit.patient, visit.on)
    analytes = {test.code: test for test in panel.tests if isinstance(test, Analyte)}
    wanted = {code: a for code, a in analytes.items() if subject.age_years >= a.least_age}
    numbers = {
        code: round(_drawn(analyte, range_for(analyte, subject), visit), analyte.decimals)
        for code, analyte in wanted.items()
        if code not in FORMULAS
    }
    for code in (code for code in FORMULAS if code in wanted):
        numbers[code] = round(FORMULAS[code](numbers, subject), wanted[code].decimals)
    return numbers


def _drawn(analyte: Analyte, limits: Range, visit: Visit) -> float:
    own = _random(visit.patient.mrn, analyte.code)
    aim = visit.aims.get(analyte.code, _usual(limits, own))
    noise = _random(visit.seed, analyte.code).uniform(-_NOISE, _NOISE)
    return aim + noise * min(_width(limits), aim)


def _usual(limits: Range, random: Random) -> float:
    """Where a healthy person's value stays from year to year."""
    if limits.low is not None and limits.high is not None:
        return limits.low + _width(limits) * random.uniform(0.35, 0.65)
    if limits.high is not None:
        return limits.high * random.uniform(0.75, 0.92)
    return (limits.low or 0) * random.uniform(1.15, 1.5)


def _width(limits: Range) -> float:
    if limits.low is not None and limits.high is not None:
        return limits.high - limits.low
    return 0.5 * (limits.high or limits.low or 0)


def _random(*seed: str) -> Random:
    return Random("/".join(seed))  # noqa: S311 - invented numbers, not secrets
