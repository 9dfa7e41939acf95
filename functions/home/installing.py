"""What makes the portal an app on a phone's home screen: manifest, icons, service worker."""

import json
from functools import cache

from functions.home.app import app

from portal import pages
from portal.access import Visitor
from portal.answers import Bytes
from portal.languages import language
from portal.settings import settings
from portal.web import NoAsk

ONE_DAY = "public, max-age=86400"
COLOUR, PAPER = "#0a5560", "#ffffff"  # as the icon's, and as portal.css's paper
WORKER = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"


@app.action("GET", "/manifest.webmanifest", needs=None)
def manifest(visitor: Visitor, _ask: NoAsk) -> Bytes:
    """The app's name and icons, in the reader's language."""
    body = json.dumps(described(visitor.language), ensure_ascii=False).encode()
    headers = {"Cache-Control": "private, max-age=3600"}  # by language, which a cookie says
    return Bytes("application/manifest+json", body, headers=headers)


def described(code: str) -> dict[str, object]:
    """W3C Web Application Manifest."""
    _, own = pages.words(code), language(code)
    name = settings().portal_name
    return {
        "id": "/",
        "name": name,
        "short_name": name[:12].strip(),
        "description": _("See your results, and what they mean, in plain words."),
        "lang": own.code,
        "dir": own.direction,
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "theme_color": COLOUR,
        "background_color": PAPER,
        "icons": [icon("icon", "any"), icon("icon-maskable", "maskable")],
    }


def icon(name: str, purpose: str) -> dict[str, str]:
    return {"src": f"/{name}.svg", "sizes": "any", "type": "image/svg+xml", "purpose": purpose}


@app.action("GET", "/icon.svg", needs=None)
def plain_icon(_visitor: Visitor, _ask: NoAsk) -> Bytes:
    """The portal's mark."""
    return drawn("icon.svg")


@app.action("GET", "/icon-maskable.svg", needs=None)
def maskable_icon(_visitor: Visitor, _ask: NoAsk) -> Bytes:
    """The portal's mark, for a phone that cuts icons to its own shape."""
    return drawn("icon-maskable.svg")


def drawn(name: str) -> Bytes:
    return Bytes("image/svg+xml", asset(name), headers={"Cache-Control": ONE_DAY})


@app.action("GET", "/service-worker.js", needs=None)
def service_worker(_visitor: Visitor, _ask: NoAsk) -> Bytes:
    """The script that answers where there is no connection. It changes nothing for anybody who did
    not say yes on their device."""
    headers = {
        "Cache-Control": "no-cache",
        "Service-Worker-Allowed": "/",
        "Content-Security-Policy": WORKER,
    }
    return Bytes("text/javascript; charset=utf-8", pages.script("worker").encode(), headers=headers)


@cache
def asset(name: str) -> bytes:
    return (pages.templates_root() / "assets" / name).read_bytes()
