"""What makes the portal an app on a phone's home screen: manifest and service worker."""

import json

from functions.home.app import app

from portal import pages
from portal.access import Visitor
from portal.answers import Bytes
from portal.assets import asset
from portal.languages import language
from portal.settings import settings
from portal.web import NoAsk

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
    return {
        "src": asset(f"{name}.svg").path,
        "sizes": "any",
        "type": "image/svg+xml",
        "purpose": purpose,
    }


@app.action("GET", "/service-worker.js", needs=None)
def service_worker(_visitor: Visitor, _ask: NoAsk) -> Bytes:
    """The script that answers where there is no connection. It changes nothing for anybody who did
    not say yes on their device."""
    headers = {
        "Cache-Control": "no-cache",
        "Service-Worker-Allowed": "/",
        "Content-Security-Policy": WORKER,
    }
    return Bytes("text/javascript; charset=utf-8", asset("worker.js").body, headers=headers)
