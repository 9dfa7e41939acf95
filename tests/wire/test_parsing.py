"""What the reader bears, seen from the wire (rows PARSE-*)."""

import base64
import sys
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.builders import a_message, a_patient
from tests.ehr.pushing import codes, fields, pushed, queued_ids
from tests.wire.messages import an_oru

from portal import arrivals, conversion, hl7, objects, people, timestamps
from portal.conversion import Converted
from portal.senders import UNKNOWN


def converted(raw: bytes) -> Converted:
    return conversion.convert(hl7.read(raw), UNKNOWN)


def values(found: Converted) -> list[str]:
    """Every value of every observation, as sent."""
    resources = [each for report in found.reports for each in report.resources]
    return [
        str(each.get("valueQuantity", {}).get("value", each.get("valueString", "")))
        for each in resources
        if each["resourceType"] == "Observation"
    ]


@pytest.mark.parametrize(
    ("sent", "changed"),
    [
        (b"PID|1||", b"PID|1^x&y~2||"),
        (b"^LN||98|", b"^LN^a^b^c^d^e^f^g^h&i&j^k^l||98^a^b&c~|"),
        (b"|F\r", b"|F|||||||||||||||||||||||||||||||||||||a^b^c~d&e&f\r"),
    ],
)
def test_parts_beyond_the_standard_are_passed_over_and_kept_in_the_raw_message(
    sent: bytes, changed: bytes, token: str
) -> None:
    raw = a_message(a_patient()).replace(sent, changed)

    assert codes(pushed(raw, token)) == ["AA"]
    assert objects.raw(objects.raw_id(raw))[0] == raw


@pytest.mark.parametrize("where", [b"PID|", b"OBR|", b"OBX|"])
@pytest.mark.parametrize("segment", [b"ZPI|1|x^y|~|\r", b"Z99\r", b"QQQ|1|what\r"])
def test_unknown_segments_change_nothing_that_is_read(segment: bytes, where: bytes) -> None:
    raw = a_message(a_patient())

    assert values(converted(raw.replace(where, segment + where))) == values(converted(raw))


def test_a_segment_out_of_order_does_not_hide_a_result() -> None:
    lines = a_message(a_patient()).split(b"\r")
    moved = b"\r".join([lines[0], b"NTE|1||early", b"PV1|1|O", *lines[1:], b"ORC|RE"])

    assert values(converted(moved)) == ["98"]


@pytest.mark.parametrize(
    ("kind", "sent", "shown"),
    [
        ("", "98", "98"),
        ("NM", "many", "many"),
        ("QQ", "98 to 99", "98 to 99"),
        ("ST", "one~two", "one\ntwo"),
        ("DT", "yesterday", "yesterday"),
    ],
)
def test_a_value_is_kept_whatever_obx_2_says(kind: str, sent: str, shown: str) -> None:
    raw = a_message(a_patient(), f"{kind}|2345-7^Glucose^LN||{sent}||||||F")

    found = converted(raw)

    assert values(found) == [shown]


@pytest.mark.parametrize(
    "damage",
    [
        lambda raw: raw.replace(b"\r", b"|||||\r"),
        lambda raw: raw.replace(b"\r", b"  \r"),
        lambda raw: b"\xef\xbb\xbf" + raw,
        lambda raw: b"\x0b" + raw + b"\x1c\r",
        lambda raw: raw.replace(b"Glucose", b"Glu\0cose"),
        lambda raw: raw.replace(b"\rOBX", b"\x0bOBX"),
        lambda raw: b"\r\n \r\n" + raw + b"\n\n",
    ],
    ids=["delimiters", "spaces", "BOM", "frame", "NUL", "VT", "blank lines"],
)
def test_what_gets_into_a_message_on_its_way_is_tolerated(damage: object, token: str) -> None:
    raw = damage(an_oru())  # type: ignore[operator]

    response = pushed(raw, token)

    assert codes(response) == ["AA"]
    assert b"\0" not in response.body


@pytest.mark.parametrize(
    "sent", ["20260230120000-0500", "202602302500", "00000101000000", "20261301", "2026-02-30"]
)
def test_a_time_that_does_not_exist_is_never_guessed(sent: str) -> None:
    assert timestamps.fhir_datetime(sent, "America/New_York") is None


NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Z"), exclude_characters="|^~\\&"), min_size=1
)


@given(NAMES)
def test_a_name_comes_out_as_it_went_in(name: str) -> None:
    pid = hl7.read(f"MSH|^~\\&|A\rPID|1||7^^^A||{name}^{name}\r".encode()).first("PID")

    claim = people.claim(pid)

    assert (claim.family, claim.given) == (name, name)


@pytest.mark.parametrize("name", ["李^小龍", "محمد^علي", "Zoë̈^É", "🙂^🧪", "Núñez^Ñ"])
def test_names_of_every_script_are_kept(name: str) -> None:
    pid = hl7.read(f"MSH|^~\\&|A\rPID|1||7^^^A||{name}\r".encode()).first("PID")

    claim = people.claim(pid)

    assert f"{claim.family}^{claim.given}" == name


def large(kind: str) -> bytes:
    if kind == "ten thousand results":
        return a_message(
            a_patient(), *[f"NM|{n}-1^Test {n}^LN||{n}|mg/dL|||||F" for n in range(10_000)]
        )
    pdf = base64.b64encode(b"%PDF-1.4\n" + bytes(range(256)) * 6_000).decode()
    return a_message(a_patient(), f"ED|PDF^Report^L||^application^PDF^Base64^{pdf}||||||F")


@pytest.mark.parametrize("kind", ["ten thousand results", "a large document"])
def test_a_large_message_is_read_within_bounds(kind: str, token: str) -> None:
    raw = large(kind)
    tracemalloc.start()
    started = time.perf_counter()

    response = pushed(raw, token)

    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    seconds = time.perf_counter() - started
    sys.stdout.write(f"{kind}: {len(raw)} bytes, {seconds:.1f} s traced, {peak >> 20} MiB\n")
    assert codes(response) == ["AA"]
    assert peak < 256 * 1024 * 1024


def test_a_million_repetitions_are_an_ae_and_wait_in_quarantine(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = a_message(a_patient()).replace(b"PID|1||", b"PID|1||" + b"7~" * 1_000_000, 1)
    monkeypatch.setattr(conversion, "convert", never)

    answer = fields(pushed(raw, token))

    assert answer["MSA"][1] == "AE"
    assert queued_ids() == []
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.QUARANTINED


def never(*_: object) -> None:
    raise AssertionError("it must not be read further")
