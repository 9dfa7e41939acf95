"""The message behind a raw id, read again by each step: no second copy of it lies about."""

from collections.abc import Callable

from portal import (
    conversion,
    fhir_bundles,
    fhir_results,
    headers,
    objects,
    senders,
    sequences,
    splitting,
    tracing,
)
from portal.conversion import Converted
from portal.errors import Reason, Unusable
from portal.fhir_documents import is_fhir
from portal.reports import Version


def parts_of(raw_id: str) -> list[bytes]:
    """The messages of a batch, or of one with several patients; the message itself else."""
    body, charset = objects.raw(raw_id)
    return [body] if is_fhir(body) else splitting.parts(body, charset)


def check_header(raw_id: str) -> None:
    """Raises Unusable. Also notes the sender's sequence number, where it counts its messages."""
    body, charset = objects.raw(raw_id)
    if is_fhir(body):
        return
    message, sender = senders.read(body, charset)
    sequences.note(message, sender)
    if found := headers.fault(message):
        raise Unusable(Reason.BAD_HEADER, found.words)


def converted(raw_id: str) -> Converted:
    """Raises Unusable for what can be nothing in a chart."""
    body, charset = objects.raw(raw_id)
    if is_fhir(body):
        return fhir_bundles.convert(body, raw_id)
    return conversion.convert(*senders.read(body, charset))


type Tracer = Callable[[Version], bool]


def tracer(raw_id: str) -> Tracer:
    """Whether every value of a version is still exactly what this message says."""
    body, charset = objects.raw(raw_id)
    if is_fhir(body):
        return lambda version: fhir_results.traced(version.resources, body, raw_id)
    message, _ = senders.read(body, charset)
    return lambda version: all(
        tracing.traced(each, message)
        for each in version.parsed()
        if each["resourceType"] == "Observation"
    )
