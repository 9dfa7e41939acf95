"""Who a sender says that a patient is, in a FHIR Patient, as matching asks it.

An identifier is known by its assigner's name, else by its system, in the sender's own words
(`Sender.authorities`); a FHIR id is an identifier too, within the sender that gave it.
"""

import re

from portal import timestamps, us_states
from portal.fhir import Resource
from portal.people import Identifier, PatientClaim
from portal.senders import Sender

OURS = re.compile(r"[0-9a-f]{32}", re.ASCII)  # ids that the portal gives look so
# Left in the message on purpose, as PID-19 is.
SOCIAL_SECURITY = frozenset({"http://hl7.org/fhir/sid/us-ssn", "urn:oid:2.16.840.1.113883.4.1"})
_SEXES = {"female": "F", "male": "M", "other": "O", "unknown": "U"}


def identified(sender: Sender, authority: str, value: str) -> Identifier:
    return sender.identifier(Identifier(authority.strip(), value.strip(), ""))


def authority(identifier: Resource) -> str:
    said = identifier.get("assigner", {}).get("display", "") or identifier.get("system", "")
    return str(said)


def own(resource: Resource, sender: Sender) -> tuple[Identifier, ...]:
    """Of a Patient: its identifiers that still count, and its id at the sender."""
    found = [
        identified(sender, authority(each), each["value"])
        for each in resource.get("identifier", ())
        if each.get("value", "").strip() and _counts(each)
    ]
    named = resource.get("id", "")
    return tuple(dict.fromkeys([*found, *([at_sender(sender, named)] if named else [])]))


def _counts(identifier: Resource) -> bool:
    return identifier.get("use") != "old" and not is_social_security(identifier)


def is_social_security(identifier: Resource) -> bool:
    codings = identifier.get("type", {}).get("coding", ())
    return identifier.get("system") in SOCIAL_SECURITY or any(
        each.get("code") == "SS" for each in codings
    )


def at_sender(sender: Sender, named: str) -> Identifier:
    return Identifier(f"fhir:{sender.name}", named, "")


def claim(resource: Resource, sender: Sender) -> PatientClaim:
    """Of a Patient resource."""
    names = [each for each in resource.get("name", ()) if each.get("use") not in ("old", "maiden")]
    official = [each for each in names if each.get("use") == "official"]
    name: Resource = next(iter((*official, *names)), {})
    family, given = name.get("family", ""), " ".join(name.get("given", ()))
    shown = name.get("text", "") or f"{given} {family}".strip()
    return PatientClaim(
        identifiers=own(resource, sender),
        family=family or (name.get("text", "") if not given else ""),
        given=given,
        birth_on=timestamps.day(resource.get("birthDate", "")),
        sex=_SEXES.get(resource.get("gender", ""), ""),
        name=shown,
        state=us_states.home(resource.get("address", ())),
    )
