"""Where the demo people go: a clinic, a laboratory and an imaging room. All invented."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("America/New_York")
ASSIGNING_AUTHORITY = "RIVERBEND"


@dataclass(frozen=True)
class Organisation:
    """`demo_id` is shaped like a CLIA number; no real one starts with 99."""

    name: str
    demo_id: str
    street: str
    city: str = "Riverbend"
    state: str = "NY"
    postcode: str = "00000"


CLINIC = Organisation("Riverbend Community Clinic (demo)", "99D0000001", "1 Demo Way")
LABORATORY = Organisation("Riverbend Demo Laboratory", "99D0000002", "2 Demo Way")
IMAGING = Organisation("Riverbend Demo Imaging", "99D0000003", "3 Demo Way")
