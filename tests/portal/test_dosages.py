from decimal import Decimal
from typing import Any

import pytest
from tests.portal.order_messages import ORC, RXE, an_rxe, prescribed

_MG = {"unit": "milligram"}


def dosages(*segments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = prescribed(*segments).elements["dosageInstruction"]
    return found


def timing(*segments: str) -> dict[str, Any]:
    (dosage,) = dosages(*segments)
    found: dict[str, Any] = dosage["timing"]
    return found


def test_the_words_of_the_prescriber_are_the_dosage() -> None:
    (dosage,) = dosages(ORC, an_rxe({7: "01^Take one twice a day~^With food"}), "TQ1|1||BID")

    assert dosage["text"] == "Take one twice a day\nWith food"
    assert dosage["patientInstruction"] == dosage["text"]
    assert dosage["timing"]["code"] == {"text": "BID"}
    assert dosage["timing"]["repeat"]["frequency"] == 2


def test_without_words_the_pattern_as_sent_is_the_text() -> None:
    (dosage,) = dosages(ORC, RXE, "TQ1|1||every other blue moon")

    assert dosage["text"] == "every other blue moon"
    assert dosage["timing"] == {"code": {"text": "every other blue moon"}}


def test_a_dose_is_a_quantity_in_words_a_patient_reads() -> None:
    (dosage,) = dosages(ORC, RXE)

    assert dosage["doseAndRate"] == [{"doseQuantity": {"value": Decimal(500)} | _MG}]


@pytest.mark.parametrize(
    ("least", "most", "dose"),
    [
        ("1", "2", {"low": {"value": Decimal(1)} | _MG, "high": {"value": Decimal(2)} | _MG}),
        ("0.5", "0.5", None),
        ("2", "1", None),
        ("1", "MG", None),
    ],
)
def test_only_a_larger_maximum_makes_a_range(least: str, most: str, dose: object) -> None:
    (dosage,) = dosages(ORC, an_rxe({3: least, 4: most}))
    (found,) = dosage["doseAndRate"]

    assert found.get("doseRange") == dose
    assert ("doseQuantity" in found) is (dose is None)


def test_a_unit_said_to_be_ucum_keeps_its_code() -> None:
    (dosage,) = dosages(ORC, an_rxe({5: "mg^milligram^UCUM"}))

    assert dosage["doseAndRate"][0]["doseQuantity"]["system"] == "http://unitsofmeasure.org"
    assert dosage["doseAndRate"][0]["doseQuantity"]["code"] == "mg"


def test_a_dose_in_words_is_no_dose() -> None:
    assert "dosageInstruction" not in prescribed(ORC, an_rxe({3: "one or two"})).elements


def test_the_amount_of_each_time_stands_in_for_the_dose() -> None:
    (dosage,) = dosages(ORC, an_rxe({3: ""}), "TQ1|1|2^TAB&tablet|BID")

    assert dosage["doseAndRate"] == [{"doseQuantity": {"value": Decimal(2), "unit": "tablet"}}]
    assert "doseAndRate" not in dosages(ORC, an_rxe({3: ""}), "TQ1|1|1|BID")[0]


def test_rate_route_site_and_method_are_told() -> None:
    (dosage,) = dosages(
        ORC, an_rxe({23: "250", 24: "mL/h"}), "RXR|IV^Intravenous^HL70162|LA^Left arm||IVP^Push"
    )

    assert dosage["doseAndRate"][0]["rateQuantity"] == {"value": Decimal(250), "unit": "mL/h"}
    assert dosage["route"]["coding"][0]["code"] == "IV"
    assert dosage["site"]["text"] == "Left arm"
    assert dosage["method"]["text"] == "Push"


def test_a_choice_of_routes_is_told_as_one() -> None:
    (dosage,) = dosages(ORC, RXE, "RXR|PO^Oral", "RXR|SL^Sublingual")

    assert dosage["route"]["text"] == "Oral"
    assert dosage["additionalInstruction"] == [{"text": "Sublingual"}]


def test_the_total_daily_dose_is_the_most_in_a_day() -> None:
    (dosage,) = dosages(ORC, an_rxe({19: "3^TAB&tablet"}))

    assert dosage["maxDosePerPeriod"]["numerator"] == {"value": Decimal(3), "unit": "tablet"}
    assert dosage["maxDosePerPeriod"]["denominator"]["code"] == "d"


@pytest.mark.parametrize("sent", ["TQ1|1||Q6H PRN", "TQ1|1||Q6H||||||PRN"])
def test_as_needed_is_told_beside_how_often(sent: str) -> None:
    (dosage,) = dosages(ORC, RXE, sent)

    assert dosage["asNeededBoolean"] is True
    assert dosage["timing"]["repeat"]["period"] == 6


def test_several_schedules_are_several_dosages_in_their_order() -> None:
    first, second = dosages(ORC, RXE, "TQ1|1||BID|||5^d|20260301", "TQ1|2||QD|||5^d|20260306")

    assert (first["sequence"], second["sequence"]) == (1, 2)
    assert first["timing"]["repeat"]["boundsPeriod"]["start"] == "2026-03-01"


def test_several_patterns_of_one_schedule_stay_words() -> None:
    found = timing(ORC, RXE, "TQ1|1||X1&after meals&99~X2&on Mondays&99")

    assert found == {"code": {"text": "after meals\non Mondays"}}


def test_a_pattern_sent_as_a_cwe_is_told_in_its_words() -> None:
    found = timing(ORC, RXE, "TQ1|1||Q12H^Every 12 hours^HL70335")

    assert found["code"] == {"text": "Every 12 hours"}
    assert found["repeat"] == {"frequency": 1, "period": 12, "periodUnit": "h"}


def test_a_period_and_an_event_without_a_code_are_read() -> None:
    found = timing(ORC, RXE, "TQ1|1||^^^^2^D^^AC^30^min")

    assert found["repeat"] == {
        "frequency": 1,
        "period": 2,
        "periodUnit": "d",
        "when": ["AC"],
        "offset": 30,
    }


def test_times_of_day_are_told_but_not_beside_a_meal() -> None:
    assert timing(ORC, RXE, "TQ1|1||BID|0800~2000")["repeat"]["timeOfDay"] == [
        "08:00:00",
        "20:00:00",
    ]
    assert "timeOfDay" not in timing(ORC, RXE, "TQ1|1||ACM|0800")["repeat"]


@pytest.mark.parametrize(
    ("duration", "start", "end", "bounds"),
    [
        ("", "20260301", "20260310", {"start": "2026-03-01", "end": "2026-03-10"}),
        ("3^d", "20260325", "", {"start": "2026-03-25", "end": "2026-03-27"}),
        ("2^W", "20260301", "", {"start": "2026-03-01", "end": "2026-03-14"}),
        (
            "36^H",
            "202603010800-0500",
            "",
            {"start": "2026-03-01T08:00:00-05:00", "end": "2026-03-02T20:00:00-05:00"},
        ),
        ("", "20260301", "", {"start": "2026-03-01"}),
        ("", "20260310", "20260301", {"start": "2026-03-10"}),
        ("", "202603101800-0500", "202603101800-0400", {"start": "2026-03-10T18:00:00-05:00"}),
    ],
)
def test_a_period_is_what_was_said_of_start_end_and_duration(
    duration: str, start: str, end: str, bounds: dict[str, str]
) -> None:
    found = timing(ORC, RXE, f"TQ1|1||BID|||{duration}|{start}|{end}")

    assert found["repeat"]["boundsPeriod"] == bounds


@pytest.mark.parametrize(
    ("sent", "start"), [("10^d", ""), ("3^L", "20260301"), ("12^H", "20260301")]
)
def test_a_duration_that_cannot_be_added_is_told_as_such(sent: str, start: str) -> None:
    repeat = timing(ORC, RXE, f"TQ1|1||BID|||{sent}|{start}")["repeat"]

    assert repeat["boundsDuration"]["system"] == "http://unitsofmeasure.org"
    assert "boundsPeriod" not in repeat


def test_a_duration_of_any_size_breaks_nothing() -> None:
    assert "boundsDuration" in timing(ORC, RXE, "TQ1|1||BID|||999999999999^d|20260301")["repeat"]
    assert timing(ORC, RXE, "TQ1|1||BID|||0^d")["repeat"].keys() == {
        "frequency",
        "period",
        "periodUnit",
    }


@pytest.mark.parametrize("place", ["orc", "rxe"])
def test_the_older_timing_is_read_in_either_place(place: str) -> None:
    old = "10^TID&0800,1400,2000^D4^202603010800-0500^^S^for pain^take slowly"
    orc = "ORC|NW|P1^EHR|||||" + (old if place == "orc" else "")
    entry = prescribed(orc, an_rxe({1: old if place == "rxe" else "^^^20260301"}))
    (dosage,) = entry.elements["dosageInstruction"]

    assert dosage["timing"]["repeat"]["frequency"] == 3
    assert dosage["timing"]["repeat"]["timeOfDay"] == ["08:00:00", "14:00:00", "20:00:00"]
    assert dosage["timing"]["repeat"]["boundsPeriod"]["end"] == "2026-03-05T08:00:00-05:00"
    assert dosage["text"] == "for pain\ntake slowly\nTID"
    assert entry.elements["priority"] == "stat"


def test_a_number_of_times_is_a_count() -> None:
    assert timing("ORC|NW|P1^EHR|||||^BID^X5", RXE)["repeat"]["count"] == 5
    assert timing(ORC, RXE, "TQ1|1||BID|||||||||||7")["repeat"]["count"] == 7


def test_what_the_pharmacy_encoded_comes_before_what_was_ordered() -> None:
    rxo = "RXO|1^generic^99|250||mg"
    (dosage,) = dosages(ORC, "TQ1|1||QD", rxo, "RXR|PO", RXE, "TQ1|1||BID", "RXR|PR^Rectal")

    assert dosage["text"] == "BID"
    assert dosage["route"]["text"] == "Rectal"
    assert dosage["doseAndRate"][0]["doseQuantity"]["value"] == 500


def test_what_only_the_order_says_still_counts() -> None:
    (dosage,) = dosages(ORC, "TQ1|1||QD", "RXO|1^generic^99|250||mg", an_rxe({3: ""}), "RXR|PO")

    assert dosage["text"] == "QD"
    assert dosage["doseAndRate"][0]["doseQuantity"] == {"value": Decimal(250), "unit": "mg"}


def test_the_source_is_the_field_that_said_it_best() -> None:
    told = prescribed(ORC, an_rxe({7: "^Take it"}), "TQ1|1||BID")
    timed = prescribed(ORC, RXE, "TQ1|1||BID")

    assert told.sources["dosageInstruction"] == "RXE[1]-7"
    assert timed.sources["dosageInstruction"] == "TQ1[1]-3"


def test_a_deleted_instruction_leaves_the_rest_of_the_dosage() -> None:
    entry = prescribed(ORC, an_rxe({7: '""'}), "TQ1|1||BID")

    assert entry.elements["dosageInstruction"][0]["text"] == "BID"
    assert "dosageInstruction" not in entry.cleared
