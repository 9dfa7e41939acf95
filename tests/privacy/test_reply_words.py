"""What a text message to us means."""

import pytest
from functions.privacy.reply_words import STOP_ALONE, Meaning, meaning
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize("body", [
    "STOP", "stop", " Stop. ", "stop!", '"STOP"', "STOPALL", "UNSUBSCRIBE", "QUIT", "END", "CANCEL",
    "REVOKE", "OPTOUT", "OPT OUT", "opt-out", "Please stop texting me", "Stop this now!!",
    "I want to unsubscribe", "please remove me", "no more texts please", "Arrêt", "ARRET", "REMOVE",
    "TD", "ALTO", "no más", "BAJA", "S T O P", "stop\nsent from my phone", "do not stop",
    "\uff33\uff34\uff2f\uff30",
])  # fmt: skip
def test_these_end_texts(body: str) -> None:
    """47 CFR 64.1200(a)(10), AWS's required keywords, and what a reasonable person would mean."""
    assert meaning(body) is Meaning.STOP


@pytest.mark.parametrize("body", ["START", "start.", "Unstop", "INICIAR"])
def test_these_bring_them_back(body: str) -> None:
    assert meaning(body) is Meaning.START


@pytest.mark.parametrize("body", ["HELP", "help?", "Info", "ayuda"])
def test_these_ask_for_help(body: str) -> None:
    assert meaning(body) is Meaning.HELP


@pytest.mark.parametrize("body", [
    "", "??", "Can I come at 3?", "Please cancel my appointment", "When does it end?", "ok",
    "I quit smoking", "nonstop pain", "When do you start", "Can you help me", "\U0001f44d",
])  # fmt: skip
def test_these_are_nothing_we_know(body: str) -> None:
    """A wish about a visit is none about texts."""
    assert meaning(body) is Meaning.UNKNOWN


def test_the_carriers_keyword_counts_where_the_body_says_nothing() -> None:
    assert meaning("", "STOP") is Meaning.STOP
    assert meaning("EXAMPLE", "JOIN") is Meaning.UNKNOWN
    assert meaning("START", "STOP") is Meaning.START


@given(st.sampled_from(sorted(STOP_ALONE)), st.text(alphabet=" .!?\"'\n\t-", max_size=4))
def test_signs_around_a_word_change_nothing(word: str, signs: str) -> None:
    assert meaning(f"{signs}{word.lower()}{signs}") is Meaning.STOP


@given(st.text(max_size=200))
def test_whatever_comes_means_something(body: str) -> None:
    assert meaning(body) in Meaning
