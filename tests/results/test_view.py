"""One result, through its route: what the lab sent, in words a patient understands."""

import json
from datetime import UTC, datetime

import pytest
from tests.builders import OBX, a_message, a_patient, released
from tests.client import Response
from tests.html_tree import Tree
from tests.visitors import signed_in

from portal import audit, earlier_values, published
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}'


def a_result(patient: Patient, *obx: str, **facts: str) -> str:
    """Released; returns its id."""
    found: str = released(a_message(patient, *obx, **facts)).report_ids[0]  # type: ignore[arg-type]
    return found


def shown(patient: Patient, report_id: str, **facts: str) -> Response:
    return signed_in(patient, **facts).get(f"/results/{report_id}")


def text_of(page: Response) -> str:
    return " ".join(Tree(page.text).root.text().split())


def test_a_card_shows_exactly_what_the_lab_sent() -> None:
    patient = a_patient()
    obx = "NM|2345-7^GLUCOSE, PLASMA^LN||105.0|mg/dL|70-99|H|||F"

    page = shown(patient, a_result(patient, obx)).text

    for text in ("105.0", "mg/dL", "70-99", "GLUCOSE, PLASMA"):
        assert text in page


def test_the_app_gets_the_same_facts_as_the_page() -> None:
    patient = a_patient()
    report_id = a_result(patient, "NM|2345-7^GLUCOSE, PLASMA^LN||105.0|mg/dL|70-99|H|||F")

    view = shown(patient, report_id, accept="application/json").json

    (reading,) = view["readings"]
    sent = [reading[name] for name in ("lab_name", "value", "unit", "reference_range", "flag")]
    assert sent == ["GLUCOSE, PLASMA", "105.0", "mg/dL", "70-99", "H"]
    assert view["outside"] == 1
    assert view["card"]["ordered_by"].endswith("Raman")


def test_a_known_test_is_explained_in_the_readers_language() -> None:
    patient = a_patient()
    report_id = a_result(patient, "NM|2345-7^GLUCOSE^LN||105|mg/dL|70-99|H|||F")

    english, spanish = (shown(patient, report_id, language=code) for code in ("en", "es"))

    assert "sugar" in text_of(english).lower()
    assert "azúcar" in text_of(spanish).lower()
    assert 'lang="es"' in spanish.text
    for page in (english.text, spanish.text):
        assert "105" in page
        assert "70-99" in page


def test_an_unknown_test_gets_an_honest_card_without_an_explanation() -> None:
    patient = a_patient()
    report_id = a_result(patient, "NM|ZZ-1^Zonulin pool^L||7|u/L|1-9||||F", obr4="ZZ^Zonulin^L")

    (reading,) = shown(patient, report_id, accept="application/json").json["readings"]
    page = text_of(shown(patient, report_id))

    assert (reading["everyday_name"], reading["about"], reading["meaning"]) == ("", "", "")
    assert "Zonulin pool" in page


@pytest.mark.parametrize(
    ("status", "words"), [("P", "Early result"), ("F", "Final"), ("C", "Corrected")]
)
def test_the_status_is_said_in_words(status: str, words: str) -> None:
    patient = a_patient()
    obx = OBX.replace("|||F|||", f"|||{status}|||")

    page = text_of(shown(patient, a_result(patient, obx, status=status)))

    assert words in page


def test_earlier_values_come_newest_first_without_later_ones() -> None:
    patient = a_patient()
    ids = [a_glucose(patient, str(90 + day), day) for day in range(1, 5)]

    (reading,) = shown(patient, ids[2], accept="application/json").json["readings"]

    assert [each["value"] for each in reading["earlier"]] == ["92", "91"]
    assert reading["trend"].startswith("<svg")


def a_glucose(patient: Patient, value: str, day: int, unit: str = "mg/dL") -> str:
    at = f"202611{day:02}080000-0500"
    signed = datetime(2026, 11, day, 14, tzinfo=UTC)
    obx = f"NM|2345-7^Glucose^LN||{value}|{unit}|70-99|N|||F|||{at}"
    found: str = released(a_message(patient, obx, signed_off=signed)).report_ids[0]
    return found


def test_earlier_values_of_another_patient_are_never_shown() -> None:
    one, other = a_patient(), a_patient()
    a_glucose(other, "444.125", 1)
    report_id = a_glucose(one, "95", 2)

    answer = shown(one, report_id, accept="application/json")

    assert answer.json["readings"][0]["earlier"] == []
    assert "444.125" not in answer.text


def test_an_earlier_value_is_what_its_report_says_now_whatever_an_older_row_says() -> None:
    patient = a_patient()
    first = a_glucose(patient, "91", 1)
    report_id = a_glucose(patient, "95", 2)
    card = published.find(patient.patient_id, first)
    assert card is not None
    old = card.card.readings[0].model_copy(update={"value": "905.25"})
    earlier_values.keep(patient.patient_id, card.card.model_copy(update={"readings": (old,)}))

    (reading,) = shown(patient, report_id, accept="application/json").json["readings"]

    assert [each["value"] for each in reading["earlier"]] == ["91"]


def test_a_value_in_another_unit_is_shown_but_not_drawn_into_the_line() -> None:
    patient = a_patient()
    a_glucose(patient, "5.1", 1, unit="mmol/L")
    report_id = a_glucose(patient, "95", 2)

    (reading,) = shown(patient, report_id, accept="application/json").json["readings"]

    assert [(each["value"], each["same_unit"]) for each in reading["earlier"]] == [("5.1", False)]
    assert reading["trend"] == ""


def test_a_narrative_is_readable_text() -> None:
    patient = a_patient()
    lines = [
        f"TX|18748-4^Report^LN|{n}|{text}||||||F"
        for n, text in enumerate(["The lungs are clear.", "No fracture is seen."], start=1)
    ]

    page = text_of(shown(patient, a_result(patient, *lines)))

    assert "The lungs are clear." in page
    assert "No fracture is seen." in page


@pytest.mark.parametrize("value", ["<5", "Positive", "1:64", "see note", "5.40", "0x1F", "1e999"])
def test_a_value_is_shown_as_sent_whether_or_not_it_is_a_number(value: str) -> None:
    patient = a_patient()

    answer = shown(
        patient, a_result(patient, f"ST|2345-7^Glucose^LN||{value}|mg/dL|70-99||||F"),
        accept="application/json",
    )  # fmt: skip

    assert answer.json["readings"][0]["value"] == value


@pytest.mark.parametrize("field", ["name", "value", "unit", "range", "flag", "title", "note"])
def test_what_a_lab_sends_never_becomes_markup(field: str) -> None:
    patient = a_patient()
    safe = {"name": "Glucose", "value": "98", "unit": "mg/dL", "range": "70-99", "flag": "N"}
    sent = safe | {field: HOSTILE.replace("&", "")}
    obx = (
        f"ST|2345-7^{sent['name']}^LN||{sent['value']}|{sent['unit']}|{sent['range']}"
        f"|{sent['flag']}|||F"
    )
    if field == "note":
        obx += f"\rNTE|1|L|{HOSTILE}"
    title = f"X1^{HOSTILE}^L" if field == "title" else "24323-8^CMP^LN"
    report_id = a_result(patient, obx, obr4=title)

    pages = [shown(patient, report_id), signed_in(patient).get("/results")]

    for page in pages:
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text


def test_a_patients_own_name_never_becomes_markup() -> None:
    page = signed_in(a_patient(given="<script>alert(1)</script>")).get("/").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_a_view_is_recorded_with_who_for_whom_what_why_and_outcome() -> None:
    patient = a_patient()
    report_id = a_result(patient)

    shown(patient, report_id)

    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.outcome, row.about) == ("results.viewed", "done", report_id)
    assert row.actor == row.acting_for == patient.patient_id
    assert (row.why, row.request_id) == ("patient-request", "test-request")
    assert row.source


def without_addresses(answer: Response, report_id: str) -> tuple[int, dict[str, str], str]:
    return answer.status, answer.headers, answer.text.replace(report_id, "*")


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_another_patients_result_looks_exactly_like_one_that_does_not_exist(accept: str) -> None:
    mine, theirs = a_patient(), a_patient()
    hidden, missing = a_result(theirs), "0" * 32
    browser = signed_in(mine, accept=accept)

    answers = [without_addresses(browser.get(f"/results/{x}"), x) for x in (hidden, missing)]

    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_a_refused_view_is_recorded_for_the_one_who_tried() -> None:
    mine, theirs = a_patient(), a_patient()
    hidden = a_result(theirs)
    before = len(audit.of_patient(theirs.patient_id))

    shown(mine, hidden)

    row = audit.of_patient(mine.patient_id)[-1]
    assert (row.event, row.outcome, row.about) == ("results.viewed", "refused", hidden)
    assert len(audit.of_patient(theirs.patient_id)) == before


@pytest.mark.parametrize(
    "odd",
    [
        "0" * 31, "0" * 33, "G" * 32, "A" * 32, "..", "%2e%2e", "0" * 32 + "\n", "é" * 32,
        "card#x", "' or 1=1", "\x00" * 32, "0" * 4000,
    ],
)  # fmt: skip
def test_an_odd_id_is_a_page_that_does_not_exist(odd: str) -> None:
    assert shown(a_patient(), odd).status == 404


def test_a_query_cannot_rename_the_record_asked_for() -> None:
    patient, other = a_patient(), a_patient()
    report_id = a_result(patient)
    asked = f"/results/{report_id}?report_id={'0' * 32}&patient_id={other.patient_id}"

    assert signed_in(patient).get(asked).status == 200


def test_no_page_of_a_result_is_kept_or_shown_by_others() -> None:
    patient = a_patient()

    headers = shown(patient, a_result(patient)).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    assert "cookie" in headers["vary"].lower()
    assert "accept" in headers["vary"].lower()


def test_the_browsers_history_does_not_name_the_test() -> None:
    patient = a_patient()
    page = Tree(shown(patient, a_result(patient)).text).root

    (title,) = [each.text() for each in page.all("title") if not each.within("svg")]

    assert "CMP" not in title
    assert "Glucose" not in title


def test_json_of_a_card_names_no_other_patient() -> None:
    one, other = a_patient(), a_patient()
    a_result(other)

    told = json.dumps(shown(one, a_result(one), accept="application/json").json)

    assert other.patient_id not in told
    assert other.email not in told
