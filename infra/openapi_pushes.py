"""What machines push, in openapi.json: HL7 v2 and FHIR R4 bodies, and what is answered."""

from typing import Any

from infra.openapi_problems import PROBLEMS, problem


def pushed(action: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Body and responses of what machines push."""
    if "application/fhir+json" in action.content_types:
        return fhir_body(), fhir_responses()
    return hl7_body(), hl7_responses()


def fhir_body() -> dict[str, Any]:
    kinds = ("application/fhir+json", "application/json")
    schema = {
        "type": "object",
        "required": ["resourceType"],
        "properties": {"resourceType": {"type": "string"}},
        "description": "A FHIR R4 resource, or a Bundle.",
    }
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}


def fhir_responses() -> dict[str, Any]:
    schema = {"type": "object", "properties": {"resourceType": {"type": "string"}}}
    content = {"application/fhir+json": {"schema": schema}}
    words = {
        "200": "Done: a Bundle of responses, or the resource that was there.",
        "201": "Created; `Location` and `ETag` name it.",
        "204": "Done; there is nothing to show.",
        "400": "Not FHIR R4 JSON, or a request that cannot be understood.",
        "401": "The bearer credential is missing or unknown.",
        "405": "An interaction that is not taken here.",
        "406": "Only application/fhir+json is answered.",
        "409": "The resource is another patient's.",
        "412": "A precondition does not hold; nothing was stored.",
        "413": "Too large, or too many conditions at once.",
        "422": "Not stored as it is: the OperationOutcome says why and what to do.",
    }
    made: dict[str, Any] = {
        code: {"description": text, "content": content} for code, text in words.items()
    }
    made["204"] = {"description": words["204"]}
    made |= {str(code): problem(PROBLEMS[code]) for code in (403, 415, 429, 500, 503)}
    for code in ("403", "415"):
        made[code]["content"] |= content
    return made


def hl7_body() -> dict[str, Any]:
    kinds = ("x-application/hl7-v2+er7", "application/hl7-v2+er7", "application/hl7-v2")
    schema = {"type": "string", "description": "An HL7 v2 message, or a batch."}
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}


def hl7_responses() -> dict[str, Any]:
    ack = {"x-application/hl7-v2+er7": {"schema": {"type": "string"}}}
    text = {"text/plain": {"schema": {"type": "string"}}}
    refusals = {
        "400": "MSH is not usable.",
        "401": "The bearer credential is missing or unknown.",
        "413": "The body is over 5 MB, or holds over 100 messages.",
    }
    return {
        "200": {"description": "An HL7 ACK, or a batch of them.", "content": ack},
        "204": {"description": "Taken; MSH-15 asks for no acknowledgement."},
        **{code: {"description": words, "content": text} for code, words in refusals.items()},
        **{str(code): problem(PROBLEMS[code]) for code in (403, 415, 429, 500, 503)},
    }
