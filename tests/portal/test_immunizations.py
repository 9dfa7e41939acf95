from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.portal.converter_checks import check, completed, converted

from portal import hl7, immunizations
from portal.entries import Entry, reference

ORC = "ORC|RE||%s"
RXA = "08^Hep B, adolescent or pediatric^CVX"
OBX = "OBX|1|%s|%s^^LN|%s|%s||||||%s|||20270301"


def a_vxu(*segments: str) -> bytes:
    header = r"MSH|^~\&|EHR|CLINIC|PORTAL|CLINIC|20270301120000||VXU^V04|M1|P|2.5.1"
    return "\r".join([header, "PID|1||1001^^^CLINIC^MR||Rivera^Ana", *segments]).encode()


def an_rxa(fields: dict[int, str] | None = None) -> str:
    said = {1: "0", 2: "1", 3: "20270301", 5: RXA, 6: "999", 20: "CP", 21: "A"} | (fields or {})
    return "|".join(["RXA", *(said.get(n, "") for n in range(1, 28))])


def vaccinations(*segments: str) -> list[Entry]:
    raw = a_vxu(*segments)
    found = converted(raw, immunizations.entries)
    for entry in found:
        check(entry, hl7.read(raw), immunizations.REQUIRED)
    return found


def said(
    fields: dict[int, str] | None = None, *segments: str, orc: str = "ORC|RE||N1^EHR"
) -> dict[str, Any]:
    (entry,) = vaccinations(orc, an_rxa(fields), *segments)
    return entry.elements


def obx(code: str, value: str, *, sub_id: str = "", kind: str = "CE", status: str = "F") -> str:
    return OBX % (kind, code, sub_id, value, status)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({20: "CP"}, "completed"),
        ({20: "PA"}, "completed"),
        ({20: "RE"}, "not-done"),
        ({20: "NA"}, "not-done"),
        ({20: ""}, "completed"),
        ({20: "", 18: "00^Parental decision^NIP002"}, "not-done"),
        ({20: "CP", 21: "U"}, "completed"),
        ({20: "CP", 21: "D"}, "entered-in-error"),
        ({20: "RE", 21: "D"}, "entered-in-error"),
    ],
)
def test_completion_and_action_say_whether_it_was_given(
    fields: dict[int, str], status: str
) -> None:
    assert said(fields)["status"] == status


def test_a_refusal_says_why() -> None:
    refused = {20: "RE", 18: "00^Parental decision^NIP002"}

    assert said(refused)["statusReason"]["text"] == "Parental decision"
    assert "statusReason" not in said({18: "00^Parental decision^NIP002"})


def test_what_was_given_after_all_has_no_reason_against_it() -> None:
    (given_at_last,) = vaccinations(an_rxa())

    assert "statusReason" in given_at_last.cleared


def test_a_partial_dose_is_given_but_does_not_count_in_full() -> None:
    partial = said({20: "PA"})

    assert partial["isSubpotent"] is True
    assert partial["subpotentReason"][0]["coding"][0]["code"] == "partial"
    assert "isSubpotent" in vaccinations(an_rxa())[0].cleared


def test_the_vaccine_keeps_both_codes() -> None:
    codings = said({5: "58160-0820-11^ENGERIX-B^NDC^08^Hep B^CVX"})["vaccineCode"]["coding"]

    assert [(one["system"], one["code"]) for one in codings] == [
        ("http://hl7.org/fhir/sid/ndc", "58160-0820-11"),
        ("http://hl7.org/fhir/sid/cvx", "08"),
    ]


def test_a_vaccine_that_is_not_named_is_not_given_a_name() -> None:
    (entry,) = vaccinations(ORC % "N1", an_rxa({5: ""}))

    assert "vaccineCode" not in entry.elements
    assert "text" not in completed(entry, immunizations.REQUIRED)["vaccineCode"]


@pytest.mark.parametrize(
    ("amount", "unit", "dose"),
    [
        (
            "0.50",
            "mL^milliliter^UCUM",
            {
                "value": Decimal("0.50"),
                "unit": "mL",
                "system": "http://unitsofmeasure.org",
                "code": "mL",
            },
        ),
        ("1", "ML", {"value": Decimal(1), "unit": "ML"}),
        ("1", "", {"value": Decimal(1)}),
        ("999", "mL", None),
        ("999.0", "mL", None),
        ("0", "mL", None),
        ("0.3 mL", "", None),
        ("-1", "mL", None),
        ("", "mL", None),
    ],
)
def test_an_unknown_dose_is_left_out(amount: str, unit: str, dose: object) -> None:
    assert said({6: amount, 7: unit}).get("doseQuantity") == dose


def test_lot_expiry_maker_route_and_site_are_as_sent() -> None:
    elements = said(
        {15: "LOT7", 16: "20281231", 17: "MSD^Merck^MVX"},
        "RXR|IM^Intramuscular^HL70162|LD^Left Deltoid^HL70163",
    )

    assert (elements["lotNumber"], elements["expirationDate"]) == ("LOT7", "2028-12-31")
    assert elements["manufacturer"] == {"display": "Merck"}
    assert elements["route"]["coding"][0]["system"].endswith("v2-0162")
    assert elements["site"]["text"] == "Left Deltoid"


@pytest.mark.parametrize(
    ("sent", "date"), [("202812", "2028-12"), ("20281231235959", "2028-12-31"), ("soon", None)]
)
def test_an_expiry_is_as_precise_as_it_was_sent(sent: str, date: str | None) -> None:
    assert said({16: sent}).get("expirationDate") == date


def test_the_day_it_was_given_is_a_date_or_the_words_sent() -> None:
    assert said()["occurrenceDateTime"] == "2027-03-01"
    assert said({3: "last spring"})["occurrenceString"] == "last spring"
    assert said({3: ""})["occurrenceString"] == "unknown"


def test_a_date_takes_the_place_of_words_and_the_other_way_round() -> None:
    dated, worded = vaccinations(an_rxa())[0], vaccinations(an_rxa({3: "last spring"}))[0]

    assert "occurrenceString" in dated.cleared
    assert "occurrenceDateTime" in worded.cleared


@pytest.mark.parametrize(
    ("sent", "primary", "origin"),
    [
        ("00^New record^NIP001", True, None),
        ("00", True, None),
        ("01^Historical^NIP001", False, "Historical"),
        ("08^From a public agency^NIP001", False, "From a public agency"),
        ("Left arm was sore", None, None),
        ("00^New^OTHER", None, None),
        ("Sore^^~01^Historical^NIP001", False, "Historical"),
        ("", None, None),
    ],
)
def test_a_new_record_is_told_from_history(
    sent: str, primary: bool | None, origin: str | None
) -> None:
    elements = said({9: sent})

    assert elements.get("primarySource") is primary
    assert elements.get("reportOrigin", {}).get("text") == origin


def test_who_gave_it_who_ordered_it_and_where() -> None:
    elements = said(
        {10: "7^Okafor^Ada", 11: "^^^NORTH CLINIC"},
        orc="ORC|RE|P1^EHR|N1^EHR" + "|" * 9 + "8^Lind^Eva",
    )

    assert [
        (one["function"]["coding"][0]["code"], one["actor"]["display"])
        for one in elements["performer"]
    ] == [("AP", "Ada Okafor"), ("OP", "Eva Lind")]
    assert elements["location"] == {"display": "NORTH CLINIC"}
    assert [one["value"] for one in elements["identifier"]] == ["N1", "P1"]
    assert said({27: "Ward 3^12"})["location"] == {"display": "Ward 3, 12"}


def test_the_visit_is_referred_to_by_its_number() -> None:
    visit = "PV1|1|O" + "|" * 17 + "V7^^^ADMIT"
    (entry,) = vaccinations(visit, an_rxa())

    assert entry.elements["encounter"] == reference("Encounter", "ADMIT\nV7")


def test_when_it_was_recorded_is_said_by_the_dose_before_the_order() -> None:
    orc = "ORC|RE||N1||||||20270228"

    assert said(orc=orc)["recorded"] == "2027-02-28"
    assert said({22: "20270301100000"}, orc=orc)["recorded"] == "2027-03-01T10:00:00-05:00"


def test_observations_on_the_dose_say_who_pays_what_was_handed_out_and_which_dose_it_is() -> None:
    elements = said(
        None,
        obx("64994-7", "V02^Medicaid^HL70064", sub_id="1"),
        obx("30963-3", "PHC70^Private^CDCPHINVS", sub_id="2"),
        obx("69764-9", "2530886983^Hepatitis B VIS^cdcgs1vis", sub_id="3"),
        obx("29768-9", "20230512", sub_id="3", kind="DT"),
        obx("29769-7", "20270301", sub_id="3", kind="DT"),
        obx("30956-7", "45^Hep B^CVX", sub_id="4"),
        obx("59780-7", "Hep B series", sub_id="4", kind="ST"),
        obx("30973-2", "2", sub_id="4", kind="NM"),
        obx("59782-3", "3", sub_id="4", kind="NM"),
    )

    assert elements["programEligibility"][0]["text"] == "Medicaid"
    assert elements["fundingSource"]["text"] == "Private"
    assert elements["education"] == [
        {
            "documentType": "Hepatitis B VIS",
            "publicationDate": "2023-05-12",
            "presentationDate": "2027-03-01",
        }
    ]
    (dose,) = elements["protocolApplied"]
    assert (dose["doseNumberPositiveInt"], dose["seriesDosesPositiveInt"]) == (2, 3)
    assert (dose["series"], dose["targetDisease"][0]["text"]) == ("Hep B series", "Hep B")


def test_a_sheet_without_a_name_has_that_of_its_vaccine_and_none_without_both() -> None:
    vaccine, shown = obx("30956-7", "45^Hep B^CVX"), obx("29769-7", "20270301", kind="DT")

    assert said(None, vaccine, shown)["education"][0]["documentType"] == "Hep B"
    assert "education" not in said(None, shown)
    assert "education" not in said(None, vaccine)


def test_sheets_without_sub_ids_are_told_apart_by_what_comes_again() -> None:
    elements = said(
        None,
        obx("30956-7", "45^Hep B^CVX"),
        obx("29769-7", "20270301", kind="DT"),
        obx("30956-7", "107^DTaP^CVX"),
        obx("29769-7", "20270302", kind="DT"),
    )

    assert [(one["documentType"], one["presentationDate"]) for one in elements["education"]] == [
        ("Hep B", "2027-03-01"),
        ("DTaP", "2027-03-02"),
    ]


@pytest.mark.parametrize("number", ["0", "booster", "1.5"])
def test_a_dose_number_that_is_no_count_stays_text(number: str) -> None:
    (dose,) = said(None, obx("30973-2", number, kind="ST"))["protocolApplied"]

    assert dose == {"doseNumberString": number}


def test_reactions_and_comments_are_kept() -> None:
    elements = said(
        None,
        "NTE|1||Right arm",
        obx("31044-1", "VXC9^Crying^CDCPHINVS"),
        obx("48767-8", "Seen for an hour", kind="ST"),
    )

    assert elements["reaction"] == [{"date": "2027-03-01", "detail": {"display": "Crying"}}]
    assert [one["text"] for one in elements["note"]] == ["Right arm", "Seen for an hour"]


def test_an_observation_that_was_withdrawn_is_not_read() -> None:
    assert "reaction" not in said(None, obx("31044-1", "VXC9^Crying^CDCPHINVS", status="D"))


def test_each_dose_has_the_segments_that_stand_under_it() -> None:
    first, second = vaccinations(
        "OBX|1|NM|8867-4^Heart rate^LN||72",
        ORC % "N1", an_rxa(), "RXR|IM^Intramuscular^HL70162", obx("64994-7", "V01^None^HL70064"),
        ORC % "N2", an_rxa({5: "10^IPV^CVX"}),
    )  # fmt: skip

    assert "programEligibility" in first.elements
    assert not {"programEligibility", "route"} & second.elements.keys()
    assert (first.key, second.key) == ("CLINIC\nN1", "CLINIC\nN2")


@pytest.mark.parametrize("code", ["998^No vaccine administered^CVX", "998"])
def test_no_vaccine_is_no_vaccination(code: str) -> None:
    assert (
        vaccinations(ORC % "9999", an_rxa({5: code}), obx("59784-9", "38907003^Varicella^SCT"))
        == []
    )


def test_a_message_without_a_dose_says_nothing() -> None:
    assert vaccinations(ORC % "N1", "OBX|1|ST|6331-3^Campylobacter^LN||Isolated") == []


def test_the_same_dose_is_known_by_its_number_whatever_else_changes() -> None:
    before, after = (
        vaccinations(ORC % "N1", an_rxa()),
        vaccinations(ORC % "N1", an_rxa({3: "20270302", 5: "43^Hep B, adult^CVX", 21: "U"})),
    )

    assert before[0].entry_id == after[0].entry_id


@pytest.mark.parametrize("number", ["9999^EHR", ""])
def test_without_a_number_vaccine_and_day_tell_doses_apart(number: str) -> None:
    def key(fields: dict[int, str]) -> str:
        return vaccinations(ORC % number, an_rxa(fields))[0].key

    assert key({}) == key({3: "20270301101500", 20: "RE"})
    assert key({}) == key({5: "1^ENGERIX^NDC^08^Hep B^CVX"})
    assert len({key({}), key({3: "20270302"}), key({5: "10^IPV^CVX"})}) == 3
    assert "identifier" not in vaccinations(ORC % number, an_rxa())[0].elements


def test_a_number_given_to_a_whole_visit_does_not_merge_its_vaccines() -> None:
    found = vaccinations(ORC % "N1", an_rxa(), ORC % "N1", an_rxa({5: "10^IPV^CVX"}))

    assert len({entry.entry_id for entry in found}) == 2


def test_a_dose_that_is_repeated_in_a_message_is_one() -> None:
    assert len(vaccinations(ORC % "N1", an_rxa(), ORC % "N1", an_rxa())) == 1


@given(st.lists(st.sampled_from(["ORC", "RXA", "RXR", "OBX", "NTE", "PV1"])), st.data())
def test_any_fields_give_valid_immunizations(names: list[str], data: st.DataObject) -> None:
    codes = st.sampled_from(["30973-2", "29769-7", "30956-7", "64994-7", "31044-1", "998^^CVX"])
    field = codes | st.text(st.characters(codec="utf-8"), max_size=12)
    vaccinations(*("|".join([name, *data.draw(st.lists(field, max_size=24))]) for name in names))


@given(st.binary(max_size=300))
@example(b'"')  # a quotation mark alone is text, two are HL7's null
def test_any_bytes_after_the_header_raise_nothing(tail: bytes) -> None:
    raw = a_vxu(an_rxa()) + b"\rRXA|0|1|" + tail

    for entry in converted(raw, immunizations.entries):
        check(entry, hl7.read(raw), immunizations.REQUIRED)
