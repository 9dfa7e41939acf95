"""templates/assets/openapi.json, generated from the rooms' own models: `python -m infra.openapi`.

A test fails when the file is older than the rooms.
"""

import importlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "templates" / "assets" / "openapi.json"
SCHEMAS = "#/components/schemas/{model}"
PROBLEMS = {
    400: "The request is wrong; `errors` says which fields and what to do.",
    401: "There is no live session: sign in.",
    403: "Sent from another site, or the session is not allowed to do this.",
    404: "There is no such thing, or it is not yours to see.",
    409: "Somebody else was first, or what was shown has changed: open it again.",
    415: "The body's media type is not taken here.",
    429: "Too many tries; wait for `Retry-After` seconds.",
    500: "A fault of ours.",
    503: "A store we need is down; nothing was changed or shown.",
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do."},
        "instance": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def rooms() -> Iterator[tuple[str, Any]]:
    """Every room with routes, by name."""
    for path in sorted((ROOT / "functions").glob("*/app.py")):
        app = getattr(importlib.import_module(f"functions.{path.parent.name}.app"), "app", None)
        if app is not None:
            yield path.parent.name, app


def is_described(action: Any) -> bool:
    """Not the page of what does not exist, nor the methods that a path refuses, nor what only pages
    refer to."""
    return "+" not in action.path and action.run.__name__ not in ("only_post", "asset")


def described() -> dict[str, Any]:
    actions = [(room, action) for room, app in rooms() for action in app.actions]
    shown = [(room, action) for room, action in actions if is_described(action)]
    models = [(a.view, "serialization") for _, a in shown if a.view is not None]
    _, schemas = models_json_schema(models, ref_template=SCHEMAS)  # type: ignore[arg-type]
    twice = [name for name in schemas.get("$defs", {}) if "__" in name]
    if twice:
        raise ValueError(f"two views of one name, the routes name neither: {twice}")
    paths: dict[str, dict[str, Any]] = {}
    for room, action in shown:
        paths.setdefault(action.path, {})[action.method.lower()] = operation(room, action)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Patient portal",
            "version": "1",
            "description": "The same routes answer browsers with pages and apps with JSON.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": PROBLEM},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
                "ehr": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def operation(room: str, action: Any) -> dict[str, Any]:
    is_push = action.raw_body
    made: dict[str, Any] = {
        "operationId": f"{room}_{action.run.__name__}",
        "tags": [room],
        "summary": " ".join((action.run.__doc__ or "").split("\n\n")[0].split()),
        "parameters": parameters(action),
        "responses": pushed(action)[1] if is_push else responses(action),
        "security": [{"ehr": []}] if is_push else [{"session": []}] if action.needs else [],
    }
    if action.method != "GET":
        made["requestBody"] = pushed(action)[0] if is_push else form_body(action)
    return made


def names_in(path: str) -> list[str]:
    return re.findall(r"{(\w+)}", path)


def parameters(action: Any) -> list[dict[str, Any]]:
    if action.raw_body:
        return []
    properties = schema_of(action.ask)["properties"]
    in_path = names_in(action.path)
    wanted = properties if action.method == "GET" else in_path
    return [
        {
            "name": name,
            "in": "path" if name in in_path else "query",
            "required": name in in_path,
            "schema": properties[name],
        }
        for name in wanted
    ]


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return {"properties": {}} | model.model_json_schema(ref_template=SCHEMAS)


def form_body(action: Any) -> dict[str, Any]:
    schema = schema_of(action.ask)
    fields = {k: v for k, v in schema["properties"].items() if k not in names_in(action.path)}
    needed = [name for name in schema.get("required", ()) if name in fields]
    body = {"type": "object", "properties": fields} | ({"required": needed} if needed else {})
    kinds = ("application/x-www-form-urlencoded", "application/json")
    return {"required": bool(needed), "content": {kind: {"schema": body} for kind in kinds}}


def responses(action: Any) -> dict[str, Any]:
    good: dict[str, Any] = {"description": "The answer."}
    if action.view is not None:
        reference = {"$ref": SCHEMAS.format(model=action.view.__name__)}
        good["content"] = {"application/json": {"schema": reference}, "text/html": page()}
    elif "documents" in action.path:
        file = {"schema": {"type": "string", "format": "binary"}}
        good["content"] = {"application/pdf": file, "application/octet-stream": file}
        good["content"]["text/html"] = page()  # where a browser without a session is sent on to
    else:
        good["content"] = {"application/json": {"schema": {"type": "object"}}}
    is_shown = action.view is not None or "documents" in action.path
    seen = {"303": {"description": "A browser is sent on."}} if is_shown else {}
    refused = {str(code): problem(text) for code, text in PROBLEMS.items()}
    if action.path.endswith("/callback"):  # what another site's sign-in refused, is the page again
        for code in ("400", "403"):
            refused[code]["content"]["application/json"] = {"schema": {"type": "object"}}
    return {"200": good} | seen | refused


def page() -> dict[str, Any]:
    return {"schema": {"type": "string"}}


def problem(description: str) -> dict[str, Any]:
    schema = {"$ref": SCHEMAS.format(model="Problem")}
    content = {"application/problem+json": {"schema": schema}, "text/html": page()}
    return {"description": description, "content": content}


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


def rendered() -> str:
    return json.dumps(described(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    NEEDED = "PORTAL_URL PORTAL_NAME AWS_REGION CLINIC_TIME_ZONE MAIL_FROM SMS_DOOR SMS_ORIGIN"
    NEEDED += " IS_DEMO SESSIONS_TABLE CONSENTS_TABLE AUDIT_TABLE CHART_TABLE CARE_TABLE"
    NEEDED += " RAW_BUCKET DATA_KEY PRIVACY_EMAIL LAW_REGION"
    os.environ.update({name: "none" for name in NEEDED.split() if name not in os.environ})
    FILE.write_text(rendered())
