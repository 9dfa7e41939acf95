"""Rows of one chart copied into another, sealed anew; what is there already is left alone."""

from collections.abc import Iterable

from portal import arrivals, audit, chart, patients, record_versions, records, reports
from portal.patients import Known, Patient
from portal.reports import Version
from portal.tables import AuditRow

# Facts of messages. Cards and values follow from them and are made again.
FACTS = ("report#", "document#", "record#", "merge#", "moved#", "labels#")


def versions(patient: Patient, report_id: str) -> list[Version]:
    """What counts of a report: the words of messages about an identifier that is theirs."""
    found = reports.versions(patient.patient_id, report_id)
    return [each for each in found if record_versions.counts(each.about, patient.mine)]


def is_on_its_way(patient_id: str, report_id: str) -> bool:
    """Whether a message about it is between filing and publishing."""
    found = reports.versions(patient_id, report_id)
    return any(arrivals.arrival(each.raw_id).state == arrivals.RECEIVED for each in found)


def report_ids(patient_id: str) -> list[str]:
    keys = chart.names(patient_id, "report#")
    return list(dict.fromkeys(key.split("#")[1] for key in keys))


def copy(source: str, target: str, about: frozenset[Known]) -> int:
    """The facts of messages about these identifiers. Returns how many rows that were."""
    have = set(chart.names(target))
    wanted = [name for name in chart.names(source) if name.startswith(FACTS) and name not in have]
    return sum(_copied(source, target, name, about) for name in wanted)


def _copied(source: str, target: str, name: str, about: frozenset[Known]) -> bool:
    content = chart.find(source, name)
    named = {patients.normal((each[0], each[1])) for each in (content or {}).get("about", ())}
    if named and not named & about:
        return False
    chart.keep(target, name, content)
    return True


def copy_visit(source: str, target: Patient, visit: str) -> None:
    """A visit and what happened at it. In the target it is about the target."""
    for version in record_versions.everything(source):
        elements = record_versions.elements_of(version)
        if record_versions.visit_of(version.resource_type, version.entry_id, elements) == visit:
            owned = version.model_copy(update={"about": target.identifiers})
            records.save(target.patient_id, owned)


def audited(event: audit.Event, patient_id: str, raw_id: str, others: Iterable[str]) -> AuditRow:
    about = next((each for each in others if each != patient_id), "")
    return audit.row(
        event,
        actor=audit.PORTAL,
        patient_id=patient_id,
        about=about,
        why="ehr-says",
        request_id=raw_id,
    )
