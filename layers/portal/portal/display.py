"""How one person's pages look to them: language, time zone, contrast, size, motion and colours.

It stands in their account's row, which every request of a session reads anyway: one write reaches
all their sessions at once, and no page pays a second read. The choice itself, with each earlier
one, is in `portal.preferences`.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.model import Frozen


class Contrast(StrEnum):
    NORMAL = "normal"
    MORE = "more"


class TextSize(StrEnum):
    """In per cent."""

    NORMAL = "100"
    LARGE = "125"
    LARGER = "150"
    LARGEST = "200"


class Motion(StrEnum):
    FULL = "full"
    LESS = "less"


class Theme(StrEnum):
    DEVICE = "device"
    LIGHT = "light"
    DARK = "dark"


class Look(Frozen):
    contrast: Contrast = Contrast.NORMAL
    text: TextSize = TextSize.NORMAL
    motion: Motion = Motion.FULL
    theme: Theme = Theme.DEVICE

    @property
    def attributes(self) -> dict[str, str]:
        """Of <html>, for the stylesheet: what differs from the usual."""
        said = self.model_dump(mode="json", exclude_defaults=True)
        return {f"data-{name}": value for name, value in said.items()}


USUAL = Look()


@dataclass(frozen=True)
class Display:
    """ "" where the person chose nothing."""

    language: str = ""
    time_zone: str = ""  # IANA
    look: Look = USUAL

    @property
    def packed(self) -> str:
        return "|".join(
            (self.language, self.time_zone, *self.look.model_dump(mode="json").values())
        )


NOTHING_CHOSEN = Display()


def unpacked(text: str) -> Display:
    """What is no longer understood is as if nothing was chosen."""
    language, time_zone, *look = text.split("|") if text else ("", "")
    try:
        chosen = Look.model_validate(dict(zip(Look.model_fields, look, strict=True)))
    except ValueError:
        chosen = USUAL
    return Display(language, time_zone, chosen)
