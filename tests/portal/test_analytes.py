import csv
import json
import re
import statistics
from itertools import pairwise
from pathlib import Path

import pytest

from portal import analytes
from portal.analytes import CATALOGUE, Analyte

REFERENCE = Path(__file__).parents[3] / "shared/data/reference/loinc/lhc_flowsheet_loinc_ranges.csv"
RAW = json.loads(CATALOGUE.read_bytes())
EXPLAINED = ("about", "high", "low", "positive", "negative")
MEANINGS = EXPLAINED[1:]


def everyday_tests() -> list[Analyte]:
    return [Analyte(**words) for words in RAW["entries"].values()]


def explanation(analyte: Analyte) -> str:
    return " ".join(filter(None, (getattr(analyte, field) for field in EXPLAINED)))


def check_digit(loinc: str) -> int:
    """Mod 10 as the LOINC Users' Guide, appendix C, gives it."""
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(loinc.split("-")[0]))]
    return -sum(sum(map(int, str(each))) for each in doubled) % 10


def grade(text: str) -> float:
    """Flesch-Kincaid grade level; medical names count like any other word."""
    words = re.findall(r"[a-z']+", text.lower())
    sentences = len(re.findall(r"[.!?](?:\s|$)", text))
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / sentences + 11.8 * spoken / len(words) - 15.59


def syllables(word: str) -> int:
    bare = re.sub(r"(?<![aeiouyl])e$|(?<=[^aeioudt])ed$|(?<=[^aeioucgsxz])es$", "", word)
    return max(len(re.findall(r"[aeiouy]+", bare)), 1)


def test_common_tests_and_panels_are_known() -> None:
    assert len(RAW["codes"]) >= 110
    assert len(RAW["entries"]) >= 75
    assert len(RAW["panels"]) >= 25


@pytest.mark.parametrize("loinc", [*RAW["codes"], *RAW["panels"]])
def test_every_code_has_a_valid_loinc_check_digit(loinc: str) -> None:
    assert re.fullmatch(r"[0-9]{1,7}-[0-9]", loinc)
    assert int(loinc[-1]) == check_digit(loinc)


def test_no_key_is_written_twice() -> None:
    keys = re.findall(r'^ {4}"([^"]+)":', CATALOGUE.read_text("utf-8"), re.MULTILINE)

    assert len(keys) == len(set(keys))


def test_every_entry_is_used_and_no_two_have_one_name() -> None:
    names = [analyte.name for analyte in everyday_tests()]

    assert set(RAW["codes"].values()) == set(RAW["entries"])
    assert len(names) == len(set(names))


@pytest.mark.parametrize("analyte", everyday_tests(), ids=lambda each: each.name)
class TestEntry:
    def test_it_is_complete(self, analyte: Analyte) -> None:
        pairs = [(analyte.high, analyte.low), (analyte.positive, analyte.negative)]

        assert all((analyte.name, analyte.about, analyte.group))
        assert [all(pair) for pair in pairs].count(True) == 1
        assert [any(pair) for pair in pairs].count(True) == 1

    def test_no_explanation_holds_a_number_or_a_unit(self, analyte: Analyte) -> None:
        assert not re.search(r"\d|%|\bm?g/d?L|mmol", explanation(analyte))

    def test_what_it_can_mean_is_never_said_as_certain(self, analyte: Analyte) -> None:
        hedge = re.compile(
            r"\b(can|may|often|common|most labs expect|was found|were (seen|found))\b"
        )
        hedged = re.compile(rf"{hedge.pattern}|good sign|No \w+ was")

        for field in MEANINGS:
            assert not getattr(analyte, field) or hedged.search(getattr(analyte, field)), field

    def test_it_does_not_alarm_or_judge(self, analyte: Analyte) -> None:
        alarming = r"(?i)\b(abnormal|normal|danger\w*|fatal|deadly|severe\w*|death)\b"

        assert not re.search(alarming, explanation(analyte))

    def test_it_reads_at_grade_eight_at_most(self, analyte: Analyte) -> None:
        assert grade(explanation(analyte)) <= 8.5


def test_half_of_all_explanations_read_at_grade_six_or_below() -> None:
    assert statistics.median(grade(explanation(each)) for each in everyday_tests()) <= 6


@pytest.mark.parametrize("loinc", ["56888-1", "43304-5", "43305-2", "20507-0", "2106-3"])
def test_a_sensitive_positive_result_is_calm_and_offers_help_or_a_next_step(loinc: str) -> None:
    analyte = analytes.find(loinc)

    assert analyte
    assert re.search(r"in private|there is good treatment", analyte.positive)


def test_an_unknown_test_has_no_words() -> None:
    assert analytes.find("99999-9") is None
    assert analytes.find("") is None
    assert analytes.panel("99999-9") is None
    assert analytes.title("99999-9", "MY TEST", str) == "MY TEST"
    assert analytes.title("99999-9", "", str.upper) == "LAB RESULT"


def test_a_panel_or_a_single_test_has_an_everyday_title() -> None:
    assert analytes.panel("24323-8") == "Body chemistry tests (comprehensive metabolic panel)"
    assert (
        analytes.title(" 57021-8 ", "CBC", str) == "Complete blood count with types of white cells"
    )
    assert analytes.title("4548-4", "A1C", str) == "Average blood sugar (hemoglobin A1c)"


def test_variants_of_a_test_share_their_words() -> None:
    assert analytes.find("2345-7") is analytes.find("2339-0")


# A word of the LOINC name that every code of the entry must carry, where the reference knows it.
LOINC_WORDS = {
    "hemoglobin": "Hemoglobin",
    "glucose": "Glucose",
    "a1c": "A1c",
    "sodium": "Sodium",
    "potassium": "Potassium",
    "creatinine": "Creatinine",
    "calcium": "Calcium",
    "tsh": "Thyrotropin",
    "free-t4": "Thyroxine",
    "ldl": "Cholesterol in LDL",
    "hdl": "Cholesterol in HDL",
    "psa": "Prostate specific Ag",
    "hcg-amount": "Choriogonadotropin",
    "inr": "INR",
    "lead": "Lead",
    "troponin-i": "Troponin I",
    "troponin-t": "Troponin T",
    "ferritin": "Ferritin",
    "vitamin-b12": "B12",
    "neutrophils": "Neutrophils",
    "white-cells": "Leukocytes",
    "urine-creatinine": "Urine",
    "urine-white-cells": "Urine sediment",
}


@pytest.mark.skipif(not REFERENCE.exists(), reason="the shared LOINC reference is not here")
def test_codes_carry_the_loinc_name_of_their_entry() -> None:
    with REFERENCE.open(encoding="utf-8") as file:
        names = {row["loinc"]: row["long_common_name"] for row in csv.DictReader(file)}

    wrong = [
        (loinc, names[loinc])
        for loinc, key in RAW["codes"].items()
        if loinc in names and LOINC_WORDS.get(key, "") not in names[loinc]
    ]

    assert wrong == []


@pytest.mark.skipif(not REFERENCE.exists(), reason="the shared LOINC reference is not here")
def test_urine_codes_are_in_urine_entries_only() -> None:
    with REFERENCE.open(encoding="utf-8") as file:
        names = {row["loinc"]: row["long_common_name"] for row in csv.DictReader(file)}

    for loinc, key in RAW["codes"].items():
        in_urine = "urine" in RAW["entries"][key]["name"].lower() or key.startswith(("hcg", "uro"))
        assert ("Urine" in names.get(loinc, "")) <= in_urine, loinc


def test_codes_of_an_entry_stand_together() -> None:
    keys = list(RAW["codes"].values())
    changes = sum(a != b for a, b in pairwise(keys))

    assert changes == len(set(keys)) - 1
