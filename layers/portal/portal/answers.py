"""What goes back: a page, JSON, bytes, or a problem; and the headers that go with each.

Problems are RFC 9457 `application/problem+json` for programs and a page for people.
"""

import base64
import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from chalice.app import Response

from portal import moments, offline, pages, versions
from portal.access import Caller, Visitor
from portal.display import USUAL
from portal.model import Model
from portal.pages import Frame
from portal.requests import Request
from portal.settings import settings
from portal.staff_access import StaffCaller

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # "no-referrer" would send Origin: null with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
    "Vary": "Accept, Accept-Language, Cookie",
}

FAREWELL = '"cache", "storage"'  # not "cookies": a remembered device and the language stay
SHARED_FAREWELL = '"cache", "cookies", "storage"'  # on a device that others use, too


BINARY = ("application/pdf", "application/octet-stream")


class ProblemView(Model):
    """`kind`: of the error, as programs tell one from another: "step-up-needed"."""

    kind: str
    status: int
    title: str
    what_to_do: str
    request_id: str
    needs: str = ""  # the page that asks for what is missing


@dataclass(frozen=True)
class Answer:
    """`view` is shown as `page` or as JSON. `location` sends a browser on (303), JSON not. `script`
    names a file of templates/assets that the page runs. `is_farewell`: a session ended, and the
    browser drops what it keeps of it. `is_kept`: a page that a device may keep to be read without a
    connection, where its owner said yes to that."""

    view: Model
    page: str = ""
    location: str = ""
    status: int = 200
    cookies: tuple[str, ...] = ()
    script: str = ""
    is_farewell: bool = False
    is_kept: bool = False


@dataclass(frozen=True)
class Bytes:
    """A file, or another protocol's body."""

    content_type: str
    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def response(request: Request, visitor: Visitor, answer: Answer | Bytes) -> Response:
    if isinstance(answer, Bytes):
        headers = {"Content-Type": answer.content_type, **answer.headers}
        return _response(answer.body, answer.status, headers)
    more: dict[str, Any] = {"Set-Cookie": list(answer.cookies)} if answer.cookies else {}
    if answer.is_farewell:
        more["Clear-Site-Data"] = SHARED_FAREWELL if visitor.is_shared else FAREWELL
    if request.wants_json:
        headers = versions.headers(request) | more
        return _response(answer.view.model_dump_json(), answer.status, headers)
    if answer.location:
        return _response("", 303, {"Location": answer.location, **more})
    return _page(visitor, answer, more)


def problem(
    request: Request, visitor: Visitor, view: ProblemView, extra: dict[str, Any] | None = None
) -> Response:
    """`extra` joins the JSON body, but for `retry_after`, which becomes a header. The page of a
    refused form leads its language switch home: its own address cannot be opened."""
    extra = dict(extra or {})
    retry = extra.pop("retry_after", None)
    headers = {"Retry-After": str(retry)} if retry else {}
    if not request.wants_json:
        answer = Answer(view, "errors/problem.html", status=view.status)
        home = "/staff" if request.path.startswith("/staff/") else "/"
        shown_to = visitor if request.method == "GET" else replace(visitor, path=home)
        return _page(shown_to, answer, headers)
    said = view.model_dump(exclude_defaults=True)
    body = {"type": f"urn:problem:{said.pop('kind')}", "detail": view.what_to_do, **said, **extra}
    body["instance"] = f"urn:request:{body.pop('request_id')}"
    del body["what_to_do"]
    headers |= versions.headers(request) | {"Content-Type": "application/problem+json"}
    return _response(json.dumps(body), view.status, headers)


def _page(visitor: Visitor, answer: Answer, headers: dict[str, Any]) -> Response:
    person, caller = _person(visitor), visitor if isinstance(visitor, Caller) else None
    acting = caller.acting if caller else None
    keeps = caller is not None and offline.is_on(caller)
    always = ("session" if person else "", "offline" if keeps else "")
    scripts = tuple(dict.fromkeys(filter(None, (*always, answer.script))))
    frame = Frame(
        language=visitor.language,
        path=visitor.path,
        signed_in=caller is not None,
        is_staff=isinstance(visitor, StaffCaller),
        person=offline.mark(person) if person else "",
        is_shared=visitor.is_shared,
        offline=offline.session_mark(caller) if caller and keeps else "",
        is_kept=keeps and answer.is_kept,
        shown_at=moments.instant() if keeps else "",
        acting_for=caller.person_name if caller and acting else "",
        previews=acting.names.get("holder", "") if acting and caller and caller.is_preview else "",
        scripts=scripts,
        portal_name=settings().portal_name,
        phone=settings().clinic_phone,
        is_demo=settings().is_demo,
        time_zone=(caller.time_zone if caller else "") or settings().clinic_time_zone,
        look=caller.look if caller else USUAL,
    )
    html = pages.render(answer.page, answer.view, frame)
    csp = pages.content_security_policy(scripts)
    kind = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": csp}
    if keeps and answer.is_kept:
        kind["X-Offline"] = "keep"
    return _response(html, answer.status, {**kind, **headers})


def _person(visitor: Visitor) -> str:
    """Who is signed in; "" for nobody."""
    if isinstance(visitor, Caller):
        return visitor.patient_id
    return visitor.subject_id if isinstance(visitor, StaffCaller) else ""


def _response(body: str | bytes, status: int, headers: dict[str, Any]) -> Response:
    csp = pages.content_security_policy()
    secure = {**SECURITY_HEADERS, "Content-Security-Policy": csp}
    if settings().is_https:
        secure["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains; preload"
    return Response(body, {**secure, **headers}, status)


def carried(result: dict[str, Any]) -> tuple[str, bool]:
    """Texts as they are: API Gateway decodes base64 only for a caller that sent an Accept header,
    and interface engines often send none."""
    body: bytes = result["body"]
    if not result["headers"]["Content-Type"].startswith(BINARY):
        with suppress(UnicodeDecodeError):
            return body.decode(), False
    return base64.b64encode(body).decode(), True
