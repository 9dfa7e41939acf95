"""A browser or phone app that talks to the rooms without a network.

It finds the room by its routes, as API Gateway does, and checks every page it is given.
"""

import base64
import importlib
import json
import re
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.page_checks import check_page
from tests.stores import PORTAL_URL

from portal.web import Action, Room

FUNCTIONS = Path(__file__).resolve().parents[1] / "functions"


@cache
def rooms() -> dict[str, Room]:
    names = [path.parent.name for path in FUNCTIONS.glob("*/app.py")]
    modules = {name: importlib.import_module(f"functions.{name}.app") for name in sorted(names)}
    return {name: module.app for name, module in modules.items() if hasattr(module, "app")}


def actions() -> list[tuple[str, Action]]:
    return [(name, action) for name, room in rooms().items() for action in room.actions]


@dataclass
class Response:
    status: int
    headers: dict[str, str]
    body: bytes
    set_cookies: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass
class Client:
    """`accept` chooses the face: a browser's page or an app's JSON."""

    accept: str = "text/html,application/xhtml+xml,*/*;q=0.8"
    language: str = "en"
    source: str = "198.51.100.7"
    cookies: dict[str, str] = field(default_factory=dict)
    origin: str | None = PORTAL_URL

    def get(self, url: str, **headers: str) -> Response:
        return self.send("GET", url, b"", headers)

    def post(self, url: str, **fields: str) -> Response:
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return self.send("POST", url, urlencode(fields).encode(), kind)

    def send(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Response:
        parts = urlsplit(url)
        room, action, path_fields = _routed(method, parts.path)
        sent = {"accept": self.accept, "accept-language": self.language} | headers
        if method != "GET" and self.origin is not None:
            sent.setdefault("origin", self.origin)
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        event = {
            "path": parts.path,
            "headers": sent,
            "multiValueHeaders": {name: [value] for name, value in sent.items()},
            "queryStringParameters": dict(parse_qsl(parts.query)) or None,
            "multiValueQueryStringParameters": None,
            "pathParameters": path_fields or None,
            "stageVariables": None,
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
            "requestContext": {
                "httpMethod": method,
                "path": parts.path,
                "resourcePath": action.path,
                "requestId": "test-request",
                "identity": {"sourceIp": self.source},
            },
        }
        return self._received(room(event, None))

    def _received(self, result: dict[str, Any]) -> Response:
        headers = {name.lower(): value for name, value in result["headers"].items()}
        set_cookies = result["multiValueHeaders"].get("Set-Cookie", [])
        for text in set_cookies:
            self._keep(text)
        body = result["body"]
        raw = base64.b64decode(body) if result.get("isBase64Encoded") else body.encode()
        response = Response(result["statusCode"], headers, raw, set_cookies)
        if headers.get("content-type", "").startswith("text/html"):
            check_page(response.text, headers)
        return response

    def _keep(self, set_cookie: str) -> None:
        for name, morsel in SimpleCookie(set_cookie).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value


def _routed(method: str, path: str) -> tuple[Room, Action, dict[str, str]]:
    found = [
        (room, action, matched.groupdict())
        for room in rooms().values()
        for action in room.actions
        if action.method == method and (matched := _pattern(action.path).fullmatch(path))
    ]
    assert found, f"no route for {method} {path}"
    return min(found, key=lambda each: ("+" in each[1].path, each[1].path.count("{")))


@cache
def _pattern(path: str) -> re.Pattern[str]:
    greedy = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", path)
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", greedy))
