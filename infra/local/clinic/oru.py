"""An ORU^R01 of HL7 v2.5.1 as the demo laboratory sends it (chapter 7)."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from infra.local.clinic import wire
from infra.local.clinic.analytes import Narrative, Test
from infra.local.clinic.observations import Observation
from infra.local.clinic.panels import Panel
from infra.local.clinic.people import Patient

Status = Literal["P", "F", "C"]
_ANALYSED_BEFORE_RELEASE = timedelta(minutes=12)
_SPECIMENS = {
    "SER": "Serum", "WB": "Blood, Whole", "BLD": "Whole blood", "PPP": "Plasma, Platelet poor",
    "UR": "Urine", "URC": "Urine clean catch", "TISS": "Tissue", "STL": "Stool = Fecal",
    "EXG": "Gas, exhaled (=breath)",
}  # fmt: skip


@dataclass(frozen=True)
class Report:
    """`order` names the order for ever, `processing` is MSH-11 (P^I: initial load, table 0207)."""

    patient: Patient
    panel: Panel
    order: str
    collected_at: datetime
    released_at: datetime
    status: Status
    processing: Literal["P", "P^I"]
    observations: tuple[Observation, ...]


def message(report: Report) -> bytes:
    rows = [_msh(report), _pid(report.patient), _pv1(report.patient), _orc(report), _obr(report)]
    rows += _results(report)
    if report.panel.specimen:
        rows.append(_spm(report))
    return "".join(f"{row}\r" for row in rows).encode()


def digest(*parts: str) -> str:
    """A short name made of its parts; MSH-10 holds 20 characters."""
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:12].upper()


def control_id(order: str, status: str, released_at: datetime) -> str:
    return f"RDL{digest(order, status, released_at.isoformat())}"


def _msh(report: Report) -> str:
    sent = wire.moment(report.released_at)
    control = control_id(report.order, report.status, report.released_at)
    return (
        rf"MSH|^~\&|RIVERBENDLAB|RIVERBEND|PORTAL|RIVERBEND|{sent}||ORU^R01^ORU_R01|{control}"
        f"|{report.processing}|2.5.1|||AL|NE|USA|UNICODE UTF-8"
    )


def _pid(patient: Patient) -> str:
    reached = [wire.phone(patient.phone)] if patient.phone else []
    reached += [wire.email(patient.email)] if patient.email else []
    return wire.segment(
        "PID",
        {
            1: "1",
            3: wire.components(patient.mrn, "", "", patient.assigning_authority, "MR"),
            5: wire.components(patient.family, patient.given, "", "", "", "", "L"),
            7: f"{patient.birth_on:%Y%m%d}",
            8: patient.sex,
            13: "~".join(reached),
            15: wire.components(patient.language, "", "ISO639"),
        },
    )


def _pv1(patient: Patient) -> str:
    return wire.segment("PV1", {1: "1", 2: "O", 7: wire.person(patient.doctor)})


def _numbers(report: Report) -> dict[int, str]:
    return {2: f"RCC{report.order}^RIVERBEND_EHR", 3: f"RDL{report.order}^RIVERBENDLAB"}


def _orc(report: Report) -> str:
    progress = "IP" if report.status == "P" else "CM"
    doctor = wire.person(report.patient.doctor)
    return wire.segment("ORC", {1: "RE", **_numbers(report), 5: progress, 12: doctor})


def _obr(report: Report) -> str:
    panel = report.panel
    fields = {1: "1", **_numbers(report), 4: _coded(panel.loinc, panel.local, panel.name)}
    fields |= {7: wire.moment(report.collected_at), 16: wire.person(report.patient.doctor)}
    fields |= {22: wire.moment(report.released_at), 24: panel.section, 25: report.status}
    return wire.segment("OBR", fields)


def _results(report: Report) -> Iterator[str]:
    for number, observation in enumerate(report.observations, start=1):
        yield _obx(number, observation, report)
        note = _note(observation.test)
        if note:
            yield wire.segment("NTE", {1: "1", 2: "L", 3: wire.escaped(note)})


def _obx(number: int, found: Observation, report: Report) -> str:
    test, place = found.test, report.panel.performed_by
    fields = {1: str(number), 2: found.value_type, 3: _coded(test.loinc, test.local, test.name)}
    fields |= {4: found.sub_id, 5: found.value, 6: wire.escaped(found.unit)}
    fields |= {7: wire.escaped(found.limits), 8: found.flag, 11: report.status}
    fields |= {14: wire.moment(report.collected_at)}
    fields |= {19: wire.moment(report.released_at - _ANALYSED_BEFORE_RELEASE)}
    return wire.segment("OBX", fields | {23: wire.organisation(place), 24: wire.address(place)})


def _spm(report: Report) -> str:
    specimen = report.panel.specimen
    kind = wire.components(specimen, _SPECIMENS[specimen], "HL70487")
    return wire.segment("SPM", {1: "1", 4: kind, 17: wire.moment(report.collected_at)})


def _coded(loinc: str, local: str, name: str) -> str:
    own = (local, name, "99RDL")
    return wire.components(loinc, name, "LN", *own) if loinc else wire.components(*own)


def _note(test: Test) -> str:
    return "" if isinstance(test, Narrative) else test.note
