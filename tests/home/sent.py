"""What schedules and pharmacies send of a patient: SIU^S12, RDE^O11 and RDS^O13."""

from datetime import datetime, timedelta

from tests.builders import released

from portal import moments
from portal.patients import Patient

STAMP = "%Y%m%d%H%M%S%z"


def in_days(days: float) -> datetime:
    return moments.now() + timedelta(days=days)


def a_visit(
    patient: Patient,
    at: datetime,
    *,
    number: str = "A1",
    what: str = "OV^Office visit^L",
    event: str = "S12",
    status: str = "Booked",
    where: str = "Room 4",
    reason: str = "",
    who: str = "77^Okafor^Ada^^^Dr",
    instruction: str = "",
    sent: datetime | None = None,
) -> None:
    """Booked, or whatever `event` and `status` say of it."""
    start = at.strftime(STAMP)
    sch = {2: f"{number}^SCHED", 7: reason, 11: f"^^^{start}", 25: status}
    lines = [
        _msh(f"SIU^{event}", sent),
        "SCH|" + "|".join(sch.get(n, "") for n in range(1, 26)),
        *([f"NTE|1||{instruction}|PI"] if instruction else []),
        _pid(patient),
        "RGS|1",
        *([f"AIS|1||{what}"] if what else []),
        *([f"AIP|1||{who}"] if who else []),
        *([f"AIL|1||{where}"] if where else []),
    ]
    released(("\r".join(lines) + "\r").encode())


def a_prescription(
    patient: Patient,
    drug: str = "314076^lisinopril 10 MG Oral Tablet^RXNORM",
    *,
    number: str = "R1",
    left: str = "",
    sig: str = "Take 1 tablet once a day",
    control: str = "NW",
    setting: str = "",
    sent: datetime | None = None,
) -> None:
    """`left`: refills remaining (RXE-16), "" where the pharmacy does not say."""
    orc = {1: control, 2: f"{number}^EHR", 29: setting}
    rxe = {2: drug, 3: "1", 5: "TAB^tablet", 7: f"^{sig}", 16: left}
    lines = [
        _msh("RDE^O11", sent),
        _pid(patient),
        "ORC|" + "|".join(orc.get(n, "") for n in range(1, 30)),
        "RXE|" + "|".join(rxe.get(n, "") for n in range(1, 33)),
    ]
    released(("\r".join(lines) + "\r").encode())


def a_dispense(
    patient: Patient,
    drug: str = "314076^lisinopril 10 MG Oral Tablet^RXNORM",
    *,
    number: str = "R1",
    left: str = "",
    sent: datetime | None = None,
) -> None:
    """RDS^O13. `left`: refills remaining (RXD-8)."""
    at = sent or moments.now()
    rxd = {1: "1", 2: drug, 3: at.strftime(STAMP), 4: "30", 8: left}
    lines = [
        _msh("RDS^O13", sent),
        _pid(patient),
        f"ORC|RE|{number}^EHR",
        "RXD|" + "|".join(rxd.get(n, "") for n in range(1, 9)),
    ]
    released(("\r".join(lines) + "\r").encode())


def _msh(kind: str, sent: datetime | None) -> str:
    at = sent or moments.now()
    control = f"S{moments.fresh_id()[:18]}"
    return f"MSH|^~\\&|EHR|RIVERBEND|PORTAL|CLINIC|{at.strftime(STAMP)}||{kind}|{control}|P|2.5.1"


def _pid(patient: Patient) -> str:
    authority, mrn = patient.identifiers[0]
    name, born = f"{patient.family}^{patient.given}", patient.birth_on.strftime("%Y%m%d")
    return f"PID|1||{mrn}^^^{authority}^MR||{name}||{born}|F"
