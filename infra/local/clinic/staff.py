"""Who works at the demo clinic. Every one is invented."""

from dataclasses import dataclass
from typing import Literal

Role = Literal["clinician", "nurse", "front desk", "billing"]


@dataclass(frozen=True)
class StaffMember:
    """`demo_id` has the ten digits of an NPI; real ones start with 1 or 2, ours with 9."""

    demo_id: str
    role: Role
    given: str
    family: str
    email: str
    degree: str = ""


RAMAN = StaffMember(
    "9990000011", "clinician", "Priya", "Raman", "priya.raman@clinic.example.org", "MD"
)
BEAULIEU = StaffMember(
    "9990000029", "clinician", "Thomas", "Beaulieu", "thomas.beaulieu@clinic.example.org", "NP"
)
_OTHERS = (
    StaffMember("9990000037", "nurse", "Noor", "Castellano", "noor.castellano@clinic.example.org"),
    StaffMember("9990000045", "front desk", "Bea", "Lindqvist", "bea.lindqvist@clinic.example.org"),
    StaffMember("9990000052", "billing", "Otis", "Marchetti", "otis.marchetti@clinic.example.org"),
)


def staff() -> tuple[StaffMember, ...]:
    return (RAMAN, BEAULIEU, *_OTHERS)
