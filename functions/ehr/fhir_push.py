"""Where EHRs push FHIR R4: transactions, batches, single resources, and notifications.

The answer goes out only after what was decided is committed and filed. Our own outage is a 503. The
same bytes are the same push: what should count again differs, in Bundle.id or timestamp, say.
"""

from functions.ehr import fhir_transport
from functions.ehr.app import app
from functions.ehr.fhir_transport import CONTENT_TYPES, NOT_FHIR, UNKNOWN_CREDENTIAL
from functions.ehr.transport import Push

from portal import (
    arrivals,
    audit,
    credentials,
    fhir_documents,
    fhir_notifications,
    fhir_outcomes,
    fhir_pushes,
    fhir_readings,
    fhir_requests,
    fhir_servers,
    objects,
)
from portal.access import Visitor
from portal.answers import Bytes
from portal.audit import Event
from portal.fhir import Resource
from portal.fhir_interactions import told
from portal.fhir_notifications import EVENT, Notification
from portal.fhir_outcomes import Issue, Refused

GAP = "An event before this one has not come: send it again."


@app.action("POST", "/ehr/fhir", ask=Push, needs=None, content_types=CONTENT_TYPES)
def take_fhir(visitor: Visitor, push: Push) -> Bytes:
    """Take a FHIR transaction, batch or resource, and answer as FHIR does."""
    sender = credentials.sender_of(push.headers.get("authorization", ""))
    if sender is None:
        return fhir_transport.refused(visitor, UNKNOWN_CREDENTIAL)
    if wrong := fhir_transport.fault(push, sender):
        return fhir_transport.refused(visitor, wrong)
    document = parsed(push.body)
    body = conditional(push, document)
    try:
        taken = fhir_pushes.take(body, sender.name)
    except Refused as refusal:
        raw_id = fhir_pushes.raw_id_of(body, sender.name)
        return fhir_transport.put_aside(visitor, refusal, raw_id)
    event = Event.MESSAGE_TAKEN if taken.commit.patient_id else Event.MESSAGE_REFUSED
    audit.record(event, visitor, about=taken.raw_id, why=f"sender:{sender.name}")
    return answer(push, document, taken)


def parsed(body: bytes) -> Resource:
    """{} when it cannot be read: it is kept, and refused with the reason, all the same."""
    try:
        return fhir_documents.read(body)
    except Refused:
        return {}


def conditional(push: Push, document: Resource) -> bytes:
    """Headers set conditions on a single resource only."""
    if not document or document["resourceType"] == "Bundle":
        return push.body
    if_match, if_none_exist = (push.headers.get(name, "") for name in ("if-match", "if-none-exist"))
    return fhir_requests.with_conditions(push.body, if_match, if_none_exist)


def answer(push: Push, document: Resource, taken: fhir_pushes.Taken) -> Bytes:
    outcomes, patient_id = taken.commit.outcomes, taken.commit.patient_id
    if document["resourceType"] == "Bundle":
        kind = "transaction" if document["type"] == "transaction" else "batch"
        return fhir_transport.answered(
            200, fhir_outcomes.response_bundle(kind, outcomes, patient_id)
        )
    is_minimal = "return=minimal" in push.headers.get("prefer", "")
    return fhir_transport.written(outcomes[0], patient_id, is_minimal=is_minimal)


@app.action("POST", "/ehr/fhir/notifications", ask=Push, needs=None, content_types=CONTENT_TYPES)
def take_notification(visitor: Visitor, push: Push) -> Bytes:
    """Take a notification of a FHIR subscription: its handshake, its heartbeat, its events."""
    sender = credentials.sender_of(push.headers.get("authorization", ""))
    if sender is None:
        return fhir_transport.refused(visitor, UNKNOWN_CREDENTIAL)
    if wrong := fhir_transport.fault(push, sender):
        return fhir_transport.refused(visitor, wrong)
    document = parsed(push.body)
    if not document:
        return fhir_transport.refused(visitor, NOT_FHIR)
    try:
        notification = fhir_notifications.read(document)
        issues = notified(visitor, notification, push.body, sender.name)
    except Refused as refusal:
        return fhir_transport.put_aside(visitor, refusal, objects.raw_id(push.body))
    why = f"sender:{sender.name} {notification.kind}"
    audit.record(Event.MESSAGE_TAKEN, visitor, about=objects.raw_id(push.body), why=why)
    if not issues:
        return fhir_transport.answered(200, fhir_outcomes.informed("It is taken."))
    return fhir_transport.answered(200, fhir_outcomes.operation_outcome(issues, "warning"))


def notified(visitor: Visitor, notification: Notification, body: bytes, sender: str) -> list[Issue]:
    """Each patient's events as a push of their own. What waits for a person is a warning: sending
    it again would not help."""
    if notification.kind != EVENT:
        return []
    bodies = fhir_notifications.batches(with_missing(notification, sender))
    raw_id = objects.keep_raw(body)
    arrivals.received(raw_id, sender)
    issues = [issue for part in bodies for issue in issues_of(visitor, part, sender, raw_id)]
    gaps = fhir_notifications.noted(sender, notification)
    arrivals.finished(raw_id, arrivals.SPLIT)
    return [*issues, *(Issue(code="incomplete", words=GAP) for _ in gaps)]


def issues_of(visitor: Visitor, part: bytes, sender: str, raw_id: str) -> list[Issue]:
    try:
        taken = fhir_pushes.take(part, sender, raw_id)
    except Refused as refusal:
        fhir_transport.note(visitor, refusal, fhir_pushes.raw_id_of(part, sender))
        return list(refusal.issues)
    return [issue for each in taken.commit.outcomes for issue in each.issues]


def with_missing(notification: Notification, sender: str) -> Notification:
    """With what an id-only notification names, fetched from the sender's server."""
    if not notification.missing and notification.entries:
        return notification
    if not notification.focuses:
        words = "Subscribe with the payload full-resource or id-only: this names nothing."
        raise Refused(422, "incomplete", words, "Bundle.entry[0].resource")
    settings = fhir_readings.settings_of(sender)
    found = fhir_servers.fetched(notification.missing, settings)
    fetched = tuple({"resource": each, "request": told(each)} for each in found)
    return notification.with_entries(fetched)
