"""Search over the record that is open."""

from typing import Any

import pytest
from tests.builders import a_link_session, a_message, a_patient, released
from tests.client import Client
from tests.granting import a_grant, acting_for
from tests.visitors import a_browser, an_app, signed_in

from portal import audit, keys, published
from portal.patients import Patient
from portal.searching import folded, terms_of
from portal.tables import ChartRow

pytestmark = pytest.mark.usefixtures("portal")

GLUCOSE = "NM|2345-7^Glucose SerPl-mCnc^LN||98|mg/dL|70-99|N|||F|||20261101080000-0500"
FERRITIN = "NM|2276-4^Ferritin^LN||98|ng/mL|30-400|N|||F|||20261101080000-0500"
ODD = "NM|XQ7^Größe des Éxtràs^L||1|mm|||||F|||20261101080000-0500"


def found(browser: Client, words: str) -> list[str]:
    view = browser.send(
        "POST", "/search", f'{{"q": "{words}"}}'.encode(), {"content-type": "application/json"}
    ).json
    return [each["report_id"] for each in view["found"]]


def a_record() -> tuple[Patient, dict[str, str]]:
    patient = a_patient()
    made = {
        "sugar": released(a_message(patient, GLUCOSE)).report_ids[0],
        "iron": released(a_message(patient, FERRITIN, obr4="FERR^Iron stores^L")).report_ids[0],
        "odd": released(a_message(patient, ODD, obr4="ODD^Mystery panel^L")).report_ids[0],
    }
    return patient, made


def app_of(patient: Patient, **facts: Any) -> Client:
    return signed_in(patient, accept="application/json", **facts)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("glucose", {"sugar"}),
        ("GLUCOSE", {"sugar"}),
        ("blood sugar", {"sugar"}),
        ("sugar blood", {"sugar"}),
        ("2345-7", {"sugar"}),
        ("serpl-mcnc", {"sugar"}),
        ("comprehensive metabolic", {"sugar"}),
        ("ferritin", {"iron"}),
        ("iron stores", {"iron"}),
        ("grosse extras", {"odd"}),
        ("größe ÉXTRAS", {"odd"}),
        ("mystery", {"odd"}),
        ("glucose ferritin", set()),
        ("unicorn", set()),
    ],
)
def test_results_are_found_by_everyday_and_medical_words(words: str, expected: set[str]) -> None:
    patient, made = a_record()

    assert set(found(app_of(patient), words)) == {made[each] for each in expected}


@pytest.mark.parametrize("words", ["azúcar", "azucar", "AZÚCAR en la sangre", "blood sugar"])
def test_the_readers_language_and_english_both_find(words: str) -> None:
    patient, made = a_record()

    assert found(app_of(patient, language="es"), words) == [made["sugar"]]


def test_a_page_lists_what_was_found_and_says_when_there_is_nothing() -> None:
    patient, made = a_record()
    browser = signed_in(patient)

    page = browser.post("/search", q="glucose").text

    assert f"/results/{made['sugar']}" in page
    assert "1 result found" in page
    assert 'value="glucose"' in page
    assert "Nothing found" in browser.post("/search", q="unicorn").text


def test_another_record_is_never_searched() -> None:
    a_record()

    assert found(app_of(a_patient()), "glucose") == []


def test_what_is_hidden_is_found_no_more_than_what_is_missing() -> None:
    patient, holder = a_patient(), a_patient()
    browser = acting_for(a_grant(patient, holder), holder)
    before = browser.post("/search", q="chlamydia").body
    obx = "ST|21613-5^Chlamydia trachomatis DNA^LN||Not detected||||||F|||20261101080000-0500"
    report_id = released(a_message(patient, obx, obr4="21613-5^Chlamydia DNA^LN")).report_ids[0]

    assert browser.post("/search", q="chlamydia").body == before
    assert found(app_of(patient), "chlamydia") == [report_id]


def test_that_it_was_searched_is_recorded_without_the_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    patient, _ = a_record()
    capsys.readouterr()

    signed_in(patient).post("/search", q="zebrafish")

    row = audit.of_patient(patient.patient_id)[-1]
    assert row.event == "search.searched"
    assert "zebrafish" not in str(row.to_simple_dict())
    assert "zebrafish" not in "".join(capsys.readouterr())


def test_words_in_an_address_are_not_looked_at() -> None:
    patient, made = a_record()

    page = signed_in(patient).get("/search?q=glucose").text

    assert made["sugar"] not in page
    assert "glucose" not in page.split("<form", 3)[-1].replace("or glucose", "")


@pytest.mark.parametrize("words", ["", "   ", "?!", "x" * 101])
def test_nothing_to_look_for_comes_back_with_advice(words: str) -> None:
    answer = signed_in(a_patient()).post("/search", q=words)

    assert answer.status == 400
    assert 'id="q-error"' in answer.text


def test_search_needs_the_same_as_results() -> None:
    patient, holder = a_patient(), a_patient()
    link = a_browser(cookies={"session": a_link_session(patient)})
    narrow = acting_for(a_grant(patient, holder, categories=frozenset()), holder)

    assert link.post("/search", q="a").status == 403
    assert narrow.post("/search", q="a").status == 403
    assert an_app().post("/search", q="a").status == 401


def test_what_was_listed_before_tests_were_kept_in_lists_is_found_too() -> None:
    patient = a_patient()
    report_id = released(a_message(patient, FERRITIN, obr4="P1^A panel^L")).report_ids[0]
    row = ChartRow.get(patient.patient_id, f"card#{report_id}")
    (summary, _), *_ = published.listed(patient.patient_id, 1, "")[0]
    old = summary.model_dump(mode="json", exclude={"tests"})
    sealed = keys.seal(patient.patient_id, f"{row.sk}#summary", old)
    row.update([ChartRow.summary.set(sealed)])

    assert found(app_of(patient), "ferritin") == [report_id]


def test_there_are_more_than_a_page_shows() -> None:
    patient = a_patient()
    for _ in range(22):
        released(a_message(patient, GLUCOSE))

    view = (
        app_of(patient)
        .send("POST", "/search", b'{"q": "glucose"}', {"content-type": "application/json"})
        .json
    )

    assert (len(view["found"]), view["has_more"]) == (20, True)


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("Blood  Sugar", ["blood", "sugar"]),
        ("2345-7, glucose", ["2345-7", "glucose"]),
        ("đường huyết", ["duong", "huyet"]),
        ("血糖", ["血糖"]),
        ("---", []),
        ("a a", ["a"]),
    ],
)
def test_terms(typed: str, terms: list[str]) -> None:
    assert terms_of(typed) == terms


def test_folding_leaves_no_accent_and_no_case() -> None:
    assert folded("ÀÉÎõü Ñ ß") == "aeiou n ss"
