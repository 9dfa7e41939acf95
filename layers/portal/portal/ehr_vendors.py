"""How the EHRs of three vendors sign patients in, as data: where each differs from SMART App Launch
2.2. An organisation's own file may say otherwise (portal.organisations).

What each says is from its own published documents, read in November 2026; docs/decisions has the
addresses.
"""

from dataclasses import dataclass, field
from typing import Literal

from portal.identity_providers import Quirks

type Name = Literal["epic", "oracle", "athena", "smart"]


@dataclass(frozen=True)
class Vendor:
    """`scopes` read one Patient, and say who signed in; `identifier_prefix_is_due`: the server is
    many organisations' at once, so an identifier without this one's prefix is another's."""

    title: str
    scopes: tuple[str, ...]
    quirks: Quirks = field(default_factory=Quirks)
    identifier_prefix_is_due: bool = False


IDENTITY = ("openid", "fhirUser", "launch/patient")

VENDORS: dict[Name, Vendor] = {
    # No quirk: by the guide. A server of 2.0 or later says all that we ask in its document.
    "smart": Vendor("SMART on FHIR", (*IDENTITY, "patient/Patient.rs")),
    # Epic on FHIR. Publishes issuer and jwks_uri in smart-configuration, signs with RS256. Takes a
    # secret in the body or as Basic, and names the body first. Organisations may make `aud` a must.
    # `fhirUser` may be a whole address (smart-on-fhir/client-js issue 105). Scopes of resources are
    # those of the app's registration; scopes_supported does not list them, nor launch/patient.
    "epic": Vendor(
        "Epic",
        (*IDENTITY, "patient/Patient.read"),
        Quirks(client_auth="client_secret_post"),
    ),
    # Oracle Health Millennium. Patients have a FHIR base of their own (fhir-myrecord, with the
    # tenant in its path), apart from clinicians' (fhir-ehr); a request without `aud` is refused.
    # All tenants share one JWK Set: only `iss` tells them apart, and it was shortened to
    # .../tenants/<tenant> in 2025 (so it is read from what they publish, never from settings).
    # A secret goes as Basic; the other way it takes is a signed assertion.
    "oracle": Vendor(
        "Oracle Health",
        (*IDENTITY, "patient/Patient.read"),
        Quirks(client_auth="client_secret_basic"),
    ),
    # athenahealth. One FHIR base for all its practices; the issuer is on another host than the
    # endpoints (Okta's). Patient ids and the identifier of system
    # https://fhir.athena.io/sid/ah-patient are a-<practice>.E-<enterprise id>: without the practice
    # in front, a number is somebody else's elsewhere. Accounts are carers', too.
    "athena": Vendor(
        "athenahealth",
        (*IDENTITY, "patient/Patient.read"),
        Quirks(client_auth="client_secret_basic"),
        identifier_prefix_is_due=True,
    ),
}
