"""From a value to the OBX that carries it: type, text, unit, range and flag."""

import base64
from dataclasses import dataclass

from infra.local.clinic.analytes import (
    Analyte,
    Finding,
    Narrative,
    Subject,
    Test,
    flag,
    range_for,
    range_text,
)
from infra.local.clinic.pdf import one_page
from infra.local.clinic.people import Patient
from infra.local.clinic.wire import escaped

_LINE_BREAK = "\\.br\\"
_ANSWER_CODES = {  # LOINC answers
    "DETECTED": "LA11882-0",
    "NOT DETECTED": "LA11883-8",
    "POSITIVE": "LA6576-8",
    "NEGATIVE": "LA6577-6",
}


@dataclass(frozen=True)
class Observation:
    """One OBX; `value` is OBX-5 as it goes on the wire."""

    test: Test
    value_type: str
    value: str
    unit: str = ""
    limits: str = ""
    flag: str = ""
    sub_id: str = ""


def numeric(analyte: Analyte, value: float, subject: Subject) -> Observation:
    limits = range_for(analyte, subject)
    is_readable = analyte.floor is None or value >= analyte.floor
    return Observation(
        analyte,
        "NM" if is_readable else "SN",
        f"{value:.{analyte.decimals}f}" if is_readable else f"<^{analyte.floor}",
        analyte.unit,
        range_text(limits, analyte.decimals),
        flag(value, limits, analyte.critical),
    )


def worded(finding: Finding, word: str) -> Observation:
    is_coded = finding.value_type == "CWE"
    value = f"{_ANSWER_CODES[word]}^{word}^LN" if is_coded else escaped(word)
    mark = "N" if word == finding.normal else "A"
    return Observation(finding, finding.value_type, value, limits=finding.normal, flag=mark)


def told(narrative: Narrative, text: str, patient: Patient) -> list[Observation]:
    lines = text.splitlines()
    match narrative.value_type:
        case "FT":
            return [Observation(narrative, "FT", _LINE_BREAK.join(map(escaped, lines)))]
        case "ED":
            return [Observation(narrative, "ED", _document(patient, lines))]
        case _:
            return [Observation(narrative, "TX", escaped(line), sub_id="1") for line in lines]


def _document(patient: Patient, lines: list[str]) -> str:
    heading = ["Riverbend Demo Laboratory - invented person, invented result", ""]
    about = [f"Patient: {patient.given} {patient.family} ({patient.mrn})", ""]
    page = base64.b64encode(one_page([*heading, *about, *lines])).decode()
    return f"^application^pdf^Base64^{page}"
