"""From one message to the chart and its cards: the steps of
statemachines/release_lab_result.asl.yaml.

Each step takes ids and gives ids; all else is read from the stores again. A step that refuses the
message (`Unusable`) writes the reason beside the arrival and says so: an outcome, not an error.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from functions.lab_release import explain, filing, publish, validation
from functions.lab_release.incoming import check_header, converted, parts_of

from portal import application_acks, arrivals, audit, failures, objects, outbox_delivery, waiting
from portal.errors import Unusable
from portal.model import Model
from portal.moments import instant, now

logger = Logger(service="portal")

NAMESPACE = "Portal"


class StepFailed(Exception):
    """Instead of an error whose text may quote a patient: Step Functions shows causes."""


class Ids(Model):
    """What travels between the steps."""

    raw_id: str
    patient_id: str = ""
    report_ids: list[str] = []
    has_cards: bool = False  # else it is filed, and there is nothing to publish
    is_over: bool = False  # waits in quarantine, with its reason beside the arrival; or was split


class Ask(Model):
    step: str
    ids: Ids


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    ask = Ask.model_validate(event)
    started_at = now()
    try:
        ids = STEPS[ask.step](ask.ids)
    except Unusable as refusal:
        put_aside(ask, refusal)
        return ask.ids.model_copy(update={"is_over": True}).model_dump()
    except Exception as error:
        failures.log(f"{ask.step}-failed", error, ask.ids.raw_id)
        arrivals.failed(ask.ids.raw_id, ask.step, type(error).__name__)
        raise StepFailed(ask.step) from None
    arrivals.step_done(ask.ids.raw_id, ask.step)
    seconds = (now() - started_at).total_seconds()
    measure("StepSeconds", MetricUnit.Seconds, seconds, step=ask.step)
    return ids.model_dump()


def parse(ids: Ids) -> Ids:
    """The message as FHIR R4, every resource valid. One that is several goes on in its parts."""
    parts = parts_of(ids.raw_id)
    if len(parts) > 1:
        split(ids.raw_id, parts)
        return ids.model_copy(update={"is_over": True})
    check_header(ids.raw_id)
    found = converted(ids.raw_id)
    validation.check(ids.raw_id, found)
    signed_off = [report.signed_off_at for report in found.reports if report.signed_off_at]
    arrivals.started(ids.raw_id, instant(max(signed_off)) if signed_off else "")
    return ids


def split(raw_id: str, parts: list[bytes]) -> None:
    """Each part is kept and queued before the whole is done with."""
    sender = arrivals.sender_of(raw_id)
    for part in parts:
        part_id = objects.keep_raw(part, objects.raw(raw_id)[1] or "")
        arrivals.received(part_id, sender, part_of=raw_id)
        waiting.enqueue(part_id)
    arrivals.finished(raw_id, arrivals.SPLIT)


def match_patient(ids: Ids) -> Ids:
    """Whose it is, by assigning authority and identifier, name and birth date agreeing."""
    patient = filing.patient_of(converted(ids.raw_id))
    return ids.model_copy(update={"patient_id": patient.patient_id})


def merge(ids: Ids) -> Ids:
    """This message's word on each report and resource, beside the words there are."""
    arrived_at = arrivals.arrival(ids.raw_id).received_at
    found = filing.file(ids.patient_id, ids.raw_id, arrived_at, converted(ids.raw_id))
    return ids.model_copy(update={"report_ids": found, "has_cards": bool(found)})


def explain_cards(ids: Ids) -> Ids:
    """Every value traced to its OBX once more, and what we have words for."""
    unexplained = explain.check(ids.patient_id, ids.raw_id, ids.report_ids)
    measure("Unexplained", MetricUnit.Count, unexplained)
    return ids


def publish_cards(ids: Ids) -> Ids:
    """Card, outbox and audit in one transaction; then the values for "earlier values"."""
    is_history = converted(ids.raw_id).envelope.initial_load
    if publish.publish(ids.patient_id, ids.raw_id, ids.report_ids, is_told=not is_history):
        measure_release(ids.raw_id)
    return ids


def notify_patient(ids: Ids) -> Ids:
    """Tells the patient that there is something new, and not what."""
    outbox_delivery.deliver_for(ids.patient_id, ids.raw_id)
    application_acks.send(ids.raw_id)
    arrivals.finished(ids.raw_id, arrivals.CARDED if ids.has_cards else arrivals.FILED)
    return ids


STEPS: dict[str, Callable[[Ids], Ids]] = {
    "parse": parse,
    "match": match_patient,
    "merge": merge,
    "explain": explain_cards,
    "publish": publish_cards,
    "notify": notify_patient,
}


def put_aside(ask: Ask, refusal: Unusable) -> None:
    """With the reason beside it. What only wants its patient goes on when the patient comes."""
    raw_id = ask.ids.raw_id
    index_keys = list(refusal.waits_for)
    waiting.keep(raw_id, index_keys)
    audit.save(
        audit.row(
            audit.Event.MESSAGE_QUARANTINED,
            actor=audit.PORTAL,
            about=raw_id,
            why=refusal.reason.value,
            request_id=raw_id,
            outcome=audit.Outcome.REFUSED,
        )
    )
    application_acks.send(raw_id, refusal)
    arrivals.quarantined(raw_id, refusal.reason, refusal.detail, index_keys)  # last: it ends this
    if waiting.is_there(index_keys):  # the patient came in between, before anybody saw us wait
        waiting.requeue(raw_id)
    measure("Quarantined", MetricUnit.Count, 1)
    logger.warning("quarantined", extra={"raw_id": raw_id, "reason": refusal.reason.value})


def measure_release(raw_id: str) -> None:
    """Seconds from the lab's sign-off, which holds the sender's share, and from arrival."""
    for name, seconds in arrivals.ages(raw_id).items():
        measure(name, MetricUnit.Seconds, seconds)


def measure(name: str, unit: MetricUnit, value: float, **dimensions: str) -> None:
    fixed = {"service": "portal"}
    with single_metric(name, unit, value, namespace=NAMESPACE, default_dimensions=fixed) as metric:
        for key, text in dimensions.items():
            metric.add_dimension(key, text)
