"""A FHIR DiagnosticReport and its order, as the frame of a card: what, who, when, documents."""

from collections.abc import Iterator

from portal import fhir_values
from portal.fhir import Resource
from portal.fhir_observations import effective
from portal.fhir_sources import Sources

_NOTE = "http://hl7.org/fhir/5.0/StructureDefinition/extension-DiagnosticReport.note"
_AS_IT_IS = ("status", "category", "code", "issued", "conclusion", "conclusionCode")
_OF_ORDER = ("status", "intent", "code", "reasonCode")


def report(
    sent: Resource, readings: list[Resource], request: Resource | None, sources: Sources
) -> Resource:
    note = {"url": _NOTE, "valueAnnotation": {"text": sent.get("conclusion", "")}}
    based_on = [{"reference": f"ServiceRequest/{request['id']}"}] if request else []
    return {name: sent[name] for name in _AS_IT_IS if name in sent} | {
        "meta": fhir_values.security(sent),
        "resourceType": "DiagnosticReport",
        "id": sent["id"],
        "extension": [note] if sent.get("conclusion") else [],
        "effectiveDateTime": effective(sent),
        "performer": _named(sent, "performer", sources),
        "specimen": _named(sent, "specimen", sources),
        "basedOn": based_on,
        "result": [{"reference": f"Observation/{each['id']}"} for each in readings],
        "presentedForm": list(_documents(sent, sources)),
    }


def _named(sent: Resource, element: str, sources: Sources) -> list[Resource]:
    names = (sources.display(each, sent) for each in sent.get(element, ()))
    return [{"display": name} for name in names if name]


def request(sent: Resource, sources: Sources) -> Resource | None:
    """The order, for who ordered it, and why: the first that tells either."""
    for reference in sent.get("basedOn", ()):
        found = sources.find(reference)
        if not found or found["resourceType"] != "ServiceRequest":
            continue
        name = sources.display(found.get("requester", {}), found)
        kept = {key: found[key] for key in _OF_ORDER if key in found}
        meta = fhir_values.security(found)
        if name or meta or "reasonCode" in kept:
            made = {"resourceType": "ServiceRequest", "id": found["id"], "meta": meta}
            return made | kept | {"requester": {"display": name} if name else {}}
    return None


def _documents(sent: Resource, sources: Sources) -> Iterator[Resource]:
    """Those that travel inside. An address at another server is not followed."""
    for number, each in enumerate(sent.get("presentedForm", ())):
        if data := "".join(each.get("data", "").split()):
            said = {
                "OBX-2": "ED",
                "OBX-3": each.get("title", "") or fhir_values.name_of(sent.get("code", {})),
                "OBX-11": fhir_values.LETTERS.get(sent.get("status", ""), ""),
                "source": f"{sources.place(sent)}.presentedForm[{number}]",
            }
            kept = {name: each[name] for name in ("contentType", "title") if name in each}
            yield {"extension": [fhir_values.extension(said)], **kept, "data": data}
