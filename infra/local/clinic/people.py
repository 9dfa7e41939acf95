"""The patients of the demo clinic. Every one is invented; README.md says why each is there."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from infra.local.clinic.organisations import ASSIGNING_AUTHORITY
from infra.local.clinic.staff import BEAULIEU, RAMAN, StaffMember

Sex = Literal["F", "M", "O", "U"]
Relation = Literal[
    "mother",
    "father",
    "daughter",
    "son",
    "sister",
    "brother",
    "wife",
    "husband",
    "carer",
    "cares for",
]

MAIN_MRN = "RB10001"


@dataclass(frozen=True)
class Tie:
    """The person at `mrn` is the `relation` of the patient who holds the tie."""

    relation: Relation
    mrn: str


@dataclass(frozen=True)
class Patient:
    """`sex` is HL7 table 0001, `language` BCP 47, `phone` E.164; small children have neither."""

    mrn: str
    given: str
    family: str
    birth_on: date
    sex: Sex
    language: str
    email: str | None
    phone: str | None
    doctor: StaffMember
    ties: tuple[Tie, ...] = ()
    assigning_authority: str = ASSIGNING_AUTHORITY
    state: str = "NY"


_PATIENTS = (
    Patient(
        MAIN_MRN, "Grace", "Okonkwo", date(1974, 4, 17), "F", "en",
        "grace.okonkwo@example.org", "+15555550101", RAMAN,
        (Tie("father", "RB10002"), Tie("cares for", "RB10002")),
    ),
    Patient(
        "RB10002", "Emmanuel", "Okonkwo", date(1944, 9, 2), "M", "en",
        "emmanuel.okonkwo@example.org", "+15555550102", RAMAN,
        (Tie("daughter", MAIN_MRN), Tie("carer", MAIN_MRN)),
    ),
    Patient(
        "RB10003", "Lucía", "Hernández Peña", date(1988, 1, 30), "F", "es",
        "lucia.hernandez@example.org", "+15555550103", BEAULIEU,
        (Tie("husband", "RB10006"), Tie("son", "RB10004"), Tie("daughter", "RB10005")),
    ),
    Patient(
        "RB10004", "Mateo", "Ruiz Hernández", date(2011, 6, 8), "M", "en",
        "mateo.ruiz@example.com", "+15555550104", BEAULIEU,
        (Tie("mother", "RB10003"), Tie("father", "RB10006"), Tie("sister", "RB10005")),
    ),
    Patient(
        "RB10005", "Sofía", "Ruiz Hernández", date(2024, 3, 21), "F", "es",
        None, None, BEAULIEU,
        (Tie("mother", "RB10003"), Tie("father", "RB10006"), Tie("brother", "RB10004")),
    ),
    Patient(
        "RB10006", "Andrés", "Ruiz Castaño", date(1985, 11, 12), "M", "es",
        "andres.ruiz@example.com", "+15555550106", BEAULIEU,
        (Tie("wife", "RB10003"), Tie("son", "RB10004"), Tie("daughter", "RB10005")),
    ),
    Patient(
        "RB10007", "Thị Hương", "Nguyễn", date(1959, 8, 25), "F", "vi",
        "huong.nguyen@example.org", "+15555550107", RAMAN,
    ),
    Patient(
        "RB10008", "Guowei", "Chen", date(1952, 2, 6), "M", "zh",
        "guowei.chen@example.com", "+15555550108", RAMAN,
    ),
    Patient(
        "RB10009", "Layla", "Haddad", date(1997, 5, 14), "F", "ar",
        "layla.haddad@example.org", "+15555550109", BEAULIEU,
        (Tie("son", "RB10010"),),
    ),
    Patient(
        "RB10010", "Yusuf", "Haddad", date(2026, 11, 3), "M", "ar",
        None, None, BEAULIEU,
        (Tie("mother", "RB10009"),),
    ),
    Patient(
        "RB10011", "Ji-woo", "Kim", date(2001, 12, 19), "F", "ko",
        "jiwoo.kim@example.com", "+15555550111", BEAULIEU,
    ),
    Patient(
        "RB10012", "Dmitri", "Volkov", date(1979, 7, 3), "M", "ru",
        "dmitri.volkov@example.org", "+15555550112", RAMAN,
    ),
    Patient(
        "RB10013", "Maricel", "Bautista", date(1993, 10, 27), "F", "tl",
        "maricel.bautista@example.com", "+15555550113", BEAULIEU,
    ),
    Patient(
        "RB10014", "Jean-Baptiste", "Étienne", date(1968, 3, 9), "M", "ht",
        "jb.etienne@example.org", "+15555550114", RAMAN,
    ),
    Patient(
        "RB10015", "Amélie", "Tremblay-N'Diaye", date(1990, 6, 22), "F", "fr",
        "amelie.tremblay@example.org", "+15555550115", BEAULIEU,
    ),
    Patient(
        "RB10016", "Eleanor", "Whitfield", date(1936, 5, 1), "F", "en",
        "eleanor.whitfield@example.com", "+15555550116", RAMAN,
        (Tie("husband", "RB10018"),),
    ),
    Patient(
        "RB10017", "Sam", "Ashworth", date(2003, 9, 15), "O", "en",
        "sam.ashworth@example.org", "+15555550117", BEAULIEU,
    ),
    Patient(
        "RB10018", "Walter", "Whitfield", date(1938, 12, 11), "M", "en",
        None, "+15555550118", RAMAN,
        (Tie("wife", "RB10016"),),
    ),
)  # fmt: skip


def patients() -> tuple[Patient, ...]:
    return _PATIENTS


def patient(mrn: str) -> Patient:
    found = next((person for person in _PATIENTS if person.mrn == mrn), None)
    if found is None:
        raise ValueError(f"no demo patient has the number {mrn}")
    return found
