"""What the privacy room answers. Times are FHIR instants, "" for never."""

from typing import Literal

from pydantic import BaseModel

from portal.consent_rules import State
from portal.wordings import Need, Purpose, Region


class AnswerGiven(BaseModel):
    """One decision, with the words that were read, in the language they were read in."""

    is_given: bool
    decided_at: str
    by: Literal["you", "person", "guardian", "clinic"]
    wording: int
    title: str
    text: str
    language: str


class ConsentView(BaseModel):
    """`seen` is the number of the newest decision, to be sent back with the next."""

    purpose: Purpose
    title: str
    text: str
    original: str = ""  # English, where no qualified translator has reviewed `text`
    wording: int
    needs: list[Need]
    law: str
    state: State
    decided_at: str
    ends_at: str
    seen: int
    may_give: bool  # False where a guardian decides
    history: list[AnswerGiven]  # newest first


class PersonView(BaseModel):
    """`child` is "" for oneself, else the grant by which one decides for them."""

    child: str = ""
    name: str = ""
    mark: str = ""
    consents: list[ConsentView]


class TextedPhoneView(BaseModel):
    """What the phone on file said last by text message."""

    is_stopped: bool
    said_at: str


class PrivacyView(BaseModel):
    region: Region
    people: list[PersonView]  # oneself first
    phone: TextedPhoneView | None
    done: str


class DecidedView(BaseModel):
    purpose: Purpose
    done: Literal["given", "withdrawn"]
