"""A result the lab changed: what changed, when and why, with the earlier version beside it."""

from datetime import UTC, datetime

import pytest
from tests import stores
from tests.builders import a_message, a_patient, released
from tests.client import Response
from tests.results.page_text import text_of
from tests.visitors import signed_in

from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

FIRST = "NM|2823-3^POTASSIUM^LN||905.25|mmol/L|3.5-5.1|H|||F"


def a_correction(
    patient: Patient, *versions: str, status: str = "C", filler: str = "SAME1"
) -> Response:
    """The page of the last one; the others were released before it, a day apart."""
    for day, obx in enumerate(versions, start=1):
        said = status if day == len(versions) else "F"
        at = datetime(2026, 11, day, 14, tzinfo=UTC)
        raw = a_message(patient, obx, filler=filler, status=said, signed_off=at)
        report_id = released(raw).report_ids[0]
    return signed_in(patient).get(f"/results/{report_id}")


def test_the_page_says_what_it_was_before_and_what_it_is_now() -> None:
    page = a_correction(a_patient(), FIRST, "NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|N|||C")

    text = text_of(page)
    assert "The lab changed this report on November 2, 2026." in text
    assert "Value Before: 905.25 mmol/L Now: 4.1 mmol/L" in text
    assert "Lab's flag Before: H Now: N" in text
    assert "<del" in page.text


def test_a_unit_and_a_range_that_changed_are_said_to_have_changed() -> None:
    changed = "NM|2823-3^POTASSIUM^LN||905.25|mg/L|136-200|H|||C"
    text = text_of(a_correction(a_patient(), FIRST, changed))

    assert "Unit Before: mmol/L Now: mg/L" in text
    assert "Lab's range Before: 3.5-5.1 Now: 136-200" in text
    assert "Lab's flag Before" not in text


def test_why_is_told_in_the_labs_words_or_said_to_be_unknown() -> None:
    corrected = "NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|N|||C"
    told = text_of(a_correction(a_patient(), FIRST, f"{corrected}\rNTE|1|L|Hemolyzed, repeated"))
    untold = text_of(a_correction(a_patient(), FIRST, corrected))

    assert "Why, in the lab's words: Hemolyzed, repeated" in told
    assert told.count("Hemolyzed, repeated") == 1
    assert "The lab did not say why." in untold
    assert "The lab did not say why." not in told


def test_a_final_value_that_differs_from_the_early_one_says_so() -> None:
    early = FIRST.removesuffix("F") + "P"
    final = "NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|N|||F"
    text = text_of(a_correction(a_patient(), early, final, status="F"))

    assert "The lab changed the early result." in text
    assert "Before: 905.25 mmol/L" in text


def test_each_earlier_version_is_kept() -> None:
    versions = [FIRST, *(f"NM|2823-3^POTASSIUM^LN||4.{n}|mmol/L|3.5-5.1|N|||C" for n in (1, 2))]
    patient = a_patient()
    page = a_correction(patient, *versions)

    assert "What the lab said before, 2 times" in text_of(page)
    assert page.text.index("4.1 mmol/L</del></div>") < page.text.index("905.25 mmol/L</del></div>")


def test_the_app_gets_the_earlier_version_with_the_changes() -> None:
    patient = a_patient()
    a_correction(patient, FIRST, "NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|H|||C")
    app = signed_in(patient, accept="application/json")

    (line,) = app.get("/results").json["results"]
    (reading,) = app.get(f"/results/{line['report_id']}").json["readings"]

    assert reading["changes"] == [
        {"label": "Value", "before": "905.25 mmol/L", "now": "4.1 mmol/L"}
    ]
    assert reading["changed_at"].startswith("2026-11-02")
    assert [each["value"] for each in reading["versions"]] == ["905.25"]


def test_a_patient_is_told_again_of_a_correction_and_not_of_a_repetition() -> None:
    patient = a_patient()
    corrected = "NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|N|||C"

    a_correction(patient, FIRST, corrected, corrected)

    assert len(stores.sent_to(patient.email)) == 2


def test_a_changed_narrative_keeps_its_earlier_text() -> None:
    lines = ("TX|R^Report^L||Clear lungs.\rOBX|2|TX|R^Report^L||No fracture.", "TX|R^Report^L||A nodule.\rOBX|2|TX|R^Report^L||No fracture.")  # fmt: skip # noqa: E501
    page = a_correction(a_patient(), *lines)

    assert "What the lab said before" in text_of(page)
    assert "<del>Clear lungs.\nNo fracture.</del>" in page.text
    assert "A nodule.\nNo fracture.</div>" in page.text


def test_an_earlier_version_is_no_earlier_value() -> None:
    patient = a_patient()
    a_correction(patient, FIRST, "NM|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|N|||C")
    other = "NM|2823-3^POTASSIUM^LN||4.4|mmol/L|3.5-5.1|N|||F|||20261105080000-0500"
    (report_id,) = released(a_message(patient, other, filler="OTHER1")).report_ids

    answer = signed_in(patient, accept="application/json").get(f"/results/{report_id}")

    assert [each["value"] for each in answer.json["readings"][0]["earlier"]] == ["4.1"]
    assert "905.25" not in answer.text


@pytest.mark.parametrize("language", ["en", "es"])
def test_hostile_text_of_an_earlier_version_stays_text(language: str) -> None:
    patient = a_patient()
    hostile = FIRST.replace("905.25", "<script>alert(1)</script>").replace("NM|", "ST|")
    corrected = "ST|2823-3^POTASSIUM^LN||4.1|mmol/L|3.5-5.1|N|||C"
    a_correction(patient, hostile, corrected)
    browser = signed_in(patient, language=language)
    address = browser.get("/results").text.partition('href="/results/')[2][:32]

    page = browser.get(f"/results/{address}")

    assert page.status == 200
    assert "<script>alert" not in page.text
