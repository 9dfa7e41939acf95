"""What a person's authenticator answers to a challenge, as browsers pass it on (WebAuthn level 3,
5.2): bytes as base64url texts. `passkeys` checks them; here is only their shape.
"""

from typing import Annotated

from pydantic import Field

from portal.model import Model

LONGEST_ID = 1364  # 1023 bytes: WebAuthn level 3, 7.1, step 25

CredentialId = Annotated[str, Field(pattern="^[A-Za-z0-9_-]+$", max_length=LONGEST_ID)]
Encoded = Annotated[str, Field(pattern="^[A-Za-z0-9_-]+$", max_length=20_000)]


class Assertion(Model):
    """Of `navigator.credentials.get()`. `user_handle` names the account to the authenticator."""

    credential_id: CredentialId
    client_data: Encoded
    authenticator_data: Encoded
    signature: Encoded
    user_handle: Encoded


class Attestation(Model):
    """Of `navigator.credentials.create()`. `transports`: "internal hybrid", where it says."""

    credential_id: CredentialId
    client_data: Encoded
    attestation: Encoded
    transports: str = Field(default="", pattern="^[a-z -]*$", max_length=100)
