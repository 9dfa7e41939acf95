"""A laboratory's correction: the same order again, one value changed and what follows from it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from infra.local.clinic import wire
from infra.local.clinic.analytes import Analyte, Finding, Subject, Test, subject_of
from infra.local.clinic.derived import FORMULAS
from infra.local.clinic.observations import Observation, numeric, worded
from infra.local.clinic.oru import control_id
from infra.local.clinic.panels import Panel, panels
from infra.local.clinic.people import patient

Row = list[str]  # a segment split at "|"; but for MSH, row[n] is field n

_MOVED_BY = 0.12
_ADDENDUM = " (CORRECTED: SAMPLE LABEL CHECKED AGAIN)"


@dataclass(frozen=True)
class _Sent:
    """What has to be known of the first message to correct it."""

    panel: Panel
    subject: Subject
    results: tuple[Row, ...]

    def test(self, row: Row) -> Test:
        return next(t for t in self.panel.tests if _code(row) in (t.loinc, t.local))

    def numbers(self) -> dict[str, float]:
        return {_code(row): float(row[5]) for row in self.results if row[2] == "NM"}


def correction(of: bytes, as_of: datetime) -> bytes:
    """The order of `of` with status C: one value is changed, those derived from it follow."""
    rows = [row.split("|") for row in of.decode().split("\r") if row]
    changed = _changed(_sent(rows))
    amended = [each for row in rows for each in _amended(row, changed, as_of)]
    return "".join(f"{'|'.join(row)}\r" for row in _numbered(amended)).encode()


def _sent(rows: list[Row]) -> _Sent:
    identified = next(row for row in rows if row[0] == "PID")
    ordered = next(row for row in rows if row[0] == "OBR")
    code = ordered[4].split("^")[0]
    collected_on = datetime.strptime(ordered[7], "%Y%m%d%H%M%S%z").date()
    return _Sent(
        next(panel for panel in panels() if code in (panel.loinc, panel.local)),
        subject_of(patient(identified[3].split("^")[0]), collected_on),
        tuple(row for row in rows if row[0] == "OBX"),
    )


def _changed(sent: _Sent) -> dict[str, Observation]:
    """The new results by OBX-1."""
    before = sent.numbers()
    measured = [row for row in sent.results if row[2] == "NM" and _code(row) not in FORMULAS]
    if not measured:
        return {"1": _changed_words(sent.results[0], sent)}
    striking = next((row for row in measured if row[8] != "N"), measured[0])
    factor = 1 + _MOVED_BY if striking[8].startswith("L") else 1 - _MOVED_BY
    after = before | {_code(striking): before[_code(striking)] * factor}
    after |= _followed(after, sent.subject)
    seen = {row[1]: _numeric(row, after, sent) for row in sent.results if row[2] == "NM"}
    return {n: new for n, new in seen.items() if new.value != _value(n, sent)}


def _followed(numbers: dict[str, float], subject: Subject) -> dict[str, float]:
    known = dict(numbers)
    for code in FORMULAS:
        if code in known:
            known[code] = FORMULAS[code](known, subject)
    return known


def _numeric(row: Row, numbers: dict[str, float], sent: _Sent) -> Observation:
    analyte = sent.test(row)
    if not isinstance(analyte, Analyte):
        raise TypeError(f"{analyte.name} is sent as a number")
    return numeric(analyte, round(numbers[analyte.code], analyte.decimals), sent.subject)


def _changed_words(row: Row, sent: _Sent) -> Observation:
    test = sent.test(row)
    match test:
        case Analyte():
            return numeric(test, 2 * (test.floor or 1), sent.subject)
        case Finding():
            was_normal = row[8] == "N"
            return worded(test, test.abnormal if was_normal else test.normal)
        case _:
            return Observation(test, row[2], row[5] + _ADDENDUM, sub_id=row[4])


def _amended(row: Row, changed: dict[str, Observation], as_of: datetime) -> Iterator[Row]:
    match row[0]:
        case "MSH":
            control = control_id(row[9], "C", as_of)
            yield [*row[:6], wire.moment(as_of), *row[7:9], control, *row[10:]]
        case "OBR":
            yield [*row[:22], wire.moment(as_of), *row[23:25], "C", *row[26:]]
        case "OBX" if row[1] in changed:
            new = changed[row[1]]
            result = [*row[:2], new.value_type, *row[3:5], new.value, *row[6:8], new.flag]
            yield [*result, *row[9:11], "C", *row[12:19], wire.moment(as_of), *row[20:]]
            yield from _earlier_value(row)
        case _:
            yield row


def _earlier_value(row: Row) -> Iterator[Row]:
    if row[2] in ("NM", "ST"):
        yield ["NTE", "1", "L", f"CORRECTED RESULT. PREVIOUSLY REPORTED AS {row[5]}"]


def _numbered(rows: list[Row]) -> Iterator[Row]:
    """NTE-1 counts the notes of one result."""
    count = 0
    for row in rows:
        count = count + 1 if row[0] == "NTE" else 0
        yield [row[0], str(count), *row[2:]] if row[0] == "NTE" else row


def _code(row: Row) -> str:
    return row[3].split("^")[0]


def _value(number: str, sent: _Sent) -> str:
    return next(row[5] for row in sent.results if row[1] == number)
