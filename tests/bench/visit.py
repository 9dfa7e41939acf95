"""What one visit asks of AWS, counted as `calls` counts a result: a patient follows the message of
a new result, signs in by a link and a code by text message, and reads the result.

Processes are warm and know nothing of this patient yet: a page may meet any process.
"""

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from unittest import mock

from tests.bench import calls, ordinary, prices
from tests.bench.calls import Invocation
from tests.bench.figures import middle, table
from tests.bench.metering import Meter

VISITS = 13
PHONE = "+15555550142"
GB = 2**30
CODE, TOKEN = re.compile(r"\b\d{6}\b"), re.compile(r"/sign-in/[\w-]{20,}")


@dataclass(frozen=True)
class Page:
    name: str  # of what the patient does
    invocation: Invocation
    sent_bytes: int  # of the answer, compressed; 0 for what answers nobody


def figures() -> list[str]:
    found = visits()
    per_call = ordinary.botocore_seconds()
    rows = [row([each[n] for each in found], per_call) for n in range(len(found[0]))]
    sums = [sum(float(row[n].replace(",", "")) for row in rows) for n in range(1, 7)]
    rows.append(["**One visit**", *(f"**{each:,.0f}**" for each in sums)])
    e_mail, text = prices.EMAILS.of(1e6), prices.TEXTS.of(1e6)
    rows.append(["its link by e-mail", "", "", "", "", "", f"+ {e_mail:,.0f}"])
    rows.append(["its code by text message", "", "", "", "", "", f"+ {text:,.0f}"])
    head = ["", "calls", "read units", "write units", "billed ms", "bytes"]
    return table([*head, "$ for a million"], rows)


def row(same: list[Page], per_call: float) -> list[str]:
    page = same[-1]
    seconds = middle(seconds_of(each.invocation, per_call) for each in same)
    used = page.invocation.used
    return [
        page.name,
        f"{len(calls.requests(page.invocation))}",
        f"{sum(each.reads for each in used):g}",
        f"{sum(each.writes + each.index_writes for each in used):g}",
        f"{1000 * seconds:.0f}",
        f"{page.sent_bytes:,}",
        f"{1e6 * dollars(page, seconds):.1f}",
    ]


def seconds_of(invocation: Invocation, per_call: float) -> float:
    return ordinary.step(invocation, invocation.cpu_seconds, per_call).seconds


def dollars(page: Page, seconds: float) -> float:
    """Without the message that it may send."""
    used, function = page.invocation.used, page.invocation.function
    units: list[tuple[prices.Price, float]] = [
        (prices.LAMBDA_REQUESTS, 1),
        (prices.LAMBDA_SECONDS, seconds * ordinary.memory_of(function) / 1024),
        (prices.READS, sum(each.reads for each in used)),
        (prices.WRITES, sum(each.writes + each.index_writes for each in used)),
        (prices.KMS_REQUESTS, sum(each.service == "kms" for each in used)),
        (prices.QUEUE_REQUESTS, 3 * sum(each.service == "sqs" for each in used)),
        (prices.LOGS, (page.invocation.log_bytes + ordinary.PLATFORM_LOG_BYTES) / GB),
    ]
    if page.sent_bytes:
        units += [(each, 1) for each in (prices.API, prices.EDGE, prices.WALL)]
        units.append((prices.EDGE_BYTES, page.sent_bytes / GB))
    return sum(price.of(amount) for price, amount in units)


def visits(count: int = VISITS) -> list[list[Page]]:
    from tests.builders import a_patient, a_phone
    from tests.memory_aws.door import memory_aws

    from portal import user_accounts
    from portal.methods import Confidence

    with memory_aws() as memory:
        meter = Meter(memory)
        memory.plan = meter.plan
        patient = a_patient(phone=PHONE)
        user_accounts.raise_confidence(patient.patient_id, Confidence.PROOFED)
        a_phone(patient, PHONE)
        calls.run(memory, next(calls.results(patient)))
        found = [list(visit(memory, meter, patient.email)) for _ in range(1 + count)]
    return found[1:]  # the first one made what a process keeps


def visit(memory: Any, meter: Meter, address: str) -> Iterator[Page]:
    """The clock goes on for a day, and its limits with it."""
    browser = Counting(meter)
    memory.clock.moment += timedelta(days=1)
    yield browser.get("follows the message", "/results")
    yield browser.get("is asked to sign in", "/sign-in?return_to=%2Fresults")
    yield browser.post("asks for a link", "/sign-in", address=address)
    yield browser.takes("is sent it", memory, "SignInSendFunction")
    link = TOKEN.findall(memory.sent[-1].text)[-1]
    yield browser.get("opens it", link)
    yield browser.post("signs in with it", link)
    yield browser.get("is asked for a second step", "/sign-in/step?return_to=%2Fresults")
    yield browser.post("asks for a code", "/sign-in/step/text", return_to="/results")
    code = CODE.findall(memory.sent[-1].text)[-1]
    fields = {"method": "sms-code", "code": code, "return_to": "/results"}
    yield browser.post("types it", "/sign-in/step/code", **fields)
    yield browser.get("sees the list", "/results")
    report = re.findall(r"/results/[0-9a-f]{32}", browser.shown)[0]
    yield browser.get("reads the result", report)
    yield browser.post("signs out", "/sign-out")
    yield browser.get("is told so", "/signed-out")


class Counting:
    """A browser whose every request is one invocation, measured."""

    def __init__(self, meter: Meter) -> None:
        from tests.visitors import a_browser

        self._meter, self._browser, self.shown = meter, a_browser(), ""

    def get(self, name: str, url: str) -> Page:
        return self._sent(name, lambda: self._browser.get(url))

    def post(self, name: str, url: str, **fields: str) -> Page:
        return self._sent(name, lambda: self._browser.post(url, **fields))

    def takes(self, name: str, memory: Any, function: str) -> Page:
        from tests.memory_aws import clinic

        waiting = memory.queue("SignInRequests")
        event = {"Records": [clinic.record(waiting.pop(0))]}
        calls.forget_message()
        handler = clinic.handler_of(function)
        _, invocation = calls.measured(self._meter, function, handler, event)
        return Page(name, invocation, 0)

    def _sent(self, name: str, send: Any) -> Page:
        from portal.web import Room

        found: list[Invocation] = []
        answer = Room.__call__

        def counted(room: Room, event: Any, context: Any) -> Any:
            function = function_of(room.app_name)
            said, one = calls.measured(
                self._meter, function, lambda event, _: answer(room, event, context), event
            )
            found.append(one)
            return said

        calls.forget_message()
        with mock.patch.object(Room, "__call__", counted):
            response = send()
        assert response.status < 400, (name, response.status)
        self.shown = response.text
        return Page(
            name, found[0], len(gzip.compress(response.body, 6)) + len(str(response.headers))
        )


def function_of(room: str) -> str:
    from tests.architecture.template import functions

    handlers = {each["Properties"]["Handler"]: name for name, each in functions().items()}
    return handlers[f"functions.{room}.app.app"]
