"""A hook for Schemathesis: how a generated text becomes an HL7 body."""

from typing import Any

import schemathesis


@schemathesis.serializer("x-application/hl7-v2+er7", "application/hl7-v2+er7", "application/hl7-v2")
def as_bytes(_context: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")
