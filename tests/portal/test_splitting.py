"""What arrives in one piece and is several messages."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from portal import hl7, people
from portal.splitting import parts

HEADER = b"MSH|^~\\&|LAB|RIVER|P|C|20261101||ORU^R01|1|P|2.5.1\r"
ANA = b"PID|1||A1^^^RIVER||Rivera^Ana\rOBR|1||F1|GLU\rOBX|1|ST|GLU||5\r"
BEN = b"PID|2||B2^^^RIVER||Okafor^Ben\rOBR|1||F2|GLU\rOBX|1|ST|GLU||6\r"


def a_merge(*pairs: tuple[str, str]) -> bytes:
    header = "MSH|^~\\&|ADT|RIVER|P|C|20261101||ADT^A40|1|P|2.5.1\rEVN||20261101\r"
    groups = (f"PID|1||{new}^^^RIVER||Rivera^Ana\rMRG|{old}^^^RIVER\r" for new, old in pairs)
    return (header + "".join(groups)).encode()


def test_one_message_stays_as_it_is() -> None:
    raw = b"\x0b" + HEADER + ANA + b"\x1c\r"

    assert parts(raw) == [raw]


def test_a_batch_becomes_its_messages_without_the_envelope() -> None:
    raw = b"FHS|^~\\&\rBHS|^~\\&\r" + HEADER + ANA + HEADER + BEN + b"BTS|2\rFTS|1\r"

    assert parts(raw) == [(HEADER + ANA).rstrip(b"\r"), (HEADER + BEN).rstrip(b"\r")]


def test_results_of_two_patients_become_a_message_each() -> None:
    assert parts(HEADER + ANA + BEN) == [HEADER + ANA, (HEADER + BEN).rstrip()]


def test_groups_about_the_same_patient_stay_together() -> None:
    again = ANA.replace(b"F1", b"F3")

    assert parts(HEADER + ANA + again + BEN) == [HEADER + ANA + again, (HEADER + BEN).rstrip()]


def test_each_merge_of_a_message_is_one_of_its_own() -> None:
    first, second = parts(a_merge(("A1", "A2"), ("A1", "A3")))

    assert b"A2" in first
    assert b"A3" not in first
    assert b"A3" in second


def test_two_patients_that_belong_together_are_not_parted() -> None:
    raw = HEADER.replace(b"ORU^R01", b"ADT^A24") + b"PID|1||A1^^^RIVER\rPID|2||B2^^^RIVER\r"

    assert parts(raw) == [raw]


def test_the_same_message_twice_in_a_batch_is_one() -> None:
    raw = HEADER + ANA + HEADER + ANA

    assert parts(raw) == [(HEADER + ANA).rstrip(b"\r")]


@given(st.lists(st.sampled_from([ANA, BEN]), min_size=1, max_size=6))
def test_every_part_is_about_one_patient_and_no_group_is_lost(groups: list[bytes]) -> None:
    numbered = [
        group.replace(b"OBR|1||F", b"OBR|1||%dF" % number) for number, group in enumerate(groups)
    ]

    found = parts(HEADER + b"".join(numbered))

    kept = b"".join(part.removeprefix(HEADER) for part in found)
    assert kept.rstrip() == b"".join(numbered).rstrip()
    for part in found:
        message = hl7.read(part)
        assert len({people.identifiers(pid) for pid in message.all("PID")}) == 1


@given(st.binary(max_size=300))
def test_any_bytes_are_some_parts(junk: bytes) -> None:
    assert parts(junk) == [junk]
    assert parts(HEADER + junk)


def test_samples_lose_nothing(samples: Path) -> None:
    several = 0
    for path in sorted((samples / "messages").rglob("*.hl7")):
        raw = path.read_bytes()
        found = parts(raw)
        several += len(found) > 1
        wanted = {segment.name for segment in hl7.read(raw).segments}
        there = {segment.name for part in found for segment in hl7.read(part).segments}
        assert wanted - there <= {"FHS", "BHS", "BTS", "FTS"}, path.name
    assert several > 100
