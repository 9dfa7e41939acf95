"""What is particular to each sender: one readable TOML file each, in the raw bucket's `senders/`.

    name = "Riverbend laboratory"
    sends_as = [{ application = "LAB", facility = "RIVERBEND" }]   # MSH-3 and MSH-4; "*" is any
    time_zone = "America/Chicago"             # for times without an offset
    charset = "windows-1252"                  # when its MSH-18 is wrong
    default_authority = "RIVERBEND"           # of identifiers without CX-4
    takes = ["ORU", "ADT^A08"]                # all that the portal reads, when left out
    otherwise = "refuse"                      # or "quarantine": what happens to other types

    fhir_base = "https://ehr.example.org/r4"   # read when a notification names ids only, with
    fhir_token_parameter = "/portal/<stack>/senders/lab"  # the bearer token of this SSM parameter

    [authorities]                             # its CX-4 -> ours
    RVB = "RIVERBEND"

    [fields]                                  # read where the standard field is empty
    "ZPI-4" = "PID-15"

    [codes."99RVB".GLU]                       # its coding system and code -> a standard one
    code = "2345-7"
    system = "LN"
    text = "Glucose"

Operators put a file in place with `python -m infra.quarantine sender lab.toml`; it counts within a
minute. What a message becomes depends on its bytes and its sender's file alone.
"""

import time
import tomllib
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, ValidationError, field_validator

from portal import codings, hl7, objects
from portal.hl7 import Message
from portal.model import Model
from portal.people import Identifier, PatientClaim
from portal.settings import settings

PREFIX = "senders/"
CACHE_SECONDS = 60
ANY = "*"


class Strict(Model):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SendsAs(Strict):
    application: str = ANY
    facility: str = ANY

    def matches(self, application: str, facility: str) -> bool:
        return self.application in (ANY, application) and self.facility in (ANY, facility)


class Code(Strict):
    code: str = Field(min_length=1)
    system: str = Field(min_length=1, description="HL7 table 0396: LN, SCT, CVX, ...")
    text: str = ""


class Sender(Strict):
    name: str = Field(min_length=1)
    sends_as: tuple[SendsAs, ...] = Field(min_length=1)
    time_zone: str = ""
    charset: str = ""
    default_authority: str = ""
    takes: tuple[str, ...] = (ANY,)
    otherwise: Literal["refuse", "quarantine"] = "refuse"
    authorities: dict[str, str] = {}
    fields: dict[str, str] = {}
    codes: dict[str, dict[str, Code]] = {}
    # read for id-only notifications
    fhir_base: str = Field(default="", pattern=r"^(https://\S+)?$")
    fhir_token_parameter: str = Field(default="", pattern=r"^(/portal/[^/]+/senders/\S+)?$")

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name:
            try:
                ZoneInfo(name)
            except (OSError, ValueError, KeyError):
                raise ValueError("is no time zone: write one like America/Chicago") from None
        return name

    @field_validator("fields")
    @classmethod
    def _are_fields(cls, fields: dict[str, str]) -> dict[str, str]:
        places = [*fields, *fields.values()]
        if not all(hl7.is_field(place) for place in places):
            raise ValueError('names a field that is not like "ZPI-4"')
        return fields

    @property
    def zone(self) -> str:
        return self.time_zone or settings().clinic_time_zone

    def does_take(self, kind: str, event: str) -> bool:
        return any(each in (ANY, kind, f"{kind}^{event}", f"{kind}^*") for each in self.takes)

    def identified(self, claim: PatientClaim) -> PatientClaim:
        """With our names for its assigning authorities."""
        found = (self.identifier(each) for each in claim.identifiers)
        return claim.with_identifiers(tuple(dict.fromkeys(found)))

    def identifier(self, sent: Identifier) -> Identifier:
        authority = self.authorities.get(sent.authority, sent.authority)
        return Identifier(authority or self.default_authority, sent.value, sent.type_code)

    @cached_property
    def by_system(self) -> dict[tuple[str, str], Code]:
        """(FHIR system, code) of the sender -> the standard code."""
        return {
            (codings.system_of(system) or "", local): known
            for system, codes in self.codes.items()
            for local, known in codes.items()
        }


UNKNOWN = Sender(name="any sender", sends_as=(SendsAs(),))


class BadSettings(Exception):
    """Says in a sentence what is wrong with a sender's file."""


def parsed(text: str) -> Sender:
    try:
        return Sender.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"It is not TOML: {error}.") from None
    except ValidationError as errors:
        faults = (
            f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in errors.errors()
        )
        raise BadSettings(f"Look at {'; '.join(faults)}.") from None


def read(raw: bytes, charset: str | None = None) -> tuple[Message, Sender]:
    """A message as its sender means it. `charset` is what HTTP said, and wins."""
    message = hl7.read(raw, charset)
    found = of(message)
    if found.charset and not charset:
        message = hl7.read(raw, found.charset)
    for own, standard in found.fields.items():
        message.stand_in(own, standard)
    return message, found


def of(message: Message) -> Sender:
    header = message.first("MSH")
    application, facility = header.text(3).strip(), header.text(4).strip()
    for found in everyone():
        if any(one.matches(application, facility) for one in found.sends_as):
            return found
    return UNKNOWN


_known: list[tuple[float, list[Sender]]] = []


def everyone() -> list[Sender]:
    """The most particular first: a file with "*" takes what no other file names."""
    if _known and _known[0][0] > time.monotonic():
        return _known[0][1]
    files = sorted(objects.names(PREFIX))
    found = sorted((_file(name) for name in files), key=_wildcards)
    _known[:] = [(time.monotonic() + CACHE_SECONDS, found)]
    return found


def forget() -> None:
    _known.clear()


def _file(name: str) -> Sender:
    return parsed(objects.get(name).decode())


def _wildcards(sender: Sender) -> int:
    return sum([one.application, one.facility].count(ANY) for one in sender.sends_as)


def keep(file_name: str, text: str) -> Sender:
    """Raises BadSettings; a file that does not count is never stored."""
    found = parsed(text)
    objects.put(f"{PREFIX}{file_name}", text.encode())
    forget()
    return found


def text_of(file_name: str) -> str:
    return objects.get(f"{PREFIX}{file_name}").decode()
