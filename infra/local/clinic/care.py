"""What the demo clinic's schedule and pharmacy send: SIU^S12 of visits to come, RDE^O11."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from infra.local.clinic import wire
from infra.local.clinic.organisations import TIME_ZONE
from infra.local.clinic.oru import digest
from infra.local.clinic.people import MAIN_MRN, Patient, patient


@dataclass(frozen=True)
class Visit:
    mrn: str
    days: int  # from the day of the seeding
    at: time
    what: str
    where: str = ""
    before: str = ""  # what the patient should do


@dataclass(frozen=True)
class Medicine:
    """`rxcui` is RxNorm's, `left` the refills that remain."""

    mrn: str
    rxcui: str
    name: str
    directions: str
    left: int


_VISITS = (
    Visit(MAIN_MRN, 12, time(9, 30), "Follow-up, diabetes", "Room 4", "Bring your glucose meter."),
    Visit(MAIN_MRN, 40, time(14, 0), "Telehealth follow-up"),
    Visit("RB10002", 1, time(11, 15), "Lab draw, INR", "Laboratory, first floor"),
    Visit("RB10003", 20, time(8, 45), "Annual physical", "Room 2", "Eat nothing after midnight."),
    Visit("RB10005", 9, time(15, 30), "Well child visit, 30 months", "Room 1"),
    Visit("RB10009", 6, time(10, 0), "Office visit", "Room 3"),
)
_MEDICINES = (
    Medicine(
        MAIN_MRN, "861007", "metformin hydrochloride 500 MG Oral Tablet",
        "Take 1 tablet twice a day with food", 0,
    ),
    Medicine(
        MAIN_MRN, "314076", "lisinopril 10 MG Oral Tablet", "Take 1 tablet every morning", 3
    ),
    Medicine(
        "RB10002", "855332", "warfarin sodium 5 MG Oral Tablet", "Take 1 tablet every evening", 1
    ),
    Medicine(
        "RB10012", "617311", "atorvastatin 40 MG Oral Tablet", "Take 1 tablet every evening", 2
    ),
)  # fmt: skip


def care(as_of: datetime) -> Iterator[bytes]:
    """As the clinic's EHR knows it at `as_of`."""
    yield from (_siu(visit, as_of) for visit in _VISITS)
    yield from (_rde(medicine, as_of) for medicine in _MEDICINES)


def _siu(visit: Visit, as_of: datetime) -> bytes:
    person = patient(visit.mrn)
    on = as_of.astimezone(TIME_ZONE).date() + timedelta(days=visit.days)
    start = wire.moment(datetime.combine(on, visit.at, TIME_ZONE))
    number = f"RDS{digest(visit.mrn, visit.what)}^RIVERBEND_EHR"
    sch = {2: number, 9: "30", 10: "min", 11: f"^^^{start}", 25: "Booked"}
    rows = [_msh("SIU^S12^SIU_S12", number, as_of), wire.segment("SCH", sch)]
    if visit.before:
        rows.append(wire.segment("NTE", {1: "1", 3: wire.escaped(visit.before), 4: "PI"}))
    rows += [_pid(person), wire.segment("RGS", {1: "1"})]
    rows.append(wire.segment("AIS", {1: "1", 3: wire.components("", visit.what)}))
    rows.append(wire.segment("AIP", {1: "1", 3: wire.person(person.doctor)}))
    if visit.where:
        rows.append(wire.segment("AIL", {1: "1", 3: wire.components(*[""] * 8, visit.where)}))
    return _raw(rows)


def _rde(medicine: Medicine, as_of: datetime) -> bytes:
    person = patient(medicine.mrn)
    number = f"RDR{digest(medicine.mrn, medicine.rxcui)}^RIVERBEND_EHR"
    drug = wire.components(medicine.rxcui, medicine.name, "RXNORM")
    sig = wire.components("", medicine.directions)
    rxe = {2: drug, 3: "1", 5: "TAB^tablet", 7: sig, 16: str(medicine.left)}
    orc = {1: "NW", 2: number, 12: wire.person(person.doctor), 29: "O"}
    rows = [_msh("RDE^O11^RDE_O11", number, as_of), _pid(person)]
    return _raw([*rows, wire.segment("ORC", orc), wire.segment("RXE", rxe)])


def _msh(kind: str, number: str, as_of: datetime) -> str:
    sent, control = wire.moment(as_of), f"RDE{digest(number, as_of.isoformat())}"
    return (
        rf"MSH|^~\&|RIVERBENDEHR|RIVERBEND|PORTAL|RIVERBEND|{sent}||{kind}|{control}"
        "|P|2.5.1|||AL|NE|USA|UNICODE UTF-8"
    )


def _pid(person: Patient) -> str:
    mrn = wire.components(person.mrn, "", "", person.assigning_authority, "MR")
    name = wire.components(person.family, person.given, "", "", "", "", "L")
    born = f"{person.birth_on:%Y%m%d}"
    return wire.segment("PID", {1: "1", 3: mrn, 5: name, 7: born, 8: person.sex})


def _raw(rows: list[str]) -> bytes:
    return "".join(f"{row}\r" for row in rows).encode()
