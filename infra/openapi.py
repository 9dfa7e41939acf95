"""templates/assets/openapi.json, generated from the rooms' own models: `python -m infra.openapi`.

A test fails when the file is older than the rooms.
"""

import importlib
import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from infra.openapi_problems import PROBLEMS, SCHEMAS, page
from infra.openapi_pushes import pushed
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from infra import openapi_problems
from portal.requests import JSON
from portal.versions import VERSIONS

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "templates" / "assets" / "openapi.json"
EXAMPLES = ROOT / "infra" / "openapi_examples.json"
FILES = {  # what only browsers ask for
    "/manifest.webmanifest": "application/manifest+json",
    "/service-worker.js": "text/javascript",
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
            "schemas": {
                **asked_of(shown),
                **schemas.get("$defs", {}),
                "Problem": openapi_problems.PROBLEM,
            },
            "responses": openapi_problems.responses(),
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-session"},
                "ehr": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def asked_of(shown: list[tuple[str, Any]]) -> dict[str, Any]:
    """What the fields of requests refer to."""
    asks = [schema_of(action.ask) for _, action in shown if not action.raw_body]
    return {name: each for ask in asks for name, each in ask.get("$defs", {}).items()}


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
    good: dict[str, Any] = {"description": "The answer.", "content": content(action)}
    is_shown = action.view is not None or "documents" in action.path
    seen = {"303": {"description": "A browser is sent on."}} if is_shown else {}
    refused = openapi_problems.referred()
    if action.path.endswith("/callback"):  # what another site's sign-in refused, is the page again
        for code in (400, 403):
            said = openapi_problems.problem(PROBLEMS[code], code)
            said["content"]["application/json"] = {"schema": {"type": "object"}}
            refused[str(code)] = said
    return {"200": good} | seen | refused


def content(action: Any) -> dict[str, Any]:
    """By media type: what the route answers when all is well."""
    if action.path in FILES:
        is_json = FILES[action.path].endswith("+json")
        return {FILES[action.path]: {"schema": {"type": "object" if is_json else "string"}}}
    if "documents" in action.path:
        file = {"schema": {"type": "string", "format": "binary"}}
        kinds = {"application/pdf": file, "application/octet-stream": file}
        return kinds | {"text/html": page()}  # where a browser without a session is sent on to
    if action.view is None:
        return {JSON: {"schema": {"type": "object"}}}
    said: dict[str, Any] = {"schema": {"$ref": SCHEMAS.format(model=action.view.__name__)}}
    if found := examples().get(f"{action.method} {action.path}"):
        said["example"] = found
    newest = VERSIONS[-1].media_type
    return {JSON: said, newest: {"schema": said["schema"]}, "text/html": page()}


@cache
def examples() -> dict[str, Any]:
    """Answers of the portal itself, by method and path (tests/architecture/test_examples.py)."""
    return dict(json.loads(EXAMPLES.read_text()))


def rendered() -> str:
    return json.dumps(described(), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    NEEDED = "PORTAL_URL PORTAL_NAME AWS_REGION CLINIC_TIME_ZONE MAIL_FROM SMS_DOOR SMS_ORIGIN"
    NEEDED += " IS_DEMO SESSIONS_TABLE CONSENTS_TABLE AUDIT_TABLE CHART_TABLE CARE_TABLE"
    NEEDED += " RAW_BUCKET DATA_KEY PRIVACY_EMAIL LAW_REGION"
    os.environ.update({name: "none" for name in NEEDED.split() if name not in os.environ})
    FILE.write_text(rendered())
