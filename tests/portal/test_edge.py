"""What only an edge before the API may say of a visitor (ASVS V4.1.3)."""

from typing import Any

import pytest

from portal import requests
from portal.access import Visitor
from portal.secrets_kept import hashed
from portal.settings import settings

WORD, NEXT_WORD = "w" * 43, "n" * 43
TOLD = {
    "CloudFront-Viewer-Country": "US",
    "CloudFront-Viewer-Latitude": "40.7",
    "CloudFront-Viewer-Longitude": "-74.0",
}


@pytest.fixture
def digests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """EDGE_DIGESTS as the template gives it."""
    monkeypatch.setenv("EDGE_DIGESTS", request.param)
    settings.cache_clear()
    yield
    monkeypatch.undo()
    settings.cache_clear()


def visitor(**headers: str) -> Visitor:
    sent = TOLD | {name.replace("_", "-"): value for name, value in headers.items()}
    context = {"httpMethod": "GET", "identity": {"sourceIp": "192.0.2.9"}}
    event: dict[str, Any] = {"path": "/sign-in", "headers": sent, "requestContext": context}
    return requests.request_of(event).visitor


@pytest.mark.parametrize("digests", [""], indirect=True)
@pytest.mark.parametrize("word", [{}, {"X_Edge_Token": ""}, {"X_Edge_Token": WORD}])
@pytest.mark.usefixtures("digests")
def test_without_an_edge_a_visitor_cannot_say_which_country_they_are_in(
    word: dict[str, str],
) -> None:
    found = visitor(**word)

    assert (found.country, found.place) == ("", "")


@pytest.mark.parametrize("digests", [hashed(WORD)], indirect=True)
@pytest.mark.parametrize(
    "word", [{}, {"X_Edge_Token": ""}, {"X_Edge_Token": NEXT_WORD}, {"X_Edge_Token": hashed(WORD)}]
)
@pytest.mark.usefixtures("digests")
def test_who_does_not_know_the_edges_word_cannot_either(word: dict[str, str]) -> None:
    found = visitor(**word)

    assert (found.country, found.place) == ("", "")


@pytest.mark.parametrize("digests", [hashed(WORD)], indirect=True)
@pytest.mark.usefixtures("digests")
def test_the_edge_is_believed() -> None:
    found = visitor(X_Edge_Token=WORD)

    assert (found.country, found.place) == ("US", "40.7,-74.0")


@pytest.mark.parametrize("digests", [f"{hashed(WORD)},{hashed(NEXT_WORD)}"], indirect=True)
@pytest.mark.parametrize("word", [WORD, NEXT_WORD])
@pytest.mark.usefixtures("digests")
def test_while_the_word_changes_both_count(word: str) -> None:
    assert visitor(X_Edge_Token=word).country == "US"
