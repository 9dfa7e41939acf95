import re

import pytest

from portal import dates
from portal.languages import (
    ENGLISH,
    LANGUAGES,
    Language,
    is_supported,
    language,
    negotiated,
)


def test_a_saved_preference_wins_over_the_cookie_and_the_browser() -> None:
    assert negotiated(preference="es", cookie="en", accept_language="en") == "es"


def test_the_cookie_wins_over_the_browser() -> None:
    assert negotiated(cookie="es", accept_language="en-US,en;q=0.9") == "es"


def test_an_unknown_preference_or_cookie_is_passed_over() -> None:
    assert negotiated(preference="xx", cookie="<script>", accept_language="es") == "es"


@pytest.mark.parametrize(
    ("accept_language", "chosen"),
    [
        ("es-MX,es;q=0.9,en;q=0.5", "es"),
        ("ES-419", "es"),
        ("de, es;q=0.5, en;q=0.4", "es"),
        ("en;q=0.4, es;q=0.5", "es"),
        ("es;q=0, en;q=0.1", "en"),
        ("estonian", "en"),
        ("zh-CN,zh;q=0.9", "zh-Hans"),
        ("zh-Hant-TW", "zh-Hans"),
        ("fil-PH", "tl"),
        ("ht-US", "ht"),
        ("ar-EG,ar;q=0.9", "ar"),
        ("*", "en"),
        ("", "en"),
        ("es;q=nonsense, en", "en"),
        ("es;q=nan", "en"),
        (";;;,,,q=1", "en"),
    ],
)
def test_the_browser_gets_the_language_it_likes_best(accept_language: str, chosen: str) -> None:
    assert negotiated(accept_language=accept_language) == chosen


def test_only_the_first_twenty_wishes_are_read() -> None:
    assert negotiated(accept_language="xx," * 20 + "es") == "en"


def test_every_language_is_found_by_its_own_code() -> None:
    for each in LANGUAGES:
        assert is_supported(each.code)
        assert language(each.code.upper()) is each


def test_an_unknown_code_reads_english() -> None:
    assert language("tlh") is ENGLISH
    assert not is_supported("tlh")


def test_there_are_ten_each_under_the_name_its_readers_give_it() -> None:
    assert [each.name for each in LANGUAGES] == [
        "English",
        "Español",
        "简体中文",
        "Tiếng Việt",
        "العربية",
        "Français",
        "한국어",
        "Русский",
        "Tagalog",
        "Kreyòl ayisyen",
    ]
    assert [each.code for each in LANGUAGES if each.direction == "rtl"] == ["ar"]


DAYS = {
    "en": "May 20, 2026",
    "es": "20 de mayo de 2026",
    "zh-Hans": "2026年5月20日",
    "vi": "20 tháng 5, 2026",
    "ar": "20 مايو 2026",
    "fr": "20 mai 2026",
    "ko": "2026년 5월 20일",
    "ru": "20 мая 2026 г.",
    "tl": "Mayo 20, 2026",
    "ht": "20 mai 2026",  # CLDR has French months for Haitian Creole
}


@pytest.mark.parametrize("each", LANGUAGES, ids=lambda each: each.code)
def test_each_writes_a_day_as_cldr_has_it(each: Language) -> None:
    written = dates.day("2026-05-20T12:00:00Z", each.locale, "America/New_York")

    assert re.sub(r"\s", " ", written) == DAYS[each.code]
