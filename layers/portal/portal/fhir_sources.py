"""The resources a push speaks of: its own, and what the chart holds; where each was said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from portal.fhir import Resource
from portal.fhir_charts import Chart


@dataclass(frozen=True)
class Sources:
    """`pushed` by "Type/id"; `places`: id -> "Bundle.entry[3]"."""

    pushed: Mapping[str, Resource]
    places: Mapping[str, str]
    chart: Chart
    _found: dict[str, Resource | None] = field(default_factory=dict)

    def find(self, reference: Any) -> Resource | None:
        said = str(reference.get("reference", ""))
        if said not in self._found:
            self._found[said] = self.pushed.get(said) or self._in_chart(said)
        return self._found[said]

    def _in_chart(self, said: str) -> Resource | None:
        kind, _, entry_id = said.partition("/")
        return self.chart.resource(kind, entry_id) if kind and entry_id else None

    def place(self, resource: Resource) -> str:
        """Of what an earlier message said: its address in the chart."""
        name = f"{resource['resourceType']}/{resource['id']}"
        return self.places.get(str(resource["id"]), name)

    def display(self, reference: Resource, within: Resource) -> str:
        """What a person may be told of it. `within` may contain it."""
        said = str(reference.get("reference", ""))
        if reference.get("display") or not said:
            return str(reference.get("display", ""))
        if said.startswith("#"):
            inside = within.get("contained", ())
            found = next((each for each in inside if f"#{each.get('id', '')}" == said), None)
        else:
            found = self.find(reference)
        return name_of(found) if found else ""


def name_of(resource: Resource) -> str:
    """Of a person, an organisation, or a sample."""
    name = resource.get("name", "")
    if isinstance(name, str) and name:
        return name
    if isinstance(name, list) and name:
        first = name[0]
        parts = (*first.get("prefix", ()), *first.get("given", ()), first.get("family", ""))
        return str(first.get("text", "")) or " ".join(part for part in parts if part)
    practitioner = resource.get("practitioner", {})
    if practitioner.get("display"):
        return str(practitioner["display"])
    return str(resource.get("type", {}).get("text", "")) if "type" in resource else ""
