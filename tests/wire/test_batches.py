"""Batch files over HTTP, and messages about several patients (rows BATCH-*)."""

import pytest
from functions.ehr import batches, intake
from hypothesis import given
from hypothesis import strategies as st
from tests import stores
from tests.builders import a_message, a_patient
from tests.ehr.pushing import codes, pushed, queued_ids
from tests.wire.messages import a_batch, an_oru, control_id, without_pid_3

from portal import arrivals, objects
from portal.tables import CareRow


def lines(text: str) -> list[list[str]]:
    return [line.split("|") for line in text.strip("\r").split("\r")]


def kept_ids(*messages: bytes) -> list[str]:
    """A part is stored without the line end that belongs to the file."""
    return [objects.raw_id(raw.rstrip(b"\r")) for raw in messages]


def test_a_batch_is_answered_by_a_batch_with_one_ack_for_each_message(token: str) -> None:
    messages = [an_oru() for _ in range(3)]

    answer = lines(pushed(a_batch(*messages), token).text)

    assert [line[0] for line in answer] == ["FHS", "BHS", *["MSH", "MSA"] * 3, "BTS", "FTS"]
    assert [line[2] for line in answer if line[0] == "MSA"] == [control_id(m) for m in messages]
    assert answer[-2:] == [["BTS", "3"], ["FTS", "1"]]


def test_the_envelopes_go_back_where_they_came_from_and_name_what_they_answer(token: str) -> None:
    file, batch, *_ = lines(pushed(a_batch(an_oru()), token).text)

    assert file[2:6] == ["P", "C", "LAB", "RIVERBEND"]
    assert (file[11], batch[11]) == ("F1", "B1")
    assert file[10] not in ("", "F1")
    assert (file[9], batch[9]) == ("", ""), "no comment, for all is well"


def test_the_envelopes_use_the_delimiters_of_the_request(token: str) -> None:
    body = a_batch(an_oru()).translate(bytes.maketrans(b"|^~\\&", b"#*!@$"))

    answer = pushed(body, token).text

    assert answer.startswith("FHS#*!@$#P#C#LAB#RIVERBEND#")
    assert "\rBTS#1\rFTS#1\r" in answer


def test_each_message_and_the_whole_are_kept_with_their_arrivals(token: str) -> None:
    messages = [an_oru(), an_oru()]
    body = a_batch(*messages)

    pushed(body, token)

    whole = objects.raw_id(body)
    assert queued_ids() == kept_ids(*messages)
    assert objects.raw(whole)[0] == body
    assert arrivals.arrival(whole).state == arrivals.SPLIT
    rows = [CareRow.get(f"arrival#{each}", "arrival") for each in kept_ids(*messages)]
    assert [(row.state, row.part_of) for row in rows] == [(arrivals.RECEIVED, whole)] * 2


@pytest.mark.parametrize(
    ("count", "batches_told", "where"), [(7, 1, "BTS"), (2, 4, "FTS"), (7, 4, "BTS")]
)
def test_a_wrong_count_is_an_ae_of_the_batch_and_its_messages_are_taken(
    count: int, batches_told: int, where: str, token: str
) -> None:
    messages = [an_oru(), an_oru()]

    response = pushed(a_batch(*messages, count=count, batches=batches_told), token)

    comments = [line[9] for line in lines(response.text) if line[0] in ("FHS", "BHS")]
    assert any(each.startswith(f"AE {where}-1") for each in comments)
    assert codes(response) == ["AA", "AA"]
    assert queued_ids() == kept_ids(*messages)


def test_a_batch_that_was_cut_short_says_so_and_what_came_is_taken(token: str) -> None:
    body = a_batch(an_oru(), an_oru()).partition(b"BTS|")[0]

    response = pushed(body, token)

    assert "AE BTS is missing" in response.text
    assert "AE FTS is missing" in response.text
    assert codes(response) == ["AA", "AA"]


def test_one_bad_message_of_a_hundred_is_one_ae_and_none_is_lost(token: str) -> None:
    patient = a_patient()
    messages = [an_oru(patient) for _ in range(100)]
    messages[41] = without_pid_3(messages[41])

    response = pushed(a_batch(*messages), token)

    assert codes(response) == ["AA"] * 41 + ["AE"] + ["AA"] * 58
    assert sorted(queued_ids()) == sorted(kept_ids(*messages))
    assert stores.is_kept(*kept_ids(messages[41]))


def test_a_batch_beyond_what_a_queue_carries_waits_in_the_store(token: str) -> None:
    """SQS carries 256 KiB; the queue holds ids only, also of a single large message."""
    note = "NTE|1||" + "long words " * 1000
    messages = [an_oru() + note.encode() + b"\r" for _ in range(30)]
    body = a_batch(*messages)
    assert len(body) > 256 * 1024

    assert codes(pushed(body, token)) == ["AA"] * 30
    assert all(len(each) == 64 for each in queued_ids())


def test_a_batch_sent_twice_gets_the_same_answer(token: str) -> None:
    body = a_batch(an_oru(), without_pid_3(an_oru()), an_oru(msh11="T"))

    assert pushed(body, token).body == pushed(body, token).body


def test_messages_one_after_the_other_are_answered_one_after_the_other(token: str) -> None:
    messages = [an_oru(), an_oru()]

    answer = lines(pushed(b"".join(messages), token).text)

    assert [line[0] for line in answer] == ["MSH", "MSA"] * 2
    assert queued_ids() == kept_ids(*messages)


def test_a_batch_that_wants_no_answers_gets_none(token: str) -> None:
    body = a_batch(an_oru(msh15="NE"), an_oru(msh15="NE"))

    assert pushed(body, token).status == 204
    assert pushed(body.replace(b"BTS|2", b"BTS|3"), token).text.count("MSA") == 0


def test_more_messages_than_we_keep_in_time_are_refused_before_any_is_kept(token: str) -> None:
    raw = an_oru()
    body = a_batch(*[raw] * (intake.MAX_PARTS + 1))

    response = pushed(body, token)

    assert (response.status, queued_ids()) == (413, [])
    assert str(intake.MAX_PARTS) in response.text
    assert not stores.is_kept(objects.raw_id(body))


def test_a_message_about_several_patients_is_one_ack_and_a_message_for_each(token: str) -> None:
    raw = two_patients()

    response = pushed(raw, token)

    assert codes(response) == ["AA"]
    assert len(queued_ids()) == 2
    assert arrivals.arrival(objects.raw_id(raw)).state == arrivals.SPLIT


def test_a_message_about_several_patients_is_an_ae_when_one_part_is_unusable(token: str) -> None:
    raw = two_patients().replace(b"OBR|", b"ZBR|", 1).replace(b"OBX|", b"ZBX|", 1)

    response = pushed(raw, token)

    assert codes(response) == ["AE"]
    assert len(queued_ids()) == 2


def two_patients() -> bytes:
    first, second = a_message(a_patient()), a_message(a_patient())
    return first + second[second.index(b"PID|") :]


PIECES = st.sampled_from([b"FHS|^~\\&|A", b"BHS|^~\\&|A", b"BTS|2", b"FTS|1", b"BTS", b"x", b""])
MESSAGE = b"MSH|^~\\&|A|B\rPID|1"


@given(st.lists(PIECES | st.just(MESSAGE), max_size=12))
def test_every_message_is_in_exactly_one_batch_however_the_file_is_damaged(
    pieces: list[bytes],
) -> None:
    body = b"\r".join(pieces)

    found = batches.read(body)

    count = pieces.count(MESSAGE)
    is_single = found.messages == [body]
    assert is_single or [each[:12] for each in found.messages] == [MESSAGE[:12]] * count


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_of_batches_raise(junk: bytes) -> None:
    found = batches.read(b"FHS|\rBHS|\r" + junk)

    assert all(batches.batch_fault(batch) is not None for batch in found.batches)
    assert batches.file_fault(found) is not None
