"""Messages a second: our reader, converters and checks, against hl7apy on the same 20-OBX panel,
and where the time goes."""

import cProfile
import pstats
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests import stores
from tests.bench.figures import table
from tests.bench.messages import OTHERS, PANEL

SECONDS = 2.0
PROFILED = 200
LARGEST = 8


def figures() -> list[str]:
    stores.set_environment()  # before anything imports portal
    return [*rates(), "", *kinds(), "", *shares(), "", *modules()]


def rates() -> list[str]:
    reference = a_second(with_hl7apy)
    jobs = {
        "read (fields split)": read,
        "read, 5 decoded fields of each OBX": read_fields,
        "read, convert to FHIR R4": convert,
        "read, convert, validate (our shapes)": validate,
        "read, convert, validate (shapes and fhir.resources)": validate_with_models,
        "hl7apy, parse (for comparison)": with_hl7apy,
    }
    found = {name: a_second(job) for name, job in jobs.items()}
    rows = [[name, f"{rate:,.0f}", f"{rate / reference:,.0f}"] for name, rate in found.items()]
    return table(["20-OBX panel", "messages/s", "times hl7apy"], rows)


def kinds() -> list[str]:
    """The other message types: the same work as for a panel, shapes included."""
    rows = []
    for name, raw in OTHERS.items():
        rate = a_second(lambda raw=raw: validate(raw))  # type: ignore[misc]
        rows.append([name, f"{len(raw):,}", f"{len(validate(raw))}", f"{rate:,.0f}"])
    return table(["read, convert, validate", "bytes", "FHIR resources", "messages/s"], rows)


def shares() -> list[str]:
    """Conversion is what it adds to reading: fields are decoded as it asks for them."""
    made = validate(PANEL)
    reading, both = 1 / a_second(read), 1 / a_second(convert)
    checking = 1 / a_second(lambda: check(made))
    parts = {"read": reading, "convert": both - reading, "validate (shapes)": checking}
    whole = sum(parts.values())
    rows = [
        [name, f"{1000 * seconds:.3f}", f"{seconds / whole:.0%}"] for name, seconds in parts.items()
    ]
    return table(["where the time of a panel goes", "ms", "share"], rows)


def modules() -> list[str]:
    """By cProfile, which makes many small calls look larger than they are."""
    profile = cProfile.Profile()
    profile.runcall(lambda: [validate(PANEL) for _ in range(PROFILED)])
    own: Counter[str] = Counter()
    for (file, _, _), (_, _, seconds, *_) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        own[Path(file).name if "portal" in file else "Python and libraries"] += seconds
    total = sum(own.values())
    rows = [[name, f"{seconds / total:.0%}"] for name, seconds in own.most_common(LARGEST)]
    return table(["own time by module (profiled)", "share"], rows)


def a_second(job: Callable[[], object]) -> float:
    """Times a second of one core's own time: what else runs on the machine does not count."""
    job()
    count, started = 0, time.process_time()
    while time.process_time() - started < SECONDS:
        job()
        count += 1
    return count / (time.process_time() - started)


def read() -> object:
    from portal import hl7

    return [segment.raw(1) for segment in hl7.read(PANEL).segments]


def read_fields() -> object:
    from portal import hl7

    return [[obx.text(n) for n in (2, 3, 5, 6, 11)] for obx in hl7.read(PANEL).all("OBX")]


def convert(raw: bytes = PANEL) -> list[dict[str, object]]:
    """As a message of a sender without settings."""
    from functions.lab_release import validation

    from portal import conversion, hl7, senders

    return validation.resources(conversion.convert(hl7.read(raw), senders.UNKNOWN))


def validate(raw: bytes = PANEL) -> list[dict[str, object]]:
    made = convert(raw)
    check(made)
    return made


def check(made: list[dict[str, object]]) -> None:
    from portal import fhir

    for resource in made:
        fhir.validate(resource)


def validate_with_models() -> object:
    from portal import fhir

    made = validate(PANEL)
    for resource in made:
        fhir.validate_with_models(resource)
    return made


def with_hl7apy() -> object:
    from hl7apy.parser import parse_message  # type: ignore[import-untyped]

    return parse_message(PANEL.decode(), find_groups=False)


if __name__ == "__main__":
    print("\n".join(figures()))
