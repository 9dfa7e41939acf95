"""What the security pages answer. Times are FHIR instants, "" for never."""

from enum import StrEnum

from portal.methods import Method
from portal.model import Model


class Done(StrEnum):
    """What was done a moment ago."""

    BEGUN = "begun"  # the first second factor
    ADDED = "added"
    REMOVED = "removed"
    PASSWORD = "password"  # noqa: S105 - the word
    SIGNED_OUT = "signed-out"
    OTHERS = "others-signed-out"
    FORGOTTEN = "forgotten"


class Way(Model):
    """A way to sign in. `name` is its owner's, "" where none was given."""

    factor_id: str
    kind: Method
    name: str
    added_at: str
    used_at: str
    codes_left: int | None = None
    is_locked: bool = False  # guessed at too often


class RememberedDevice(Model):
    device_id: str
    name: str
    country: str
    since: str
    seen_at: str
    is_this: bool


class OpenSession(Model):
    session_id: str
    name: str
    country: str
    since: str
    seen_at: str
    is_this: bool


class SecurityView(Model):
    """`is_beginning`: no second factor yet, and allowed to choose the first. `may_change`: one was
    shown a few minutes ago. `may_text`: a text message would be a second way for this session.
    `more_sessions`: open ones beside those of the list."""

    is_beginning: bool
    may_change: bool
    may_text: bool = True
    ways: list[Way] = []
    devices: list[RememberedDevice] = []
    sessions: list[OpenSession] = []
    more_sessions: int = 0
    done: str = ""


class ChangedView(Model):
    """It is done; `next` is where to go on."""

    done: Done
    next: str


class AppView(Model):
    """An authenticator app that waits for its first code. `qr` is an SVG of `address`."""

    secret: str = ""
    address: str = ""
    qr: str = ""
    minutes: int
    name: str = ""
    errors: dict[str, str] = {}

    @property
    def grouped(self) -> str:
        """In fours, to type."""
        return " ".join(self.secret[n : n + 4] for n in range(0, len(self.secret), 4))


class PhoneView(Model):
    """`phone_end`: the last two digits of the phone whose code we wait for."""

    phone: str = ""
    phone_end: str = ""
    minutes: int
    may_text: bool = True
    errors: dict[str, str] = {}


class CodesView(Model):
    """`codes` are shown this once."""

    codes: list[str] = []
    has_earlier: bool = False
    made_on: str = ""


class PasswordChangeView(Model):
    has_one: bool
    least: int
    most: int
    user_name: str  # for the password keeper
    errors: dict[str, str] = {}


class RemovalView(Model):
    """What is about to be removed. `is_last`: after it nothing but a link opens the account."""

    way: Way
    is_last: bool
    errors: dict[str, str] = {}
