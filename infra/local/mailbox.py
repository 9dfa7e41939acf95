"""The mailbox: a page and a JSON list of all that the portal "sent", on a port of its own."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from infra.local.place import Place
from infra.local.push_catcher import Catcher
from infra.local.sent import Sent, sent

PAGE = Path(__file__).with_name("mailbox.html")
ADDRESS = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")


@contextmanager
def serving(place: Place) -> Iterator[None]:
    handler = partial(Mailbox, place, Catcher(place.mailbox_url))
    server = ThreadingHTTPServer(("127.0.0.1", place.mailbox_port), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Mailbox(BaseHTTPRequestHandler):
    def __init__(self, place: Place, catcher: Catcher, *connection: object) -> None:
        self.place = place
        self.catcher = catcher
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        pages = {"/": page, "/messages.json": listing}
        path = urlsplit(self.path).path
        if path not in pages:
            self.send_error(404)
            return
        self.answer(200, *pages[path](everything(self.place, self.catcher), self.place))

    def do_POST(self) -> None:
        """The push catcher: `/subscriptions` makes one, `/push/<name>` takes what is pushed, and
        `/push/<name>/end` is a browser that is told no more."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match urlsplit(self.path).path.strip("/").split("/"):
            case ["subscriptions"]:
                made = json.dumps(self.catcher.subscription()).encode()
                self.answer(201, "application/json", made)
            case ["push", name]:
                headers = {each.lower(): value for each, value in self.headers.items()}
                self.answer(self.catcher.taken(name, headers, body), "text/plain", b"")
            case ["push", name, "end"]:
                self.catcher.end(name)
                self.answer(204, "text/plain", b"")
            case _:
                self.send_error(404)

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet: the page asks every few seconds."""


def everything(place: Place, catcher: Catcher) -> list[Sent]:
    """Newest first."""
    found = [*sent(place), *catcher.caught]
    return sorted(found, key=lambda each: each.at, reverse=True)


def listing(messages: list[Sent], _place: Place) -> tuple[str, bytes]:
    body = json.dumps([each.as_json() for each in messages], ensure_ascii=False)
    return "application/json", body.encode()


def page(messages: list[Sent], place: Place) -> tuple[str, bytes]:
    articles = "".join(map(article, messages))
    empty = "<p class=empty>Nothing was sent yet. Sign in at the portal, or run make lab.</p>"
    body = PAGE.read_text().replace("<!-- messages -->", articles or empty)
    return "text/html; charset=utf-8", body.replace("PORTAL", place.portal_url).encode()


def article(message: Sent) -> str:
    kind = {"email": "E-mail", "sms": "Text"}.get(message.channel, "Push")
    subject = f"<h2>{escape(message.subject)}</h2>" if message.subject else ""
    return (
        f'<article><p class=meta><b class="{escape(message.channel)}">{kind}</b> '
        f'{escape(message.to)} <time datetime="{escape(message.at)}">{clock(message.at)} UTC</time>'
        f"</p>{subject}<p class=text>{linked(message.text)}</p></article>"
    )


def clock(at: str) -> str:
    return escape(at[:19].replace("T", " "))


def linked(text: str) -> str:
    """The text, harmless, with its addresses as links."""
    parts: list[str] = []
    end = 0
    for found in ADDRESS.finditer(text):
        address = escape(found.group())
        parts += [escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, escape(text[end:])])
