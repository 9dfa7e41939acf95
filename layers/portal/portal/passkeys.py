"""Passkeys (WebAuthn level 3): the only door to `webauthn`, which takes long to import.

A passkey is two factors in one: the device, and the finger, face or PIN it asks its owner for each
time. It is discoverable, so that signing in starts without a name, and bound to our origin, so that
no other site can ask for it.
"""

from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    bytes_to_base64url,
    options_to_json_dict,
    parse_attestation_object,
    parse_cbor,
    parse_client_data_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from portal import challenges, ctap_cbor
from portal.access import Caller
from portal.authenticators import Assertion, Attestation
from portal.factors import Factor
from portal.methods import Method
from portal.passkey_rows import (
    Copied,
    Refused,
    find,
    handle,
    handle_text,
    holder,
    is_known,
    note_use,
    of,
)
from portal.secrets_kept import hashed, same
from portal.settings import settings

__all__ = ["Copied", "Refused", "made", "note_use", "owner"]

SIGN_IN = "sign-in"
TIMEOUT_MS = challenges.LIFE_SECONDS * 1000
SURE = UserVerificationRequirement.REQUIRED
# What the library raises at a stranger's bytes, besides its own errors.
MALFORMED = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError)
# What a browser may pass on for "none": nothing, or a key that vouches for itself (5.1.3).
FORMATS = {AttestationFormat.NONE, AttestationFormat.PACKED}


def creation_options(caller: Caller) -> dict[str, Any]:
    """W3C's PublicKeyCredentialCreationOptionsJSON, for this session. Raises Refused."""
    patient = holder(caller.patient_id)
    options = generate_registration_options(
        rp_id=_host(),
        rp_name=settings().portal_name,
        user_id=handle(patient.patient_id),
        user_name=f"{patient.given} {patient.family}".strip() or settings().portal_name,
        challenge=base64url_to_bytes(challenges.new(_adding(caller))),
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=SURE
        ),
        exclude_credentials=[_descriptor(each) for each in of(patient.patient_id)],
    )
    return options_to_json_dict(options)


def request_options() -> dict[str, Any]:
    """W3C's PublicKeyCredentialRequestOptionsJSON: the same for everybody, naming no passkey."""
    options = generate_authentication_options(
        rp_id=_host(),
        challenge=base64url_to_bytes(challenges.new(SIGN_IN)),
        timeout=TIMEOUT_MS,
        user_verification=SURE,
    )
    return options_to_json_dict(options)


def made(caller: Caller, answer: Attestation) -> Factor:
    """The new passkey, to be added with its `passkey_rows.lookup_row`. Raises Refused."""
    holder(caller.patient_id)
    try:
        verified = _attested(answer, _spent(answer.client_data, _adding(caller)))
    except MALFORMED as error:
        raise Refused("passkey-not-made", caller.patient_id) from error
    credential_id = bytes_to_base64url(verified.credential_id)
    if credential_id != answer.credential_id or is_known(credential_id):
        raise Refused("passkey-not-new", caller.patient_id)
    secret = {
        "credential_id": credential_id,
        "public_key": bytes_to_base64url(verified.credential_public_key),
        "transports": [each.value for each in _transports(answer.transports.split())],
        "is_backed_up": verified.credential_backed_up,
    }
    return Factor(Method.PASSKEY, caller.agent, secret, counter=verified.sign_count)


def owner(answer: Assertion) -> str:
    """The patient id of whose passkey answered; it is marked as used. Raises Refused, or Copied."""
    try:
        challenge = _spent(answer.client_data, SIGN_IN)
    except MALFORMED as error:
        raise Refused("passkey-malformed") from error
    patient_id, factor = find(answer.credential_id)
    if not same(answer.user_handle, handle_text(patient_id)):
        raise Refused("passkey-of-another", patient_id)
    try:
        verified = _asserted(answer, challenge, factor)
    except MALFORMED as error:
        raise Refused("passkey-wrong", patient_id) from error
    is_backed_up = verified.credential_backed_up
    note_use(patient_id, factor, verified.new_sign_count, is_backed_up=is_backed_up)
    return patient_id


def _spent(client_data: str, purpose: str) -> bytes:
    """The challenge that was answered, worth nothing from now on. Raises Refused."""
    said = parse_client_data_json(base64url_to_bytes(client_data))
    if said.cross_origin or not challenges.spend(bytes_to_base64url(said.challenge), purpose):
        raise Refused("challenge-no-good")
    return said.challenge


def _attested(answer: Attestation, challenge: bytes) -> VerifiedRegistration:
    attestation = base64url_to_bytes(answer.attestation)
    ctap_cbor.check(attestation)
    ctap_cbor.check_authenticator_data(parse_cbor(attestation)["authData"])
    if parse_attestation_object(attestation).fmt not in FORMATS:
        raise Refused("attestation-not-asked-for")
    client_data = base64url_to_bytes(answer.client_data)
    response = AuthenticatorAttestationResponse(client_data, attestation)
    raw_id = base64url_to_bytes(answer.credential_id)
    return verify_registration_response(
        credential=RegistrationCredential(answer.credential_id, raw_id, response),
        expected_challenge=challenge,
        expected_rp_id=_host(),
        expected_origin=settings().portal_url,
        require_user_verification=True,
    )


def _asserted(answer: Assertion, challenge: bytes, factor: Factor) -> VerifiedAuthentication:
    """The count is left to `note_use`: here it would be looked at before the signature, and a
    stranger could make us believe in a copy."""
    parts = (answer.client_data, answer.authenticator_data, answer.signature)
    ctap_cbor.check_authenticator_data(base64url_to_bytes(answer.authenticator_data))
    response = AuthenticatorAssertionResponse(*map(base64url_to_bytes, parts))
    raw_id = base64url_to_bytes(answer.credential_id)
    return verify_authentication_response(
        credential=AuthenticationCredential(answer.credential_id, raw_id, response),
        expected_challenge=challenge,
        expected_rp_id=_host(),
        expected_origin=settings().portal_url,
        credential_public_key=base64url_to_bytes(factor.secret["public_key"]),
        credential_current_sign_count=0,
        require_user_verification=True,
    )


def _host() -> str:
    return urlsplit(settings().portal_url).hostname or ""


def _adding(caller: Caller) -> str:
    return f"add#{hashed(caller.session_cookie)}"


def _descriptor(factor: Factor) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=base64url_to_bytes(factor.secret["credential_id"]),
        transports=_transports(factor.secret["transports"]),
    )


def _transports(said: list[str]) -> list[AuthenticatorTransport]:
    return [each for each in AuthenticatorTransport if each.value in said]
