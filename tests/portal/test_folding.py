"""Every version of a report folded into one card: what is shown, what stays, what is withdrawn."""

import base64
import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.card_versions import a_version
from tests.portal.lab_messages import an_obx

from portal.cards import Card, CardStatus, Earlier
from portal.folding import fold
from portal.reports import Version

PDF = "JVBERi0xLjQK"


def a_pdf(text: str = "", status: str = "F", kind: str = "ED") -> str:
    data = base64.b64encode(f"%PDF-1.4\n{text}".encode()).decode()
    value = "" if status in "DWX" else f"^AP^PDF^Base64^{data}"
    return an_obx(value, kind=kind, test="PDF^Report", unit="", status=status)


def noted(obx: str, note: str) -> str:
    return f"{obx}\rNTE|1|L|{note}"


def values(card: Card) -> list[str]:
    return [reading.value for reading in card.readings]


def earlier(card: Card) -> list[tuple[str, str, str, str]]:
    return [
        (each.value, each.unit, each.reference_range, each.flag)
        for each in card.readings[0].earlier
    ]


@dataclass(frozen=True)
class Word:
    """What the model below knows of an OBX."""

    status: str
    hour: int
    value: str
    sub_id: str


WORDS = st.builds(
    Word,
    status=st.sampled_from("PFCDXW"),
    hour=st.integers(1, 9),
    value=st.sampled_from(["4.1", "4.2", "5.9"]),
    sub_id=st.sampled_from(["", "1", "2"]),
)


def told(words: list[Word]) -> list[Version]:
    """One message for each word; those that are equal differ in their control id."""
    return [
        a_version(
            an_obx(word.value, status=word.status, sub_id=word.sub_id),
            hour=word.hour,
            control_id=f"M{number}",
        )
        for number, word in enumerate(words)
    ]


@given(st.lists(WORDS, min_size=1, max_size=4))
def test_any_order_and_any_repetition_gives_the_same_card(words: list[Word]) -> None:
    versions = told(words)
    cards = {
        fold([*order, *order[: len(order) // 2]]).model_dump_json()
        for order in itertools.permutations(versions)
    }

    assert len(cards) == 1


def model(words: list[Word]) -> dict[str, Word]:
    """By sub-id, the word that stands: by status, then time."""
    newest: dict[str, Word] = {}
    for word in words:
        held = newest.get(word.sub_id)
        place = ("PFCDXW".index(word.status), word.hour)
        if held is None or place > ("PFCDXW".index(held.status), held.hour):
            newest[word.sub_id] = word
    return newest


@given(st.lists(WORDS, min_size=1, max_size=5, unique_by=lambda w: (w.sub_id, w.status, w.hour)))
def test_the_newest_word_is_the_models(words: list[Word]) -> None:
    card = fold(told(words))
    standing = {key: word for key, word in model(words).items() if word.status not in "DW"}

    shown = {reading.key.split("#")[1]: reading for reading in card.readings}
    assert {key: (r.status, r.value) for key, r in shown.items()} == {
        key: (word.status, "" if word.status == "X" else word.value)
        for key, word in standing.items()
    }
    assert (card.status is CardStatus.WITHDRAWN) == (not standing)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_what_was_taken_back_is_nowhere_on_the_card(words: list[Word]) -> None:
    card = fold(told(words))
    gone = {key for key, word in model(words).items() if word.status in "DXW"}

    for word in words:
        if all(each.value != word.value for each in words if each.sub_id not in gone):
            assert word.value not in card.model_dump_json(exclude={"sources", "readings"})
            assert word.value not in values(card)
            assert word.value not in [each.value for r in card.readings for each in r.earlier]


def test_a_correction_keeps_what_was_said_before_with_its_unit_range_and_flag() -> None:
    first = a_version(an_obx("5.9", flag="H", reference="3.5-5.1"), hour=1)
    second = a_version(an_obx("41", unit="mg/L", reference="35-51", status="C"), hour=2)
    card = fold([second, first])

    assert (card.status, values(card)) == (CardStatus.CORRECTED, ["41"])
    assert earlier(card) == [("5.9", "mg/dL", "3.5-5.1", "H")]
    assert card.readings[0].reported_at.startswith("2026-03-02T11:00")
    assert card.readings[0].earlier[0].reported_at.startswith("2026-03-01T11:00")


def test_earlier_versions_come_newest_first_and_only_where_something_differs() -> None:
    said = [("4.1", "P", 1), ("4.1", "F", 2), ("4.4", "C", 3), ("4.4", "C", 4), ("4.1", "C", 5)]
    versions = [
        a_version(an_obx(value, status=status), hour=hour, control_id=f"M{hour}")
        for value, status, hour in said
    ]

    (reading,) = fold(versions).readings

    assert [(each.value, each.reported_at[:10]) for each in reading.earlier] == [
        ("4.4", "2026-03-03"),
        ("4.1", "2026-03-01"),
    ]
    assert reading.reported_at.startswith("2026-03-05")


def test_the_same_value_under_another_control_id_is_no_earlier_version() -> None:
    versions = [a_version(an_obx("4.1"), hour=hour, control_id=f"M{hour}") for hour in (1, 2)]

    (reading,) = fold(versions).readings

    assert reading.earlier == ()
    assert reading.reported_at.startswith("2026-03-01")


def test_why_a_result_changed_are_the_notes_that_came_with_the_change() -> None:
    first = a_version(noted(an_obx("5.9"), "Hemolyzed"), hour=1)
    corrected = noted(an_obx("4.1", status="C"), "Wrong sample measured")
    second = [a_version(corrected, hour=hour, control_id=f"M{hour}") for hour in (2, 3)]

    (reading,) = fold([first, *second]).readings

    assert reading.reasons == ("Wrong sample measured",)
    assert fold([first]).readings[0].reasons == ()


def test_a_note_of_a_corrected_report_is_its_reason_unless_it_was_there_before() -> None:
    first = a_version(f"NTE|1||Fasting\r{an_obx('5.9')}", hour=1)
    second = a_version(f"NTE|1||Clerk's error\r{an_obx('4.1', status='C')}", hour=2, status="C")
    again = a_version(f"NTE|1||Fasting\r{an_obx('4.2', status='C')}", hour=3, status="C")

    assert fold([first, second]).reasons == ("Clerk's error",)
    assert fold([first, second, again]).reasons == ()


def test_a_final_word_without_a_value_takes_the_early_one() -> None:
    """OBX-11 = U: final without retransmitting what was sent as preliminary."""
    early = a_version(an_obx("4.1", status="P"), status="P", hour=1)
    final = a_version(an_obx("", status="U"), hour=2)

    card = fold([early, final])

    assert (card.status, values(card)) == (CardStatus.FINAL, ["4.1"])
    assert card.readings[0].raw_id == early.raw_id
    assert card.readings[0].earlier == ()


@pytest.mark.parametrize("status", ["D", "W", "X"])
def test_a_result_that_was_taken_back_has_no_value_and_no_past(status: str) -> None:
    card = fold([a_version(an_obx("905.25"), hour=1), a_version(an_obx("905.25", status=status))])

    assert "905.25" not in card.model_dump_json()


def test_a_deleted_result_is_named_beside_those_that_stay() -> None:
    sodium = an_obx("140", test="NA^Sodium")
    card = fold([a_version(an_obx(), sodium, hour=1), a_version(an_obx(status="D"), hour=2)])

    assert (card.status, values(card)) == (CardStatus.FINAL, ["140"])
    assert card.taken_back == ("Glucose",)
    assert not card.is_wrong_patient


def test_a_deleted_report_keeps_its_name_and_nothing_it_said() -> None:
    first = a_version(f"NTE|1||Glucose 905.25 called\r{an_obx('905.25')}", a_pdf(), hour=1)
    card = fold([first, a_version(an_obx(status="D"), a_pdf(status="D"), hour=2)])

    assert card.status is CardStatus.WITHDRAWN
    assert card.lab_title == "Comprehensive panel"
    assert (card.readings, card.documents, card.notes, card.taken_back) == ((), (), (), ())


def test_nothing_is_left_of_a_report_of_another_patient() -> None:
    first = a_version(f"NTE|1||Called\r{an_obx('905.25')}", a_pdf(), hour=1)
    card = fold([first, a_version(an_obx(status="W"), a_pdf(status="W"), hour=2)])

    assert card.is_wrong_patient
    assert card.status is CardStatus.WITHDRAWN
    kept = card.model_dump(exclude_defaults=True)
    assert not kept.pop("segments")  # nothing is kept that could have a label
    assert set(kept) == {
        "report_id", "lab_title", "status", "sender", "resulted_at", "is_wrong_patient", "sources"
    }  # fmt: skip
    assert card.lab_title == ""


def test_a_note_older_than_a_withdrawal_goes_with_it() -> None:
    sodium = an_obx("140", test="NA^Sodium")
    first = a_version(f"NTE|1||Glucose is 905.25\r{an_obx()}", sodium, status="C", hour=1)
    second = a_version(f"NTE|1||Glucose deleted\r{an_obx(status='D')}", sodium, hour=2)
    corrected = a_version(f"NTE|1||Final\r{an_obx(status='D')}", sodium, status="C", hour=3)

    assert fold([first, second]).notes == ()
    assert fold([first, second, corrected]).notes == ("Final",)


def test_a_report_whose_results_could_not_be_obtained_is_cancelled() -> None:
    card = fold([a_version(noted(an_obx("", status="X"), "Clotted"))])

    assert card.status is CardStatus.CANCELLED
    assert card.readings[0].notes == ("Clotted",)


def test_an_order_cancelled_after_its_results_has_none_of_them() -> None:
    card = fold([a_version(an_obx("905.25"), a_pdf(), hour=1), a_version(" ", status="X", hour=2)])

    assert card.status is CardStatus.CANCELLED
    assert "905.25" not in card.model_dump_json()
    assert card.documents == ()


@pytest.mark.parametrize("kind", ["ED", "ST"])
@pytest.mark.parametrize("status", ["D", "W"])
def test_a_document_goes_when_its_obx_is_taken_back(kind: str, status: str) -> None:
    first = a_version(an_obx(), a_pdf(kind=kind), hour=1)
    second = a_version(an_obx(), a_pdf(kind=kind, status=status), hour=2)

    assert [each.title for each in fold([first]).documents] == ["Report"]
    card = fold([second, first])
    assert (card.documents, len(card.readings)) == ((), 1)
    assert card.taken_back == ("Report" if status == "D" else "",)


def test_of_two_like_documents_only_the_one_taken_back_goes() -> None:
    first = a_version(a_pdf("one"), a_pdf("two"), hour=1)
    second = a_version(a_pdf("one", status="D"), a_pdf("two"), hour=2)

    (kept,) = fold([first, second]).documents

    assert kept == fold([first]).documents[1]


def test_a_newer_document_comes_first_and_the_one_it_replaces_is_marked() -> None:
    first, second = a_version(a_pdf("one"), hour=1), a_version(a_pdf("two", status="C"), hour=2)

    newest, replaced = fold([first, second]).documents

    assert newest.document_id == second.documents[0].document_id
    assert (newest.is_replaced, replaced.is_replaced) == (False, True)


def test_text_sent_as_a_document_is_read_on_the_card() -> None:
    data = base64.b64encode("Dear colleague,\r\nall is well — é".encode()).decode()
    text = an_obx(f"^TEXT^PLAIN^Base64^{data}", kind="ED", test="L^Letter", unit="")
    first, gone = a_version(text, hour=1), an_obx("", kind="ED", test="L^Letter", status="D")

    (reading,) = fold([first]).readings

    assert reading.value == "Dear colleague,\nall is well — é"
    assert (reading.is_narrative, fold([first]).documents) == (True, ())
    assert fold([first, a_version(gone, hour=2)]).status is CardStatus.WITHDRAWN


def test_a_document_that_cannot_be_read_is_named_as_such() -> None:
    (reading,) = fold([a_version(an_obx("^^PDF^Base64^!!!", kind="ED", test="P^Scan"))]).readings

    assert (reading.lab_name, reading.value, reading.is_unreadable) == ("Scan", "", True)


def test_an_earlier_version_is_kept_as_the_lab_sent_it() -> None:
    first = a_version(an_obx("<5.40", kind="ST"), hour=1)
    (reading,) = fold([first, a_version(an_obx("6", status="C"), hour=2)]).readings

    assert reading.earlier[0] == Earlier(
        value="<5.40",
        unit="mg/dL",
        reference_range="3.9-6.1",
        flag="N",
        status="F",
        reported_at="2026-03-01T11:00:00+00:00",
    )
