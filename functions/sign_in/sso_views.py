"""What single sign-on answers."""

from portal.model import Model


class Hospital(Model):
    organisation_id: str
    name: str
    is_connected: bool = False


class WithView(Model):
    """Hospitals whose own sign-in opens an account here."""

    hospitals: list[Hospital]


class HospitalsView(Model):
    """The same for somebody signed in: which are connected. `may_change`: they have shown a moment
    ago that it is them."""

    hospitals: list[Hospital]
    may_change: bool


class AwayView(Model):
    """`url` is the hospital's sign-in page. It is good for one sign-in from this browser."""

    name: str
    url: str


class SsoRefusedView(Model):
    """Nobody was signed in. `reason`: portal.identity_providers.Fault."""

    reason: str
    name: str = ""


class HospitalChangedView(Model):
    """A hospital was connected or removed; `next` is where to go on."""

    next: str
