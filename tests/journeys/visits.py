"""A patient's requests to the running stack, timed; loopback only."""

import http.client
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from infra.local.stack import Stack
from tests.journeys.people import Mail, Person


@dataclass
class Visit:
    status: int
    body: bytes
    milliseconds: float
    headers: dict[str, str]  # names in lower case


@dataclass
class Session:
    stack: Stack
    cookies: dict[str, str] = field(default_factory=dict)
    accept: str = "text/html"

    def get(self, path: str) -> Visit:
        return self._sent("GET", path, "")

    def post(self, path: str, **fields: str) -> Visit:
        return self._sent("POST", path, urlencode(fields))

    def _sent(self, method: str, path: str, body: str) -> Visit:
        portal = urlsplit(self.stack.portal_url)
        headers = {
            "Host": portal.netloc,
            "Accept": self.accept,
            "Origin": f"{portal.scheme}://{portal.netloc}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", portal.port or 80, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        spent = (time.perf_counter() - started) * 1000
        for text in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: each.value for name, each in SimpleCookie(text).items()}
        connection.close()
        named = {name.lower(): value for name, value in answer.headers.items()}
        return Visit(answer.status, content, spent, named)


def signed_in(stack: Stack, mrn: str = "RB10001") -> Session:
    person = Person(stack, next(p for p in stack.demo_patients if p["mrn"] == mrn))
    session = Session(stack)
    seen = len(person.messages())
    session.post("/sign-in", address=person.email)
    link = Mail(person.awaited(seen, "/sign-in/")["text"]).link
    session.post(urlsplit(link).path)
    texts = len(person.texts())
    session.post("/sign-in/step/text")
    session.post("/sign-in/step/code", method="sms-code", code=person.texted(texts))
    return session
