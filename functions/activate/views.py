"""What the activate room answers."""

from portal.model import Model


class ActivateView(Model):
    """The form that takes a code from paper. `errors` maps field to advice."""

    code: str = ""
    errors: dict[str, str] = {}


class ActivationView(Model):
    """GET of a link: a button and the birth date; where no identity card was seen, also the record
    number, which may be left for the next step."""

    token: str
    asks_number: bool = False
    errors: dict[str, str] = {}


class ActivatedView(Model):
    """The account is open; `next` is where to go on."""

    next: str


class RegisterView(Model):
    """The form of those whom staff has given nothing, with what they typed."""

    given: str = ""
    family: str = ""
    born_on: str = ""
    identifier: str = ""
    address: str = ""
    errors: dict[str, str] = {}


class RegisteredView(Model):
    """The same whether or not anybody matched."""

    minutes: int
    errors: dict[str, str] = {}
