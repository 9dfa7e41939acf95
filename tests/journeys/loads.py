"""What loading a page costs, as Chromium itself counts it: requests, bytes and what moved."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

SEEN = """() => new Promise(done => {
  const seen = {fcp: 0, lcp: 0, cls: 0, tbt: 0};
  const watch = (type, add) =>
    new PerformanceObserver(list => list.getEntries().forEach(add)).observe({type, buffered: true});
  watch("paint", each => { if (each.name.startsWith("first-c")) seen.fcp = each.startTime; });
  watch("largest-contentful-paint", each => { seen.lcp = each.startTime; });
  watch("layout-shift", each => { if (!each.hadRecentInput) seen.cls += each.value; });
  watch("longtask", each => { seen.tbt += Math.max(0, each.duration - 50); });
  setTimeout(() => done(seen), 250);
})"""


@dataclass
class Fetched:
    url: str
    kind: str  # "Document", "Script", "Image", "Font", "Fetch" ...
    wire_bytes: int = 0  # headers and body as they travelled
    encoding: str = ""


@dataclass
class Load:
    """`fcp`, `lcp`, `tbt` in milliseconds since the navigation began."""

    fetched: list[Fetched] = field(default_factory=list)  # over the network, not from a cache
    fcp: float = 0
    lcp: float = 0
    cls: float = 0
    tbt: float = 0

    @property
    def wire_bytes(self) -> int:
        return sum(each.wire_bytes for each in self.fetched)

    def of_kind(self, kind: str) -> list[Fetched]:
        return [each for each in self.fetched if each.kind == kind]


@contextmanager
def watching(page: Page) -> Iterator[dict[str, Fetched]]:
    """What travels meanwhile, by Chromium's request id."""
    found: dict[str, Fetched] = {}
    from_memory: set[str] = set()
    wire = page.context.new_cdp_session(page)

    def answered(event: dict[str, Any]) -> None:
        answer = event["response"]
        is_cached = event["requestId"] in from_memory or answer.get("fromDiskCache")
        if answer["url"].startswith("http") and not is_cached:
            encoding = {k.lower(): v for k, v in answer["headers"].items()}.get("content-encoding")
            one = Fetched(answer["url"], event["type"], encoding=encoding or "")
            found[event["requestId"]] = one

    def finished(event: dict[str, Any]) -> None:
        if event["requestId"] in found:
            found[event["requestId"]].wire_bytes = int(event["encodedDataLength"])

    wire.on("Network.responseReceived", answered)
    wire.on("Network.requestServedFromCache", lambda event: from_memory.add(event["requestId"]))
    wire.on("Network.loadingFinished", finished)
    wire.send("Network.enable")
    yield found
    wire.detach()


def loaded(page: Page, path: str) -> Load:
    """Opens the page and waits until nothing comes any more."""
    with watching(page) as found:
        page.goto(path, wait_until="load")
        seen = page.evaluate(SEEN)
    return Load(list(found.values()), seen["fcp"], seen["lcp"], seen["cls"], seen["tbt"])
