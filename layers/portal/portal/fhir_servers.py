"""Fetching what a notification only names, from the FHIR server of its sender's settings.

Only addresses below that base are asked for, no redirect is followed, and nothing is read without
a limit: what a notification says is not trusted.
"""

import http.client
import re
from urllib.parse import urlsplit

from portal import fhir_documents
from portal.aws import client
from portal.fhir import Resource
from portal.fhir_outcomes import Refused
from portal.senders import Sender

TIMEOUT_SECONDS = 5
MAX_BYTES = 1_000_000
MAX_RESOURCES = 50
_RELATIVE = re.compile(r"[A-Z][A-Za-z]{1,40}/[A-Za-z0-9\-.]{1,64}", re.ASCII)


def fetched(references: list[str], sender: Sender) -> list[Resource]:
    """Raises Refused when there is no server to ask, or it does not give them."""
    base = sender.fhir_base.rstrip("/")
    if not base:
        words = "Subscribe with the payload full-resource: no server is set to fetch it from."
        raise Refused(422, "incomplete", words, "Bundle.entry")
    if len(references) > MAX_RESOURCES:
        words = f"Send at most {MAX_RESOURCES} events in one notification."
        raise Refused(413, "too-costly", words, "Bundle.entry")
    names = [_below(base, each) for each in references]
    token = _token(sender.fhir_token_parameter)
    return [_fetched(base, name, token) for name in names]


def _below(base: str, reference: str) -> str:
    name = reference.removeprefix(f"{base}/")
    if not _RELATIVE.fullmatch(name):
        words = "The focus is not on the server that is set for this sender."
        raise Refused(422, "security", words, "Bundle.entry[0].resource")
    return name


def _token(parameter: str) -> str:
    if not parameter:
        return ""
    found = client("ssm").get_parameter(Name=parameter, WithDecryption=True)
    return str(found["Parameter"]["Value"])


def _fetched(base: str, name: str, token: str) -> Resource:
    place = urlsplit(base)
    headers = {"Accept": "application/fhir+json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connect = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    connection = connect(place.hostname or "", place.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", f"{place.path}/{name}", headers=headers)
        with connection.getresponse() as answer:
            body = answer.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException):
        raise _not_given() from None
    finally:
        connection.close()
    if answer.status != 200 or len(body) > MAX_BYTES:
        raise _not_given()
    return _checked(fhir_documents.read(body), name)


def _checked(resource: Resource, name: str) -> Resource:
    if f"{resource['resourceType']}/{resource.get('id', '')}" != name:
        raise _not_given()
    return resource


def _not_given() -> Refused:
    """503: whoever notifies tries again."""
    return Refused(503, "transient", "The sender's server did not give the resource.", "")
