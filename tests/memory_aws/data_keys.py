"""KMS data keys: wrapped with a context, and opened with the same one only."""

import hashlib

from tests.memory_aws.refusals import Answer, Refused

KEY_ARN = "arn:aws:kms:us-east-1:000000000000:key/memory"


class KMS:
    """`is_repeatable`: one context gets one key, however often and in whatever order it is asked
    for, so that blind indexes of two runs can be compared."""

    def __init__(self) -> None:
        self.wrapped: dict[bytes, tuple[bytes, dict[str, str]]] = {}
        self.is_repeatable = False

    def snapshot(self) -> list[dict[str, str]]:
        """For whom keys were made."""
        return [dict(context) for _, context in self.wrapped.values()]

    def generate_data_key(self, request: Answer) -> Answer:
        number = len(self.wrapped)
        context = dict(request.get("EncryptionContext", {}))
        seed = f"{sorted(context.items())} {0 if self.is_repeatable else number}"
        plain, wrapped = hashlib.sha256(seed.encode()).digest(), f"wrapped {number}".encode()
        self.wrapped[wrapped] = plain, context
        return {"CiphertextBlob": wrapped, "Plaintext": plain, "KeyId": KEY_ARN}

    def generate_data_key_without_plaintext(self, request: Answer) -> Answer:
        answer = self.generate_data_key(request)
        return {name: value for name, value in answer.items() if name != "Plaintext"}

    def decrypt(self, request: Answer) -> Answer:
        plain, context = self.wrapped.get(request["CiphertextBlob"], (b"", {"": ""}))
        if context != request.get("EncryptionContext", {}):
            raise Refused("InvalidCiphertextException")
        return {"Plaintext": plain, "KeyId": KEY_ARN}
