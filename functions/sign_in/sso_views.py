"""What single sign-on answers."""

from pydantic import BaseModel


class Hospital(BaseModel):
    organisation_id: str
    name: str
    is_connected: bool = False


class WithView(BaseModel):
    """Hospitals whose own sign-in opens an account here."""

    hospitals: list[Hospital]


class HospitalsView(BaseModel):
    """The same for somebody signed in: which are connected. `may_change`: they have shown a moment
    ago that it is them."""

    hospitals: list[Hospital]
    may_change: bool


class AwayView(BaseModel):
    """`url` is the hospital's sign-in page. It is good for one sign-in from this browser."""

    name: str
    url: str


class SsoRefusedView(BaseModel):
    """Nobody was signed in. `reason`: portal.identity_providers.Fault."""

    reason: str
    name: str = ""


class HospitalChangedView(BaseModel):
    """A hospital was connected or removed; `next` is where to go on."""

    next: str
