"""Every problem a program can meet, in openapi.json: by status, with each `type` as an example."""

from typing import Any

SCHEMAS = "#/components/schemas/{model}"
PROBLEMS = {
    400: "The request is wrong; `errors` says which fields and what to do.",
    401: "There is no live session: sign in.",
    403: "Sent from another site, or the session is not allowed to do this.",
    404: "There is no such thing, or it is not yours to see.",
    406: "A version of this interface that is not answered: see docs/api.md.",
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
        "type": {"type": "string", "description": "Which problem: `urn:problem:not-found`."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do."},
        "instance": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
        "needs": {"type": "string", "description": "The page that asks for what is missing."},
    },
}


def responses() -> dict[str, Any]:
    """components/responses, by status."""
    return {str(status): problem(PROBLEMS[status], status) for status in PROBLEMS}


def referred() -> dict[str, Any]:
    return {str(code): {"$ref": f"#/components/responses/{code}"} for code in PROBLEMS}


def problem(description: str, status: int = 0) -> dict[str, Any]:
    said: dict[str, Any] = {"schema": {"$ref": SCHEMAS.format(model="Problem")}}
    if status:
        said["examples"] = examples(status)
    return {
        "description": description,
        "content": {"application/problem+json": said, "text/html": page()},
    }


def page() -> dict[str, Any]:
    return {"schema": {"type": "string"}}


def examples(status: int) -> dict[str, Any]:
    from portal import problems  # it reads a room's settings

    words = {problems.kind_of(met): said for met, said in problems.WORDS.items()}
    words["fault"] = problems.FALLBACK
    return {
        kind: {
            "value": {
                "type": f"urn:problem:{kind}",
                "title": title,
                "status": code,
                "detail": what_to_do,
                "instance": "urn:request:8f0b6a52-7b7a-4f64-9f0e-1f3f7f0f8f1c",
            }
        }
        for kind, (code, title, what_to_do) in words.items()
        if code == status
    }
