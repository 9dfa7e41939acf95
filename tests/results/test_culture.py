"""A culture through its route: what grew, and which medicines work, in one readable card."""

import pytest
from tests.builders import a_message, a_patient, released
from tests.client import Response
from tests.results.page_text import text_of
from tests.visitors import signed_in

from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")

GERM = "CWE|630-4^Urine culture^LN|1|^Escherichia coli|||A|||F"
COUNT = "ST|CC^Colony count^L|1|>100,000|cfu/mL|||||F"
CHILD = (
    "\rOBR|2||{filler}|29576-6^Susceptibility^LN|||20261101|||||||||||||||20261103110000||MB|F"
    "|630-4&Urine culture&LN^1^Escherichia coli|||^{parent}"
)
AMPICILLIN = "ST|AMP^Ampicillin [Susceptibility] by MIC^L||>=32|ug/mL||R|||F"
CEFAZOLIN = "ST|CFZ^Cefazolin Islt MIC^L||<=4|ug/mL||S|||F"


def a_culture(patient: Patient, *obx: str, filler: str = "CULT1", status: str = "F") -> str:
    """Released; returns its id. The first OBX ends in the child order."""
    found = obx or (GERM, COUNT + CHILD.format(filler=f"{filler}S", parent=filler), AMPICILLIN, CEFAZOLIN)  # fmt: skip # noqa: E501
    raw = a_message(patient, *found, filler=filler, obr4="630-4^URINE CULTURE^LN", status=status)
    ids = released(raw).report_ids
    assert len(ids) == 1
    return str(ids[0])


def page_of(patient: Patient, report_id: str, **facts: str) -> Response:
    return signed_in(patient, **facts).get(f"/results/{report_id}")


def test_the_card_says_what_grew_how_much_and_what_works_against_it() -> None:
    patient = a_patient()
    page = page_of(patient, a_culture(patient))

    text = text_of(page)
    assert "What grew Escherichia coli" in text
    assert "Colony count >100,000 cfu/mL" in text
    assert "Ampicillin Resistant (R) >=32 ug/mL" in text
    assert "Cefazolin Susceptible (S) <=4 ug/mL" in text
    assert "This medicine may not work against the germ" in text
    assert "Kind Culture" in text


def test_the_app_gets_the_medicines_below_their_germ() -> None:
    patient = a_patient()
    view = page_of(patient, a_culture(patient), accept="application/json").json

    (germ,) = view["readings"]
    assert (germ["role"], germ["value"]) == ("germ", "Escherichia coli")
    assert [(each["medicine"], each["rating"], each["value"]) for each in germ["members"]] == [
        ("Colony count", "", ">100,000"),
        ("Ampicillin", "R", ">=32"),
        ("Cefazolin", "S", "<=4"),
    ]


@pytest.mark.parametrize(
    ("status", "words"), [("P", "Nothing has grown so far."), ("F", "Nothing grew.")]
)
def test_no_growth_is_said_plainly(status: str, words: str) -> None:
    patient = a_patient()
    obx = f"ST|630-4^Urine culture^LN|1|No growth at 48 hours||||||{status}"

    text = text_of(page_of(patient, a_culture(patient, obx, status=status)))

    assert words in text
    assert "No growth at 48 hours" in text
    assert "What grew" not in text


def test_a_culture_is_read_in_spanish() -> None:
    patient = a_patient()
    text = text_of(page_of(patient, a_culture(patient), language="es"))

    assert "Escherichia coli" in text
    assert "Resistente" in text
    assert "What grew" not in text


def test_a_corrected_rating_says_what_it_was_before() -> None:
    patient = a_patient()
    a_culture(patient)
    child = CHILD.format(filler="CULT1S", parent="CULT1")
    report_id = a_culture(
        patient, GERM, COUNT + child, AMPICILLIN.replace("R|||F", "S|||C"), CEFAZOLIN, status="C"
    )

    text = text_of(page_of(patient, report_id))

    assert "Ampicillin Susceptible (S)" in text
    assert "Lab's flag Before: R Now: S" in text


def test_a_medicine_rated_in_words_is_not_said_twice() -> None:
    patient = a_patient()
    child = CHILD.format(filler="CULT1S", parent="CULT1")
    rated = "CWE|AMP^Ampicillin^L||^Susceptible||||||F"

    text = text_of(page_of(patient, a_culture(patient, GERM + child, rated)))

    assert "Ampicillin Susceptible (S)" in text
    assert text.count("Susceptible") == 2  # the rating, and what it means


def test_what_stands_below_a_germ_that_was_taken_back_is_still_shown() -> None:
    patient = a_patient()
    a_culture(patient)
    child = CHILD.format(filler="CULT1S", parent="CULT1")
    gone = GERM.removesuffix("F") + "D"
    report_id = a_culture(patient, gone, COUNT + child, AMPICILLIN, CEFAZOLIN)

    view = page_of(patient, report_id, accept="application/json").json

    assert [each["lab_name"].split()[0] for each in view["readings"]] == [
        "Colony",
        "Ampicillin",
        "Cefazolin",
    ]


def test_what_a_lab_calls_a_germ_never_becomes_markup() -> None:
    patient = a_patient()
    hostile = GERM.replace("Escherichia coli", '"><script>alert(1)</script>')

    page = page_of(patient, a_culture(patient, hostile))

    assert page.status == 200
    assert "<script>alert" not in page.text
