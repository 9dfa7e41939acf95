"""Messages a second: our reader and converter, against hl7apy on the same 20-OBX panel."""

import time
from collections.abc import Callable

from tests.bench.figures import table

OBX = "OBX|{n}|NM|2345-7^Glucose^LN^GLU^GLUCOSE^L||{n}.5|mg/dL^^UCUM|70-99|N|||F|||20261101080000"
HEAD = (
    "MSH|^~\\&|LAB|CLINIC|PORTAL|CLINIC|20261101090000-0500||ORU^R01^ORU_R01|1|P|2.5.1\r"
    "PID|1||1^^^CLINIC^MR||Rivera^Ana||19800203|F\r"
    "OBR|1|P1|F1|24323-8^CMP^LN|||20261101080000-0500|||||||||1^Raman^Priya||||||20261101090000||L|F\r"
)
PANEL = (HEAD + "\r".join(OBX.format(n=n) for n in range(1, 21)) + "\r").encode()
SECONDS = 2.0


def figures() -> list[str]:
    reference = a_second(with_hl7apy)
    jobs = {
        "read (fields split)": read,
        "read, 5 decoded fields of each OBX": read_fields,
        "convert to FHIR R4": convert,
        "convert and validate with fhir.resources": validate,
        "hl7apy, parse (for comparison)": with_hl7apy,
    }
    rates = {name: a_second(job) for name, job in jobs.items()}
    rows = [[name, f"{rate:,.0f}", f"{rate / reference:,.0f}"] for name, rate in rates.items()]
    return table(["20-OBX panel", "messages/s", "times hl7apy"], rows)


def a_second(job: Callable[[], object]) -> float:
    job()
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < SECONDS:
        job()
        count += 1
    return count / (time.perf_counter() - started)


def read() -> object:
    from portal import hl7

    return [segment.raw(1) for segment in hl7.read(PANEL).segments]


def read_fields() -> object:
    from portal import hl7

    return [[obx.text(n) for n in (2, 3, 5, 6, 11)] for obx in hl7.read(PANEL).all("OBX")]


def convert() -> object:
    from portal import hl7, oru

    return oru.lab_results(hl7.read(PANEL), "America/New_York")


def validate() -> object:
    from portal import fhir, hl7, oru

    results = oru.lab_results(hl7.read(PANEL), "America/New_York")
    for report in results.reports:
        for each in report.resources:
            fhir.validate(each)
    return results


def with_hl7apy() -> object:
    from hl7apy.parser import parse_message  # type: ignore[import-untyped]

    return parse_message(PANEL.decode(), find_groups=False)
