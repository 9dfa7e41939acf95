import pytest
from tests.portal.adt_messages import a_message, a_segment, code_of, converted, folded

from portal import allergies
from portal.entries import Entry

LATER, LATEST = "20260302120000-0500", "20260303120000-0500"
_PENICILLIN = "7980^Penicillin^RXNORM"


def found_in(*segments: str, at: str = LATER) -> list[Entry]:
    return converted(allergies.entries, a_message("ADT^A60", *segments, at=at))


def an_al1(al1: dict[int, str], at: str = LATER) -> Entry:
    return found_in(a_segment("AL1", {3: _PENICILLIN, **al1}), at=at)[0]


def an_iam(iam: dict[int, str], at: str = LATER) -> Entry:
    return found_in(a_segment("IAM", {3: _PENICILLIN, 6: "A", **iam}), at=at)[0]


def test_an_allergy_says_what_it_is_to_and_what_it_does() -> None:
    said = an_al1({2: "DA", 4: "SV", 5: "Hives~247472004^Wheal^SCT", 6: "20200101"}).elements

    assert code_of(said["code"]) == "7980"
    assert (said["type"], said["category"]) == ("allergy", ["medication"])
    assert said["criticality"] == "high"
    assert said["reaction"][0]["severity"] == "severe"
    shown = [each["text"] for each in said["reaction"][0]["manifestation"]]
    assert shown == ["Hives", "Wheal"]
    assert said["onsetDateTime"] == "2020-01-01"
    assert code_of(said["clinicalStatus"]) == "active"


@pytest.mark.parametrize(
    ("sent", "category"),
    [
        ("DA", ["medication"]),
        ("FA", ["food"]),
        ("EA", ["environment"]),
        ("LA", ["environment"]),
        ("PA", ["environment"]),
        ("AA", ["biologic"]),
        ("Drug allergy", ["medication"]),
        ("MA", None),
        ("MC", None),
        ("DRUG", None),
    ],
)
def test_the_kind_of_allergen_is_fhirs_category_or_none(
    sent: str, category: list[str] | None
) -> None:
    assert an_al1({2: sent}).elements.get("category") == category


@pytest.mark.parametrize(
    ("sent", "criticality", "severity"),
    [
        ("SV", "high", "severe"),
        ("MO", None, "moderate"),
        ("MI", "low", "mild"),
        ("SEVERE", "high", "severe"),
        ("U", None, None),
        ("bad", None, None),
    ],
)
def test_severity_says_how_risky_and_how_bad(
    sent: str, criticality: str | None, severity: str | None
) -> None:
    said = an_al1({4: sent, 5: "Hives"}).elements

    assert said.get("criticality") == criticality
    assert said["reaction"][0].get("severity") == severity


def test_a_severity_without_a_reaction_makes_no_reaction_up() -> None:
    assert "reaction" not in an_al1({4: "SV"}).elements


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("NKA", "716186003"),
        ("^No Known Allergies", "716186003"),
        ("L1^NKDA^L", "409137002"),
    ],
)
def test_no_known_allergies_is_said_as_such(sent: str, code: str) -> None:
    said = an_al1({3: sent}).elements["code"]

    assert code_of(said) == code
    assert said["text"] in sent


def test_an_allergy_nobody_named_is_none() -> None:
    assert found_in("AL1|1|DA||SV|Hives") == []


def test_the_same_allergen_listed_twice_is_one_allergy() -> None:
    (one,) = found_in(
        a_segment("AL1", {1: "1", 3: _PENICILLIN, 5: "Hives"}),
        a_segment("AL1", {1: "2", 3: _PENICILLIN, 4: "SV"}),
    )

    assert one.elements["criticality"] == "high"
    assert one.elements["reaction"]


def test_an_allergy_is_known_by_its_number_else_by_its_code() -> None:
    assert an_iam({7: "A1^EHR"}).key == an_iam({7: "A1^EHR", 3: "1^Penicillin V^L"}).key
    assert an_al1({1: "1"}).key == an_al1({1: "5"}).key == an_iam({}).key
    assert an_al1({3: "2670^Codeine^RXNORM"}).key != an_al1({}).key
    assert an_al1({3: "Cat hair"}).key == an_al1({3: "CAT  HAIR"}).key


@pytest.mark.parametrize(
    ("status", "clinical", "verification"),
    [
        ("C", "active", "confirmed"),
        ("I", "inactive", "confirmed"),
        ("U", "active", "unconfirmed"),
        ("P", "active", "unconfirmed"),
        ("S", "active", "unconfirmed"),
        ("D", "active", "unconfirmed"),
        ("E", None, "entered-in-error"),
        ("", "active", None),
    ],
)
def test_iam_17_says_both_statuses(
    status: str, clinical: str | None, verification: str | None
) -> None:
    said = an_iam({17: status}).elements

    assert ("clinicalStatus" in said) == bool(clinical)
    assert not clinical or code_of(said["clinicalStatus"]) == clinical
    assert ("verificationStatus" in said) == bool(verification)
    assert not verification or code_of(said["verificationStatus"]) == verification


def test_an_allergy_taken_back_is_an_error_and_no_longer_active() -> None:
    allergy = folded(an_iam({17: "C"}), an_iam({6: "D"}, at=LATEST))

    assert code_of(allergy["verificationStatus"]) == "entered-in-error"
    assert "clinicalStatus" not in allergy


@pytest.mark.parametrize("again", ["IAM", "AL1"])
def test_an_allergy_listed_again_is_no_error_any_more(again: str) -> None:
    gone = an_iam({6: "D"})
    listed = an_iam({}, at=LATEST) if again == "IAM" else an_al1({}, at=LATEST)

    allergy = folded(gone, listed)
    assert code_of(allergy["clinicalStatus"]) == "active"
    assert "verificationStatus" not in allergy


def test_an_allergy_taken_back_and_added_in_one_message_is_there() -> None:
    segments = [a_segment("IAM", {1: n, 3: _PENICILLIN, 6: n}) for n in "DA"]
    (listed,) = found_in(*segments)

    assert code_of(folded(listed)["clinicalStatus"]) == "active"
    assert "verificationStatus" not in folded(listed)


def test_an_onset_is_said_once() -> None:
    in_words = an_iam({12: "as a child"})
    by_date = an_iam({11: "201805", 12: "as a child"}, at=LATEST)

    allergy = folded(in_words, by_date)
    assert in_words.elements["onsetString"] == "as a child"
    assert allergy["onsetDateTime"] == "2018-05"
    assert "onsetString" not in allergy


def test_who_reported_an_allergy_and_when() -> None:
    said = an_iam({7: "A1^EHR", 13: "20260301", 14: "Doe^John"}).elements

    assert said["recordedDate"] == "2026-03-01"
    assert said["asserter"] == {"display": "John Doe"}
    assert said["identifier"] == [{"value": "A1", "assigner": {"display": "EHR"}}]


def test_a_note_belongs_to_the_allergy_above_it() -> None:
    (one,) = found_in(a_segment("IAM", {3: _PENICILLIN}), "NTE|1||Seen in 2020", "NTE|2||Mild")

    assert one.elements["note"] == [{"text": "Seen in 2020"}, {"text": "Mild"}]
