"""What the sensitive segments are called, before translation."""

from portal.sensitivity import Segment


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


WORDS: dict[Segment, str] = {
    Segment.REPRODUCTIVE: N_("Pregnancy, birth control and fertility"),
    Segment.SEXUAL_HEALTH: N_("Sexual health"),
    Segment.MENTAL_HEALTH: N_("Mental health"),
    Segment.SUBSTANCE_USE: N_("Alcohol and drug use"),
    Segment.GENETIC: N_("Genetic tests and family history"),
    Segment.PSYCHOTHERAPY: N_("Psychotherapy notes"),
    Segment.ABUSE: N_("Abuse and violence"),
}
