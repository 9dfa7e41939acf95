"""The front page, and every address that is none."""

import json
from datetime import UTC, datetime

import pytest
from tests.builders import a_message, a_patient, released
from tests.visitors import a_browser, an_app, signed_in

from portal import audit

pytestmark = pytest.mark.usefixtures("portal")


def test_the_front_page_greets_by_name_and_shows_the_three_newest_results() -> None:
    patient = a_patient(given="Ana")
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3, 4)]
    made = [released(a_message(patient, signed_off=day)).report_ids[0] for day in days]

    page = signed_in(patient).get("/").text

    assert "Ana" in page
    assert all(f"/results/{each}" in page for each in made[1:])
    assert f"/results/{made[0]}" not in page


def test_the_app_gets_the_same_facts() -> None:
    patient = a_patient(given="Ana")
    report_id = released(a_message(patient)).report_ids[0]

    view = signed_in(patient, accept="application/json").get("/").json

    assert view["given_name"] == "Ana"
    assert [each["report_id"] for each in view["latest"]] == [report_id]


def test_opening_it_is_recorded() -> None:
    patient = a_patient()

    signed_in(patient).get("/")

    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.actor, row.outcome) == ("home.viewed", patient.patient_id, "done")


def test_a_session_of_a_patient_who_is_gone_opens_no_page() -> None:
    from portal.tables import ChartRow

    patient = a_patient()
    browser = signed_in(patient)
    ChartRow(patient.patient_id, "patient").delete()

    assert browser.get("/").status == 404


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    "path", ["/nowhere", "/results/x/y/z", "/.env", "/admin", "/%00", "/é", "/a" * 500]
)
def test_any_other_address_is_the_same_page(path: str, language: str) -> None:
    answer = a_browser(language=language).get(path)

    assert answer.status == 404
    assert f'lang="{language}"' in answer.text


def test_an_address_never_becomes_markup() -> None:
    page = a_browser().get("/<script>alert(1)</script>").text

    assert "<script" not in page


def test_the_app_gets_a_problem_it_can_read() -> None:
    answer = an_app().get("/nowhere")

    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json == {
        "type": "urn:problem:not-found",
        "title": "We could not find that page",
        "status": 404,
        "detail": answer.json["detail"],
        "instance": "urn:request:test-request",
    }


def test_openapi_is_served_to_anyone() -> None:
    answer = an_app().get("/openapi.json")

    assert answer.status == 200
    assert json.loads(answer.body)["openapi"].startswith("3.")
    assert "no-store" not in answer.headers["cache-control"]
