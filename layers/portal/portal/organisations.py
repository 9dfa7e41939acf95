"""Hospitals whose sign-in patients may use: one readable TOML file each, in the raw bucket's
`organisations/`. The file's name is the organisation's id: another name is another hospital.

    name = "Riverbend Hospital"
    vendor = "epic"                              # epic, oracle, athena, or smart for any other
    fhir_base = "https://ehr.example.org/api/FHIR/R4"
    client_id = "0f3a..."                        # of our app's registration there
    client_secret_parameter = "/portal/<stack>/organisations/riverbend"  # SSM; or left out

    [[identifiers]]                              # the numbers that count, and our name for them
    system = "urn:oid:2.16.840.1.113883.19.5"
    authority = "RIVERBEND"
    prefix = ""                                  # cut off; others do not count

    [two_factor]                                 # how its id_token tells of a second factor
    acr = ["urn:example:loa:2"]
    amr = ["mfa"]

    [quirks]                                     # where this server is unlike its vendor's others
    issuer = "https://login.example.org"

Operators put a file in place with `python -m infra.organisations`; it counts within a minute.
"""

import re
import time
import tomllib
from typing import Any, Self

from pydantic import Field, ValidationError, model_validator

from portal import ehr_vendors, failures, objects
from portal.ehr_vendors import VENDORS, Vendor
from portal.errors import NotFound
from portal.identity_providers import Provider, Quirks, Strict

PREFIX = "organisations/"
CACHE_SECONDS = 60
ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}", re.ASCII)


class IdentifierSystem(Strict):
    system: str = Field(min_length=1)
    authority: str = Field(min_length=1)
    prefix: str = ""


class TwoFactor(Strict):
    """Any of these values in the id_token's claims."""

    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()


class File(Strict):
    """What a file says."""

    name: str = Field(min_length=1, max_length=80)
    vendor: ehr_vendors.Name
    fhir_base: str
    client_id: str
    client_secret_parameter: str = Field(
        default="", pattern=r"^(/portal/[^/]+/organisations/\S+)?$"
    )
    identifiers: tuple[IdentifierSystem, ...] = Field(min_length=1)
    two_factor: TwoFactor = TwoFactor()
    scopes: tuple[str, ...] = ()
    quirks: dict[str, Any] = Field(default_factory=dict)


class Organisation(File):
    organisation_id: str

    @model_validator(mode="after")
    def _is_usable(self) -> Self:
        if not ID.fullmatch(self.organisation_id):
            raise ValueError("names its file unlike riverbend-hospital.toml")
        if self.kind.identifier_prefix_is_due and not all(each.prefix for each in self.identifiers):
            raise ValueError("needs the prefix of its own patients with each identifier")
        _ = self.provider
        return self

    @property
    def kind(self) -> Vendor:
        return VENDORS[self.vendor]

    @property
    def provider(self) -> Provider:
        return Provider(
            name=self.organisation_id,
            kind="smart",
            base=self.fhir_base.rstrip("/"),
            client_id=self.client_id,
            client_secret_parameter=self.client_secret_parameter,
            scopes=self.scopes or self.kind.scopes,
            quirks=Quirks.model_validate(self.kind.quirks.model_dump() | self.quirks),
        )


class BadSettings(Exception):
    """Says in a sentence what is wrong with an organisation's file."""


def parsed(file_name: str, text: str) -> Organisation:
    try:
        said = File.model_validate(tomllib.loads(text)).model_dump()
        organisation_id = file_name.removesuffix(".toml")
        return Organisation.model_validate(said | {"organisation_id": organisation_id})
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"It is not TOML: {error}.") from None
    except ValidationError as errors:
        faults = (
            f"{'.'.join(map(str, error['loc'])) or 'the file'}: {error['msg']}"
            for error in errors.errors()
        )
        raise BadSettings(f"Look at {'; '.join(faults)}.") from None


_known: list[tuple[float, dict[str, Organisation]]] = []


def everyone() -> dict[str, Organisation]:
    """By id, in the order of their names. A file that does not count closes one hospital's door,
    not every hospital's."""
    if _known and _known[0][0] > time.monotonic():
        return _known[0][1]
    read = filter(None, (_read(name) for name in objects.names(PREFIX)))
    found = {each.organisation_id: each for each in sorted(read, key=lambda one: one.name)}
    _known[:] = [(time.monotonic() + CACHE_SECONDS, found)]
    return found


def with_id(organisation_id: str) -> Organisation:
    """Raises NotFound."""
    found = everyone().get(organisation_id)
    if found is None:
        raise NotFound
    return found


def forget() -> None:
    _known.clear()


def keep(file_name: str, text: str) -> Organisation:
    """Raises BadSettings; a file that does not count is never stored."""
    found = parsed(file_name, text)
    objects.put(f"{PREFIX}{found.organisation_id}.toml", text.encode())
    forget()
    return found


def _read(key: str) -> Organisation | None:
    try:
        return parsed(key.removeprefix(PREFIX), objects.get(key).decode())
    except (BadSettings, UnicodeDecodeError) as error:
        failures.log("organisation-not-read", error)
        return None
