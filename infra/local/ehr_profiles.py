"""The shapes of the stand-in's sign-in servers: one like each vendor's, one old, one for staff.

Paths are as the vendors publish them (docs/decisions/0014-single-sign-on.md has the sources).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

TENANT = "ec2458f2-1e24-41c8-b71b-0e701af7583d"
PRACTICE = "a-195900.E-"
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


@dataclass(frozen=True)
class Profile:
    """Paths below the stand-in's own address. `fhir` is "" for a server of staff."""

    name: str
    fhir: str
    issuer: str
    authorize: str
    token: str
    jwks: str
    auth_methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    has_smart_configuration: bool = True
    names_issuer: bool = True  # in smart-configuration; else in openid-configuration only
    needs_aud: bool = True
    has_whole_user: bool = True  # fhirUser is a whole address
    sends_iss: bool = False  # RFC 9207
    system: str = "urn:oid:2.16.840.1.113883.19.5"  # of record numbers
    prefix: str = ""


EPIC = Profile(
    "epic",
    fhir="/epic/api/FHIR/R4",
    issuer="/epic/oauth2",
    authorize="/epic/oauth2/authorize",
    token="/epic/oauth2/token",  # noqa: S106 - a path
    jwks="/epic/api/epic/2019/Security/Open/PublicKeys/530027/OIDC",
    auth_methods=("client_secret_post", "client_secret_basic", "private_key_jwt"),
    needs_aud=False,
)
ORACLE = Profile(
    "oracle",
    fhir=f"/fhir-myrecord/r4/{TENANT}",
    issuer=f"/authorization/tenants/{TENANT}",
    authorize=f"/authorization/tenants/{TENANT}/protocols/oauth2/profiles/smart-v1"
    "/personas/patient/authorize",
    token=f"/authorization/tenants/{TENANT}/hosts/fhir-myrecord.cerner.com"
    "/protocols/oauth2/profiles/smart-v1/token",
    jwks="/authorization/jwk",
    auth_methods=("client_secret_basic", "private_key_jwt"),
)
ATHENA = Profile(
    "athena",
    fhir="/athena/fhir/r4",
    issuer="/okta/oauth2/aus2hff5eqFb7Wqfh297",
    authorize="/athena/oauth2/v1/authorize",
    token="/athena/oauth2/v1/token",  # noqa: S106 - a path
    jwks="/athena/oauth2/v1/keys",
    auth_methods=("client_secret_basic", "client_secret_post", "none"),
    has_whole_user=False,
    system="https://fhir.athena.io/sid/ah-patient",
    prefix=PRACTICE,
)
OLD = Profile(  # SMART App Launch 1.0: the CapabilityStatement, and an issuer of its own
    "old",
    fhir="/old/fhir",
    issuer="/old/idp",
    authorize="/old/authorize",
    token="/old/token",  # noqa: S106 - a path
    jwks="/old/idp/keys",
    has_smart_configuration=False,
)
STAFF = Profile(
    "staff",
    fhir="",
    issuer="/staff",
    authorize="/staff/authorize",
    token="/staff/token",  # noqa: S106 - a path
    jwks="/staff/keys",
    needs_aud=False,
    sends_iss=True,
)
PROFILES = (EPIC, ORACLE, ATHENA, OLD, STAFF)


@dataclass(frozen=True)
class Person:
    """Somebody with an account at the stand-in. `opens`: whose record, for a parent or carer."""

    sub: str
    given: str
    family: str
    born_on: date
    mrn: str
    opens: str = ""
    claims: tuple[tuple[str, Any], ...] = ()  # more of the id_token: roles, acr, amr

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


def smart_configuration(profile: Profile, url: str) -> dict[str, Any]:
    """SMART App Launch 2.2, 6.1."""
    named = {"issuer": f"{url}{profile.issuer}", "jwks_uri": f"{url}{profile.jwks}"}
    return {
        **(named if profile.names_issuer else {}),
        "authorization_endpoint": f"{url}{profile.authorize}",
        "token_endpoint": f"{url}{profile.token}",
        "token_endpoint_auth_methods_supported": list(profile.auth_methods),
        "code_challenge_methods_supported": ["S256"],
        "grant_types_supported": ["authorization_code"],
        "capabilities": ["launch-standalone", "sso-openid-connect", "context-standalone-patient"],
    }


def openid_configuration(profile: Profile, url: str) -> dict[str, Any]:
    return {
        "issuer": f"{url}{profile.issuer}",
        "jwks_uri": f"{url}{profile.jwks}",
        "authorization_endpoint": f"{url}{profile.authorize}",
        "token_endpoint": f"{url}{profile.token}",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": list(profile.auth_methods),
        "code_challenge_methods_supported": ["S256"],
        **({"authorization_response_iss_parameter_supported": True} if profile.sends_iss else {}),
    }


def capability_statement(profile: Profile, url: str) -> dict[str, Any]:
    """SMART App Launch 1.0, "FHIR Authorization Endpoint and Capabilities Discovery"."""
    uris = [
        {"url": "authorize", "valueUri": f"{url}{profile.authorize}"},
        {"url": "token", "valueUri": f"{url}{profile.token}"},
    ]
    security = {"extension": [{"url": OAUTH_URIS, "extension": uris}]}
    return {
        "resourceType": "CapabilityStatement",
        "rest": [{"mode": "server", "security": security}],
    }


def fhir_patient(profile: Profile, person: Person) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "id": fhir_id(profile, person),
        "active": True,
        "identifier": [
            {"use": "usual", "system": profile.system, "value": f"{profile.prefix}{person.mrn}"},
            {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "000-00-0000"},
        ],
        "name": [
            {"use": "maiden", "family": "Before", "given": ["Somebody"]},
            {"use": "official", "family": person.family, "given": person.given.split()},
        ],
        "birthDate": person.born_on.isoformat(),
    }


def fhir_id(profile: Profile, person: Person) -> str:
    return f"{profile.prefix}{person.sub}"
