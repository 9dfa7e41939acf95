"""Words on proxies for staff, before translation."""

from enum import StrEnum

from portal.granting import GrantKind


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


class Proof(StrEnum):
    """What staff looked at, together with a photo identity card of who asked."""

    BIRTH_CERTIFICATE = "birth-certificate"
    ADOPTION = "adoption-decree"
    COURT_ORDER = "court-order"
    ATTORNEY = "power-of-attorney"
    LETTERS = "letters-testamentary"
    OTHER = "other"


PROOFS: dict[Proof, str] = {
    Proof.BIRTH_CERTIFICATE: N_("Birth certificate that names them as a parent"),
    Proof.ADOPTION: N_("Adoption decree"),
    Proof.COURT_ORDER: N_("Court order"),
    Proof.ATTORNEY: N_("Health care power of attorney"),
    Proof.LETTERS: N_("Letters of the probate court"),
    Proof.OTHER: N_("Another paper, as our policy allows"),
}
KINDS: dict[GrantKind, str] = {
    GrantKind.PARENT: N_("Parent"),
    GrantKind.PROXY: N_("Helper by invitation"),
    GrantKind.GUARDIAN: N_("Legal guardian"),
    GrantKind.ESTATE: N_("For the estate of somebody who died"),
    GrantKind.APP: N_("App"),
}
