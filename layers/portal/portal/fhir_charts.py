"""What a patient's chart holds of a push's resources already, and whose a resource is.

resource#<blind Type/id> / patient   whose chart a pushed resource is in, for a deletion names
                                     nobody; `fingerprint` says when it was deleted there
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from portal import chart, fhir_subjects, keys, patients, record_versions, records
from portal.fhir import Resource
from portal.patients import Patient
from portal.record_versions import Version
from portal.tables import ChartRow

DELETED = "deleted"
AT_ONCE = 8

type Name = tuple[str, str]  # (resource type, the portal's id)


@dataclass(frozen=True)
class Chart:
    """As it is without the message `raw_id`: a push that is read again finds what it found. Empty
    while nobody here is the patient."""

    patient: Patient | None
    raw_id: str
    _ahead: dict[Name, list[Version]] = field(default_factory=dict)

    def read_ahead(self, names: Iterable[Name]) -> None:
        """All at once what is going to be asked for one by one."""
        wanted = list(dict.fromkeys(names))
        found = at_once(lambda name: self._read(*name), wanted)
        self._ahead.update(zip(wanted, found, strict=True))

    def is_ours(self, kind: str, entry_id: str) -> bool:
        patient_id = self.patient.patient_id if self.patient else ""
        return bool(patient_id and chart.names(patient_id, record_versions.prefix(kind, entry_id)))

    def versions(self, kind: str, entry_id: str = "") -> list[Version]:
        found = self._ahead.get((kind, entry_id))
        return self._read(kind, entry_id) if found is None else found

    def _read(self, kind: str, entry_id: str) -> list[Version]:
        if self.patient is None:
            return []
        found = record_versions.versions(self.patient.patient_id, kind, entry_id)
        return [each for each in found if self._counts(each)]

    def resource(self, kind: str, entry_id: str) -> Resource | None:
        found = self.versions(kind, entry_id)
        if not found or record_versions.newest(found).is_deleted:
            return None
        return records.folded(found)

    def resources(self, kind: str) -> Iterator[Resource]:
        by_id: dict[str, list[Version]] = {}
        for version in self.versions(kind):
            by_id.setdefault(version.entry_id, []).append(version)
        for found in by_id.values():
            if not record_versions.newest(found).is_deleted:
                yield records.folded(found)

    def _counts(self, version: Version) -> bool:
        mine = self.patient.mine if self.patient else frozenset()
        return version.raw_id != self.raw_id and record_versions.counts(version.about, mine)


def owners(names: Iterable[Name]) -> dict[Name, str]:
    """Patient ids, merges not followed. What was deleted is nobody's."""
    by_key = {_key(name): name for name in names if fhir_subjects.ELEMENTS[name[0]]}
    rows = at_once(lambda key: ChartRow.find(key, "patient"), by_key)
    there = (row for row in rows if row is not None and row.fingerprint != DELETED)
    return {by_key[row.pk]: row.patient_id or "" for row in there}


def note(patient_id: str, there: Iterable[Name], gone: Iterable[Name]) -> None:
    rows = [
        ChartRow(_key(name), "patient", patient_id=patient_id, fingerprint=said)
        for names, said in ((there, None), (gone, DELETED))
        for name in names
        if fhir_subjects.ELEMENTS[name[0]]
    ]
    at_once(lambda row: row.save(), rows)


def owner_of_all(names: Iterable[Name]) -> Patient | None:
    """The one patient whose these are; None for several and for none."""
    found = {patients.current(each) for each in set(owners(names).values())}
    ids = {each.patient_id: each for each in found if each}
    return next(iter(ids.values())) if len(ids) == 1 else None


def at_once[T, R](run: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """A bundle may hold hundreds, and a store answers in milliseconds."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, things))


def _key(name: Name) -> str:
    return f"resource#{keys.blind('resource', '/'.join(name))}"
