"""The segments of ORM, OML and OMG grouped as a department thinks of them: one service at a time.

Most messages put a specimen (SPM) under its order; OML^O33 and O35 put orders under a specimen.
"""

from dataclasses import dataclass, field

from portal.hl7 import Message
from portal.hl7_segments import Segment
from portal.order_controls import control

# An ORC of one of these is no order for a service: drugs, supplies, diets, blood products.
_OTHER_DETAILS = frozenset({"RXO", "RXE", "RXD", "RXA", "RXG", "RQD", "RQ1", "ODS", "ODT", "BPO"})
_SPOKEN_OF = frozenset({"ORC", "OBR", "TQ1"})  # an NTE after another segment is about that
_PREVIOUS_RESULTS = "PR"


@dataclass
class RequestedService:
    """`diagnoses` and `notes` are DG1 and NTE."""

    orc: Segment
    obr: Segment
    timings: list[Segment] = field(default_factory=list)
    diagnoses: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)
    specimens: list[Segment] = field(default_factory=list)
    is_other: bool = False

    @property
    def is_service(self) -> bool:
        return not self.is_other and control(self.orc) != _PREVIOUS_RESULTS


def requested_services(message: Message) -> list[RequestedService]:
    found: list[RequestedService] = []
    heads = [each.name for each in message.segments if each.name in ("SPM", "ORC", "OBR")]
    specimen_first = heads[:1] == ["SPM"]
    specimens: list[Segment] = []
    nothing, before = message.first("-"), ""
    for segment in message.segments:
        if segment.name == "SPM" and specimen_first:
            specimens = [segment]
        elif segment.name == "ORC":
            found.append(RequestedService(segment, nothing, specimens=specimens[:]))
        elif segment.name == "OBR":
            _place(found, segment, nothing, specimens)
        elif found:
            _add(found[-1], segment, before)
        before = before if segment.name == "NTE" else segment.name
    return [one for one in found if one.is_service]


def _place(
    found: list[RequestedService], obr: Segment, nothing: Segment, specimens: list[Segment]
) -> None:
    if found and not found[-1].obr:
        found[-1].obr = obr
        return
    orc = found[-1].orc if found else nothing
    timings = found[-1].timings[:] if found else []
    found.append(RequestedService(orc, obr, timings, specimens=specimens[:]))


def _add(last: RequestedService, segment: Segment, before: str) -> None:
    if segment.name in _OTHER_DETAILS:
        last.is_other = True
    elif segment.name == "TQ1":
        last.timings.append(segment)
    elif segment.name == "DG1" and last.obr:
        last.diagnoses.append(segment)
    elif segment.name == "SPM":
        last.specimens.append(segment)
    elif segment.name == "NTE" and before in _SPOKEN_OF:
        last.notes.append(segment)
