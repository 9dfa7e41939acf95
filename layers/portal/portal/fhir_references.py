"""References of a push, led to where its resources come to be (FHIR R4 bundle.html#references).

What is in the push gets its new id; what the sender names by id is known by it within the sender; a
reference to the patient becomes a logical one, for charts are merged and ids then change. What
another server holds stays as it is.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from portal.entries import entry_id
from portal.fhir import Resource
from portal.fhir_claims import OURS
from portal.fhir_outcomes import Refused
from portal.fhir_patients import Whose, is_own
from portal.people import PatientClaim
from portal.senders import Sender

_RELATIVE = re.compile(r"([A-Z][A-Za-z]{1,40})/([A-Za-z0-9\-.]{1,64})(?:/_history/[\w\-.]+)?", re.A)
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]{1,40})\?(.+)", re.A)
_LINK = re.compile(r'(?<=href=")[^"]+|(?<=src=")[^"]+')
_URI_ELEMENTS = frozenset({"url", "uri", "valueUri", "valueUrl"})

type IsOurs = Callable[[str, str], bool]


@dataclass(frozen=True)
class Places:
    """`urls`: fullUrl or Type/id in the push -> Type/id in the portal."""

    urls: Mapping[str, str]
    whose: Whose
    claim: PatientClaim
    sender: Sender
    is_ours: IsOurs

    def rewritten(self, part: Any, place: str) -> Any:
        """Raises Refused for what leads nowhere."""
        if isinstance(part, list):
            return [self.rewritten(each, place) for each in part]
        if not isinstance(part, dict):
            return part
        made = {name: self._element(name, each, place) for name, each in part.items()}
        return self._reference(made, place) if isinstance(made.get("reference"), str) else made

    def _element(self, name: str, part: Any, place: str) -> Any:
        if not isinstance(part, str):
            return self.rewritten(part, place)
        if name in _URI_ELEMENTS:
            return self.urls.get(part, part)
        if name == "div":
            return _LINK.sub(lambda found: self.urls.get(found[0], found[0]), part)
        return part

    def _reference(self, reference: Resource, place: str) -> Resource:
        said = reference["reference"]
        if said.startswith("#"):
            return reference
        if is_own(reference, self.whose):
            return self._of_patient(reference)
        if said in self.urls:
            return reference | {"reference": self.urls[said]}
        if said.startswith("urn:"):
            words = "This refers to an entry that is not in the Bundle."
            raise Refused(422, "not-found", words, place)
        if found := _CONDITIONAL.fullmatch(said):
            return self._searched(reference, found[1], found[2], place)
        return reference | {"reference": self._at_sender(said)}

    def _of_patient(self, reference: Resource) -> Resource:
        kept = {name: part for name, part in reference.items() if name != "reference"}
        return kept | {"type": "Patient"} | self._identifier()

    def _identifier(self) -> Resource:
        first = next(iter(self.claim.identifiers), None)
        if first is None:
            return {}
        assigner = {"assigner": {"display": first.authority}} if first.authority else {}
        return {"identifier": {"value": first.value} | assigner}

    def _searched(self, reference: Resource, kind: str, query: str, place: str) -> Resource:
        """By identifier, of what is in nobody's chart as a rule: hospitals, doctors. It stays
        known by that identifier."""
        asked = parse_qsl(query)
        system, bar, value = dict(asked).get("identifier", "").rpartition("|")
        if len(asked) != 1 or not bar or not value:
            words = "Refer by one identifier with its system: Practitioner?identifier=system|value."
            raise Refused(412, "not-supported", words, place)
        if kind == "Patient":
            return self._of_patient(reference)
        identifier = {"value": value} | ({"system": system} if system else {})
        kept = {name: part for name, part in reference.items() if name != "reference"}
        return kept | {"type": kind, "identifier": identifier}

    def _at_sender(self, said: str) -> str:
        found = _RELATIVE.fullmatch(said)
        if found is None or found[1] == "Patient":
            return str(said)
        return f"{found[1]}/{named_id(found[1], found[2], self.sender, self.is_ours)}"


def named_id(kind: str, named: str, sender: Sender, is_ours: IsOurs) -> str:
    """The portal's id of what a sender names: its own, when the sender learned it from us."""
    if OURS.fullmatch(named) and is_ours(kind, named):
        return named
    return entry_id(kind, f"{sender.name}\n{named}")
