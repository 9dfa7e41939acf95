"""Whose passkey it is, and how often it was used. `passkeys` checks what it says.

passkey#<hash of the credential id>
    passkey              patient_id: whose it is
account#<patient id>
    factor#passkey#<id>  the public key, sealed; counter: how often the authenticator says it signed

Credential ids are base64url texts without padding.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from portal import factors, keys, patients, user_accounts
from portal.conditions import is_unmet
from portal.factors import Factor
from portal.methods import Method
from portal.moments import now
from portal.patients import Patient
from portal.secrets_kept import hashed
from portal.tables import SessionRow


class Refused(Exception):
    """`why` is for the trail; `patient_id` where it is known whose passkey it claims to be."""

    def __init__(self, why: str, patient_id: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.patient_id = patient_id


class Copied(Refused):
    """The passkey's own count went back: somebody may have a copy of it."""


def handle(patient_id: str) -> bytes:
    """The account's name to authenticators: the same for all its passkeys, and says nothing."""
    return sha256(f"passkey\0{patient_id}".encode()).digest()


def handle_text(patient_id: str) -> str:
    return urlsafe_b64encode(handle(patient_id)).decode().rstrip("=")


def holder(patient_id: str) -> Patient:
    """Raises Refused for who has died, or is part of another record now."""
    patient = patients.with_id(patient_id)
    if patient is None or not patient.may_sign_in:
        raise Refused("account-closed", patient_id)
    return patient


def of(patient_id: str) -> list[Factor]:
    return factors.of(patient_id, Method.PASSKEY)


def find(credential_id: str) -> tuple[str, Factor]:
    """Whose it is, and its factor. Raises Refused."""
    row = SessionRow.find(_key(credential_id), "passkey")
    if row is None:
        raise Refused("passkey-unknown")
    patient_id = holder(row.patient_id or "").patient_id
    for factor in of(patient_id):
        if factor.secret["credential_id"] == credential_id:
            return patient_id, factor
    raise Refused("passkey-unknown", patient_id)


def is_known(credential_id: str) -> bool:
    return SessionRow.find(_key(credential_id), "passkey") is not None


def lookup_row(factor: Factor, patient_id: str = "") -> SessionRow:
    """What leads from the credential to its owner; saved and deleted with the factor:
    `factors.remove(patient_id, factor, lookup_row(factor))`."""
    return SessionRow(
        _key(factor.secret["credential_id"]), "passkey", patient_id=patient_id or None
    )


def note_use(patient_id: str, factor: Factor, counter: int, *, is_backed_up: bool) -> None:
    """Raises Copied where the count did not grow; it stays 0 in passkeys that several devices
    share. Raises Refused where it was removed, or used, meanwhile."""
    if (counter or factor.counter) and counter <= factor.counter:
        raise Copied("passkey-copied", patient_id)
    sealed = keys.seal(patient_id, factor.sk, factor.secret | {"is_backed_up": is_backed_up})
    row = SessionRow(user_accounts.pk(patient_id), factor.sk)
    noted: list[Action] = [
        SessionRow.seen_at.set(now().timestamp()),
        SessionRow.counter.set(counter),
        SessionRow.sealed.set(sealed),
    ]
    try:
        row.update(noted, SessionRow.counter == factor.counter)
    except UpdateError as error:
        if not is_unmet(error):
            raise
        raise Refused("passkey-changed", patient_id) from error


def _key(credential_id: str) -> str:
    return f"passkey#{hashed(credential_id)}"
