"""What sort of report it is, what it is about, and what the law wants it to hold."""

import pytest
from tests.portal.card_versions import a_card
from tests.portal.converted import observations_of, report_of, results_of
from tests.portal.lab_messages import an_obx, an_oru

from portal import codings
from portal.cards import ReportKind

SECTION = "OBR|1|P1|F1|X1^Test^L|||20260301|||||||||||||||||{}|F"


@pytest.mark.parametrize(
    ("section", "codes"),
    [
        ("", ["LAB"]),
        ("LAB", ["LAB"]),
        ("mb", ["LAB", "MB"]),
        ("RAD^Radiology", ["RAD"]),
        ("SP", ["SP"]),
    ],
)
def test_the_category_is_obr_24_and_a_laboratorys_section_stands_beside_lab(
    section: str, codes: list[str]
) -> None:
    (category,) = report_of(an_oru(order=SECTION.format(section)))["category"]

    assert [each["code"] for each in category["coding"]] == codes
    assert {each["system"] for each in category["coding"]} == {codings.CATEGORY}


def test_a_section_that_the_table_does_not_know_is_kept_as_text() -> None:
    report = report_of(an_oru(order=SECTION.format("350^Special lab")))

    assert report["category"] == [{"text": "Special lab"}]


@pytest.mark.parametrize(
    ("section", "test", "kind"),
    [
        ("", "24323-8^CMP^LN", ReportKind.LABORATORY),
        ("MB", "X1^Gram stain^L", ReportKind.LABORATORY),
        ("MB", "X1^Throat culture^L", ReportKind.CULTURE),
        ("", "600-7^^LN", ReportKind.CULTURE),
        ("CT", "X1^Head^L", ReportKind.IMAGING),
        ("RAD", "X1^Culture of seeing^L", ReportKind.IMAGING),
        ("", "18748-4^Study^LN", ReportKind.IMAGING),
        ("SP", "X1^Biopsy^L", ReportKind.PATHOLOGY),
        ("", "11526-1^Study^LN", ReportKind.PATHOLOGY),
        ("EC", "X1^ECG^L", ReportKind.OTHER),
        ("350", "X1^Special^L", ReportKind.OTHER),
    ],
)
def test_a_card_knows_what_sort_of_report_it_is(section: str, test: str, kind: ReportKind) -> None:
    assert a_card(an_oru(order=SECTION.format(section).replace("X1^Test^L", test))).kind is kind


def test_the_observations_of_an_imaging_report_are_imaging() -> None:
    (found,) = observations_of(an_oru(order=SECTION.format("RAD")))

    assert found["category"][0]["coding"][0]["code"] == "imaging"


def test_the_specimen_has_its_source_site_times_and_condition() -> None:
    times = "20260301080000|20260301090000"
    condition = "RD^Dry^L|||HEM^Hemolyzed^HL70493~CLOT"
    spm = f"SPM|1|||BLD^Blood^HL70487||||ARM^Arm^L|||||||||{times}|||{condition}"
    raw = an_oru(spm, an_obx())
    (specimen,) = report_of(raw)["contained"]

    assert specimen["type"]["text"] == "Blood"
    assert specimen["collection"]["bodySite"]["text"] == "Arm"
    assert specimen["collection"]["collectedDateTime"].startswith("2026-03-01T08:00")
    assert specimen["receivedTime"].startswith("2026-03-01T09:00")
    assert report_of(raw)["specimen"] == [{"reference": "#specimen", "display": "Blood"}]
    card = a_card(raw)
    assert (card.specimen, card.specimen_condition) == ("Blood", "Hemolyzed, CLOT, Dry")


def test_before_version_2_5_the_specimen_is_obr_15() -> None:
    order = "OBR|1|P1|F1|GLU|||20260301||||||Fasting||WB&Whole blood^^^Left arm"
    report = report_of(an_oru(order=order))

    assert report["specimen"][0]["display"] == "Whole blood"
    assert report["contained"][0]["collection"]["bodySite"]["text"] == "Left arm"


def test_what_the_clinic_said_of_the_patient_stays_with_the_request() -> None:
    order = "OBR|1|P1|F1|GLU|||20260301||||||Septic shock"

    (request,) = [
        each
        for each in results_of(an_oru(order=order)).reports[0].resources
        if each["resourceType"] == "ServiceRequest"
    ]
    assert request["note"] == [{"text": "Septic shock"}]


def test_a_stored_report_holds_what_a_laboratory_must_report() -> None:
    """42 CFR 493.1291(c): patient, laboratory, date, test, specimen, result and its unit."""
    lab = an_obx() + "|" * 12 + "Good Lab|1 Main St^^Ann Arbor^MI^48103"
    raw = an_oru("SPM|1|||SER^Serum^HL70487||||||||||||||||||||HEM^Hemolyzed^HL70493", lab)
    report, (result,) = report_of(raw), observations_of(raw)

    assert report["subject"]["identifier"]["value"] == "1001"
    assert result["contained"][0]["name"] == "Good Lab"
    assert result["contained"][0]["address"][0]["city"] == "Ann Arbor"
    assert report["issued"].startswith("2026-03-01T11:00")
    assert report["code"]["text"] == "Comprehensive panel"
    assert report["specimen"][0]["display"] == "Serum"
    assert result["valueQuantity"]["unit"] == "mg/dL"
    assert report["contained"][0]["condition"][0]["text"] == "Hemolyzed"


def test_a_report_without_obr_22_is_dated_by_its_results_or_its_message() -> None:
    report = report_of(an_oru(order="OBR|1|P1|F1|GLU"))

    assert report["issued"] == "2026-03-01T17:00:00+00:00"
