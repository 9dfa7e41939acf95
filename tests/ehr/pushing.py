"""An EHR's interface engine: pushes to /ehr/hl7 and reads the acknowledgement."""

from tests import stores
from tests.client import Client, Response

from portal.tables import AuditRow

ER7 = "x-application/hl7-v2+er7"


def pushed(body: bytes, token: str = "", content_type: str = ER7, **headers: str) -> Response:
    sent = {"content-type": content_type} | headers
    if token:
        sent["authorization"] = f"Bearer {token}"
    stores.queued("LabMessages")
    return Client(accept="*/*", origin=None).send("POST", "/ehr/hl7", body, sent)


def fields(response: Response) -> dict[str, list[str]]:
    """The acknowledgement's segments by name, split at |."""
    lines = response.text.strip("\r").split("\r")
    return {line[:3]: line.split("|") for line in lines}


def codes(response: Response) -> list[str]:
    """MSA-1 of each acknowledgement."""
    lines = response.text.split("\r")
    return [line.split("|")[1] for line in lines if line.startswith("MSA|")]


def queued_ids() -> list[str]:
    return [each["raw_id"] for each in stores.queued("LabMessages")]


def refusals() -> list[AuditRow]:
    return [row for row in AuditRow.scan() if row.event == "ehr.message-refused"]
