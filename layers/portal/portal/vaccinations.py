"""The segments of a VXU grouped as a clinic thinks of them: each dose with its ORC, RXR and OBX."""

from dataclasses import dataclass, field

from portal.hl7 import Message
from portal.hl7_segments import Segment

UNKNOWN_NUMBER = "9999"  # in ORC-3, by the CDC guide
_NO_VACCINE = "998"  # CVX: no vaccine administered


@dataclass
class Vaccination:
    rxa: Segment
    orc: Segment
    rxr: Segment
    obx: list[Segment] = field(default_factory=list)
    notes: list[Segment] = field(default_factory=list)

    @property
    def code(self) -> str:
        """CVX before NDC and others; the name where there is no code."""
        codes = sorted(self._codes(), key=lambda code: code[1] != "CVX")
        return codes[0][0] if codes else self.rxa.text(5, 2).strip()

    @property
    def was_given_or_refused(self) -> bool:
        """Not when it only carries what is known of immunity, or nothing at all."""
        said = self.code or self.rxa.text(3).strip() or self.orc.text(3).strip()
        return bool(said) and (_NO_VACCINE, "CVX") not in self._codes()

    def _codes(self) -> list[tuple[str, str]]:
        sent = self.rxa.value(5)
        found = [(sent.text(n).strip(), sent.text(n + 2).strip().upper()) for n in (1, 4)]
        return [(code, system or "CVX") for code, system in found if code]


def vaccinations(message: Message) -> list[Vaccination]:
    """An ORC belongs to the RXA after it, and to that one only."""
    nothing = message.first("-")
    found: list[Vaccination] = []
    orc, is_open = nothing, False
    for segment in message.segments:
        if segment.name == "ORC":
            orc, is_open = segment, False
        elif segment.name == "RXA":
            found.append(Vaccination(segment, orc, nothing))
            orc, is_open = nothing, True
        elif is_open:
            _add(found[-1], segment)
    return [each for each in found if each.was_given_or_refused]


def _add(vaccination: Vaccination, segment: Segment) -> None:
    if segment.name == "RXR" and not vaccination.rxr:
        vaccination.rxr = segment
    elif segment.name == "OBX":
        vaccination.obx.append(segment)
    elif segment.name == "NTE":
        vaccination.notes.append(segment)
