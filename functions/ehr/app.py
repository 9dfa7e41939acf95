"""Where EHRs and labs push HL7 v2 messages over HTTPS (HAPI's "HL7 over HTTP").

The acknowledgement goes out only after the bytes are in S3 and on the queue. Our own outage is a
503 without an HL7 body, so that the sender keeps the message and tries again; it is never an AE.
"""

from functions.ehr import intake
from functions.ehr.transport import HL7_TYPES, UNKNOWN_CREDENTIAL, Push, fault, refused

from portal import credentials
from portal.access import Visitor
from portal.answers import Bytes
from portal.web import Room

app = Room("ehr")

OTHER_METHODS = ("GET", "PUT", "PATCH", "DELETE")
OTHER_TYPES = ["application/json", "application/x-www-form-urlencoded", "text/plain"]


@app.action("POST", "/ehr/hl7", ask=Push, needs=None, content_types=HL7_TYPES)
def take_hl7(visitor: Visitor, push: Push) -> Bytes:
    """Take an HL7 v2 message, or a batch of them, and acknowledge each."""
    sender = credentials.sender_of(push.headers.get("authorization", ""))
    if sender is None:
        return refused(visitor, UNKNOWN_CREDENTIAL)
    wrong = fault(push)
    return refused(visitor, wrong) if wrong else intake.taken(visitor, sender, push)


def only_post(_visitor: Visitor, _push: Push) -> Bytes:
    """Say that messages are pushed, and nothing is read or changed here."""
    return Bytes("text/plain; charset=utf-8", b"Use POST.", 405, {"Allow": "POST"})


for method in OTHER_METHODS:  # API Gateway answers 404 where there is no route
    app.action(method, "/ehr/hl7", ask=Push, needs=None, content_types=[*HL7_TYPES, *OTHER_TYPES])(
        only_post
    )

from functions.ehr import fhir_push  # noqa: E402, F401 - its routes join the room's
