"""EHRs and labs that may push to us: a bearer secret each, kept as a hash, revocable.

Operators make one with `python -m infra.admin`; the secret is shown once.
"""

from dataclasses import dataclass

from portal.secrets_kept import hashed, token
from portal.tables import SessionRow

PREFIX = "ehr_"
FHIR = "FHIR"


@dataclass(frozen=True)
class Sender:
    name: str
    facilities: frozenset[str]  # MSH-4, MSH-3^MSH-4 or FHIR, that it may use; empty for any

    @property
    def may_push_fhir(self) -> bool:
        """FHIR names no sending facility: whoever is held to some needs FHIR among them."""
        return not self.facilities or FHIR in self.facilities

    def may_send_as(self, facility: str, application: str = "") -> bool:
        names = {facility, f"{application}^{facility}"}
        return not self.facilities or not names.isdisjoint(self.facilities)


def issue(name: str, facilities: list[str]) -> str:
    """Returns the secret. The same name may hold two while one is being replaced."""
    secret = PREFIX + token(256)
    row = SessionRow(_pk(secret), "sender", name=name, facilities="|".join(facilities) or None)
    row.save(SessionRow.pk.does_not_exist())
    return secret


def revoke(secret: str) -> None:
    SessionRow(_pk(secret), "sender").delete()


def sender_of(authorization: str) -> Sender | None:
    """Of an `Authorization: Bearer ...` header (RFC 6750)."""
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(PREFIX):
        return None
    row = SessionRow.find(_pk(secret.strip()), "sender")
    if row is None:
        return None
    return Sender(row.name or "", frozenset((row.facilities or "").split("|")) - {""})


def _pk(secret: str) -> str:
    return f"sender#{hashed(secret)}"
