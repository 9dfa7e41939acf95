"""What stands in for the stores while mutants are tried: senders' settings, and what is kept."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from functions.ehr import intake
from functions.ehr.replies import Taken

from portal import arrivals, audit, chart, fhir_commits, keys, objects, senders
from portal.access import Visitor
from portal.senders import Code, Sender, SendsAs

_ANY = (SendsAs(),)
_GLUCOSE = {"GLU": Code(code="2345-7", system="LN"), "2345-7": Code(code="1", system="SCT")}
SENDERS = (
    senders.UNKNOWN,
    Sender(
        name="with settings",
        sends_as=_ANY,
        time_zone="America/Chicago",
        default_authority="RIVERBEND",
        authorities={"RVB": "RIVERBEND", "": "OTHER"},
        fields={"ZPI-4": "PID-15", "NTE-3": "OBR-4", "PV1-2": "PID-3", "PID-11": "MSH-10"},
        codes={"L": _GLUCOSE, "LN": _GLUCOSE, "99LAB": _GLUCOSE, "": _GLUCOSE},
    ),
    Sender(name="picky", sends_as=_ANY, takes=("ORU", "ADT^A08"), otherwise="quarantine"),
    Sender(name="old", sends_as=(SendsAs(application="LAB"),), charset="windows-1252"),
)
CREDENTIALS = (frozenset[str](), frozenset[str](), frozenset[str](), frozenset({"RIVERBEND"}))


class Stores:
    """What would have been written, and how long each function took."""

    def __init__(self) -> None:
        self.raws: dict[str, tuple[bytes, str | None]] = {}
        self.rows: list[Any] = []
        self.judged: list[Taken] = []
        self.milliseconds = [0.0]

    @contextmanager
    def timed(self) -> Iterator[None]:
        started = time.process_time()
        try:
            yield
        finally:
            self.milliseconds.append(round((time.process_time() - started) * 1000, 1))

    def keep_raw(self, raw: bytes, charset: str | None) -> str:
        name = objects.raw_id(raw)
        self.raws[name] = (raw, charset)
        return name

    def take(self, _visitor: Visitor, judged: list[Taken], *_rest: object) -> dict[bytes, Any]:
        self.judged = judged
        return {}


@contextmanager
def without_stores(sender: Sender) -> Iterator[Stores]:
    kept = Stores()
    known = [] if sender is senders.UNKNOWN else [sender]
    with ExitStack() as patches:
        for place, name, instead in (
            (senders, "everyone", lambda: known),
            (objects, "raw", lambda raw_id: kept.raws[raw_id]),
            (audit, "record", lambda *_, **__: None),
            (intake, "keep", kept.take),
            (chart, "keep", lambda _patient, _place, what: kept.rows.append(what)),
            (
                keys,
                "blind",
                lambda kind, text: hashlib.sha256(f"{kind}{text}".encode()).hexdigest(),
            ),
            (fhir_commits, "find", lambda _: None),
            (arrivals, "sender_of", lambda _: sender.name),
        ):
            patches.enter_context(patch.object(place, name, instead))
        yield kept
