"""What the sign-in room answers."""

from pydantic import BaseModel


class AskView(BaseModel):
    """The form that takes an e-mail address or phone number. `errors` maps field to advice."""

    address: str = ""
    errors: dict[str, str] = {}
    because: str = ""  # "idle", "signed-out", "needed" or ""


class SentView(BaseModel):
    """The same for known and unknown addresses."""

    minutes: int
    address: str  # as typed by this person in this request, to spot a typo; not stored


class ConfirmView(BaseModel):
    """GET of a link: one button. From another browser it asks for the short code as well."""

    token: str
    needs_code: bool
    errors: dict[str, str] = {}


class SignedInView(BaseModel):
    home: str


class SignedOutView(BaseModel):
    everywhere: bool
