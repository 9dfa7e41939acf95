"""What the privacy room answers. Times are FHIR instants, "" for never."""

from typing import Literal

from portal.consent_rules import State
from portal.model import Model
from portal.wordings import Need, Purpose, Region


class AnswerGiven(Model):
    """One decision, with the words that were read, in the language they were read in."""

    is_given: bool
    decided_at: str
    by: Literal["you", "person", "guardian", "clinic"]
    wording: int
    title: str
    text: str
    language: str


class ConsentView(Model):
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


class PersonView(Model):
    """`child` is "" for oneself, else the grant by which one decides for them."""

    child: str = ""
    name: str = ""
    mark: str = ""
    consents: list[ConsentView]


class TextedPhoneView(Model):
    """What the phone on file said last by text message."""

    is_stopped: bool
    said_at: str


class PrivacyView(Model):
    region: Region
    people: list[PersonView]  # oneself first
    phone: TextedPhoneView | None
    done: str


class DecidedView(Model):
    purpose: Purpose
    done: Literal["given", "withdrawn"]
