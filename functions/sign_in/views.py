"""What the sign-in room answers."""

from enum import StrEnum

from portal.methods import Method
from portal.model import Model


class AskView(Model):
    """The form that takes an e-mail address or phone number. `errors` maps field to advice."""

    address: str = ""
    errors: dict[str, str] = {}
    because: str = ""  # "idle", "signed-out", "needed" or ""


class SentView(Model):
    """The same for known and unknown addresses."""

    minutes: int
    address: str  # as typed by this person in this request, to spot a typo; not stored


class ConfirmView(Model):
    """GET of a link: one button. From another browser it asks for the short code as well."""

    token: str
    needs_code: bool
    initial: str = ""  # of the person it is for, where a family shares the address
    errors: dict[str, str] = {}


class SignedInView(Model):
    home: str


class SignedOutView(Model):
    everywhere: bool


class Stage(StrEnum):
    """What a session is asked for next."""

    PROOF = "proof"  # what the clinic's records say
    BEGIN = "begin"  # to set up a first second factor
    FACTOR = "factor"  # to show one
    DONE = "done"


class StepView(Model):
    """`methods`: the kinds of factors this account has; `closed`: those it can use no more after
    too many wrong codes. `errors` maps field to advice."""

    stage: Stage
    methods: list[Method] = []
    closed: list[Method] = []
    phone_end: str = ""  # the last two digits, once the factor or the stage allows to show them
    is_code_sent: bool = False
    return_to: str = "/"
    is_shared: bool = False  # this device is not to be remembered
    errors: dict[str, str] = {}


class SteppedView(Model):
    """A step was taken; `next` is where to go on."""

    next: str


class StayView(Model):
    """The session goes on for so long from now."""

    seconds: int


class PasswordView(Model):
    """The form that takes an address and a password. `errors` maps field to advice."""

    address: str = ""
    errors: dict[str, str] = {}
