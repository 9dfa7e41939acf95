import pytest

from portal.languages import ENGLISH, LANGUAGES, is_supported, language, negotiated


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
        ("fr, es;q=0.5, en;q=0.4", "es"),
        ("en;q=0.4, es;q=0.5", "es"),
        ("es;q=0, en;q=0.1", "en"),
        ("estonian", "en"),
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
