"""The invented hospitals of the local run: the demo people have an account at each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from infra.local import ehr_sign_in
from infra.local.clinic.people import patients
from infra.local.deploy import client
from infra.local.ehr_profiles import PROFILES, STAFF, Person, Profile
from infra.local.ehr_sign_in import Client, EhrSignIn
from infra.local.place import Place

VENDORS = frozenset({"epic", "oracle", "athena"})
STAFF_GROUPS = {  # the demo clinic's staff by what they do
    "nurse": "Noor Castellano",
    "clinician": "Priya Raman",
    "front-desk": "Theo Lindqvist",
    "privacy-officer": "Imani Brooks",
}
OLD = """[quirks]
issuer = "{issuer}"
has_smart_configuration = false
"""


@contextmanager
def serving(place: Place) -> Iterator[EhrSignIn]:
    """On any free port: the settings are written at each start."""
    ehr = EhrSignIn()
    ehr.clients["portal"] = Client("portal", f"{place.portal_url}/sign-in/callback")
    for each in patients():
        if each.email:
            sub = f"user-{each.mrn}"
            ehr.people[sub] = Person(sub, each.given, each.family, each.birth_on, each.mrn)
    ehr.clients["portal-staff"] = Client("portal-staff", f"{place.portal_url}/staff/callback")
    ehr.people |= {each.sub: each for each in map(employee, STAFF_GROUPS)}
    with ehr_sign_in.serving(ehr):
        yield ehr


def employee(role: str) -> Person:
    given, family = STAFF_GROUPS[role].split()
    claims = (("groups", [role]), ("amr", ["pwd", "mfa"]))
    return Person(f"staff-{role}", given, family, date(1985, 1, 1), "", claims=claims)


def introduce(place: Place, bucket: str, ehr: EhrSignIn) -> None:
    store = client(place.endpoint_url, "s3")
    for profile in PROFILES:
        if profile.fhir:
            key = f"organisations/{profile.name}-hospital.toml"
            store.put_object(Bucket=bucket, Key=key, Body=settings_of(ehr, profile).encode())
    store.put_object(Bucket=bucket, Key="staff/sign-in.toml", Body=staff_settings(ehr).encode())


def staff_settings(ehr: EhrSignIn) -> str:
    """As an operator would write them: portal.staff_provider."""
    roles = "\n".join(f'"{role}" = "{role}"' for role in STAFF_GROUPS)
    return f"""
roles_claim = "groups"
[provider]
name = "Riverbend staff sign-in"
base = "{ehr.url}{STAFF.issuer}"
client_id = "portal-staff"
scopes = ["openid", "profile"]
[two_factor]
amr = ["mfa"]
[roles]
{roles}
"""


def settings_of(ehr: EhrSignIn, profile: Profile, more: str = "") -> str:
    """As an operator would write them: portal.organisations."""
    old = OLD.format(issuer=f"{ehr.url}{profile.issuer}")
    return f"""
name = "{profile.name.title()} hospital"
vendor = "{profile.name if profile.name in VENDORS else "smart"}"
fhir_base = "{ehr.url}{profile.fhir}"
client_id = "portal"
{more}
[[identifiers]]
system = "{profile.system}"
authority = "RIVERBEND"
prefix = "{profile.prefix}"
[two_factor]
acr = ["urn:two"]
amr = ["mfa"]
{"" if profile.has_smart_configuration else old}
"""
