"""From one lab message to its cards: the steps of statemachines/release_lab_result.asl.yaml.

Each step takes ids and gives ids; all else is read from the stores again. A step that refuses the
message (`Unusable`) writes the reason beside the arrival and says so: an outcome, not an error.
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from functions.lab_release import explain, match, publish
from functions.lab_release.incoming import results_of
from pydantic import BaseModel

from portal import arrivals, audit, failures, fhir, outbox, reports
from portal.errors import Unusable
from portal.moments import instant, now

logger = Logger(service="portal")

NAMESPACE = "Portal"


class StepFailed(Exception):
    """Instead of an error whose text may quote a patient: Step Functions shows causes."""


class Ids(BaseModel):
    """What travels between the steps."""

    raw_id: str
    patient_id: str = ""
    report_ids: list[str] = []
    is_refused: bool = False  # waits in quarantine, with its reason beside the arrival


class Ask(BaseModel):
    step: str
    ids: Ids


def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    ask = Ask.model_validate(event)
    started_at = now()
    try:
        ids = STEPS[ask.step](ask.ids)
    except Unusable as refusal:
        put_aside(ask, refusal)
        return ask.ids.model_copy(update={"is_refused": True}).model_dump()
    except Exception as error:
        failures.log(f"{ask.step}-failed", error, ask.ids.raw_id)
        arrivals.failed(ask.ids.raw_id, ask.step, type(error).__name__)
        raise StepFailed(ask.step) from None
    arrivals.step_done(ask.ids.raw_id, ask.step)
    seconds = (now() - started_at).total_seconds()
    measure("StepSeconds", MetricUnit.Seconds, seconds, step=ask.step)
    return ids.model_dump()


def parse(ids: Ids) -> Ids:
    """The message as FHIR R4, every resource valid."""
    results = results_of(ids.raw_id)
    for report in results.reports:
        for resource in report.resources:
            fhir.validate(resource)
    signed_off = [report.signed_off_at for report in results.reports if report.signed_off_at]
    arrivals.started(ids.raw_id, instant(max(signed_off)) if signed_off else "")
    return ids


def match_patient(ids: Ids) -> Ids:
    """Whose result it is, by assigning authority and identifier, name and birth date agreeing."""
    patient_id = match.patient_id(results_of(ids.raw_id).claim)
    return ids.model_copy(update={"patient_id": patient_id})


def merge(ids: Ids) -> Ids:
    """This message's version of each report, beside the versions there are."""
    arrived_at = arrivals.arrival(ids.raw_id).received_at
    found = reports.keep(ids.patient_id, ids.raw_id, arrived_at, results_of(ids.raw_id))
    return ids.model_copy(update={"report_ids": found})


def explain_cards(ids: Ids) -> Ids:
    """Every value traced to its OBX once more, and what we have words for."""
    unexplained = explain.check(ids.patient_id, ids.raw_id, ids.report_ids)
    measure("Unexplained", MetricUnit.Count, unexplained)
    return ids


def publish_cards(ids: Ids) -> Ids:
    """Card, outbox and audit in one transaction; then the values for "earlier values"."""
    is_history = results_of(ids.raw_id).initial_load
    if publish.publish(ids.patient_id, ids.raw_id, ids.report_ids, is_told=not is_history):
        measure_release(ids.raw_id)
    return ids


def notify_patient(ids: Ids) -> Ids:
    """Tells the patient that there is something new, and not what."""
    outbox.deliver_for(ids.patient_id, ids.raw_id)
    arrivals.carded(ids.raw_id)
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
    arrivals.quarantined(ask.ids.raw_id, refusal.reason, refusal.detail)
    audit.save(
        audit.row(
            audit.Event.MESSAGE_QUARANTINED,
            actor=audit.PORTAL,
            about=ask.ids.raw_id,
            why=refusal.reason.value,
            request_id=ask.ids.raw_id,
            outcome=audit.Outcome.REFUSED,
        )
    )
    measure("Quarantined", MetricUnit.Count, 1)
    logger.warning("quarantined", extra={"raw_id": ask.ids.raw_id, "reason": refusal.reason.value})


def measure_release(raw_id: str) -> None:
    """Seconds from the lab's sign-off, which holds the sender's share, and from arrival."""
    for name, seconds in arrivals.ages(raw_id).items():
        measure(name, MetricUnit.Seconds, seconds)


def measure(name: str, unit: MetricUnit, value: float, **dimensions: str) -> None:
    fixed = {"service": "portal"}
    with single_metric(name, unit, value, namespace=NAMESPACE, default_dimensions=fixed) as metric:
        for key, text in dimensions.items():
            metric.add_dimension(key, text)
