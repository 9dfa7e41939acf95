"""What a text message to us means: STOP, START, HELP, or nothing we know. Pure.

47 CFR 64.1200(a)(10): "stop", "quit", "end", "revoke", "opt out", "cancel" and "unsubscribe" end
texts, and so does what a reasonable person would take for that. A doubt ends them: the answer says
how to have them back.
"""

import re
import unicodedata
from enum import StrEnum

STOP_ANYWHERE = frozenset(("STOP", "STOPALL", "UNSUBSCRIBE", "OPTOUT", "REVOKE"))
# As a whole message; in the languages of the pages, and those AWS requires (ARRET, REMOVE, TD).
STOP_ALONE = STOP_ANYWHERE | frozenset(
    (
        "QUIT",
        "END",
        "CANCEL",
        "REMOVE",
        "ARRET",
        "TD",
        "ALTO",
        "PARAR",
        "PARE",
        "BAJA",
        "CANCELAR",
        "TERMINAR",
        "NOMAS",
    )
)
STOP_PHRASES = ("OPT OUT", "REMOVE ME", "NO MORE TEXTS", "NO MORE MESSAGES", "NO MAS MENSAJES")
START = frozenset(("START", "UNSTOP", "INICIAR", "COMENZAR"))
HELP = frozenset(("HELP", "INFO", "AYUDA"))


class Meaning(StrEnum):
    STOP = "stop"
    START = "start"
    HELP = "help"
    UNKNOWN = "unknown"


def meaning(body: str, keyword: str = "") -> Meaning:
    """`keyword` is what the carrier's side made of it, for a body that tells us nothing."""
    found = _meaning(body)
    return _meaning(keyword) if found is Meaning.UNKNOWN else found


def _meaning(text: str) -> Meaning:
    words = _words(text)
    together, spaced = "".join(words), f" {' '.join(words)} "
    if together in STOP_ALONE or not STOP_ANYWHERE.isdisjoint(words):
        return Meaning.STOP
    if any(f" {phrase} " in spaced for phrase in STOP_PHRASES):
        return Meaning.STOP
    if together in START:
        return Meaning.START
    return Meaning.HELP if together in HELP else Meaning.UNKNOWN


def _words(text: str) -> list[str]:
    """Capitals without accents, marks and signs: "Arrêt!" is ARRET."""
    plain = unicodedata.normalize("NFKD", text).upper()
    return re.findall("[A-Z0-9]+", "".join(c for c in plain if not unicodedata.combining(c)))
