from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab_results import lab_results
from tests.portal.converted import observations_of, report_of, results_of
from tests.portal.lab_messages import MSH, OBR, PID, a_message, an_obx, an_oru

from portal import fhir, hl7
from portal.errors import Reason, Unusable
from portal.fhir import Resource
from portal.tracing import as_sent, report_notes, traced


def refusal_of(raw: bytes) -> Unusable:
    with pytest.raises(Unusable) as refused:
        lab_results(hl7.read(raw), "UTC")
    return refused.value


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"hello", Reason.NOT_HL7),
        (an_oru(header=MSH.replace("ORU^R01^ORU_R01", "QBP^Q11")), Reason.UNSUPPORTED_TYPE),
        (an_oru(header=MSH.replace("ORU^R01^ORU_R01", "")), Reason.UNSUPPORTED_TYPE),
        (an_oru() + b"\r" + an_oru(), Reason.SEVERAL_MESSAGES),
        (an_oru(patient=PID + "\r" + PID.replace("1001", "2002")), Reason.SEVERAL_PATIENTS),
        (an_oru(patient=PID + "\rPID|1||||Doe"), Reason.SEVERAL_PATIENTS),
        (an_oru(patient=""), Reason.NO_PATIENT_IDENTIFIER),
        (an_oru(patient='PID|1||""^^^CLINIC||Doe^Jane'), Reason.NO_PATIENT_IDENTIFIER),
        (an_oru(order=""), Reason.NO_ORDER),
        (a_message(MSH, PID, OBR), Reason.NO_RESULT),
    ],
)
def test_what_cannot_be_a_card_is_refused_with_its_reason(raw: bytes, reason: Reason) -> None:
    refused = refusal_of(raw)

    assert refused.reason is reason
    assert "Doe" not in refused.detail
    assert "1001" not in refused.detail


def test_a_refused_type_is_named_unless_it_could_be_a_name() -> None:
    named = refusal_of(an_oru(header=MSH.replace("ORU^R01^ORU_R01", "QBP^Q11")))
    other = refusal_of(an_oru(header=MSH.replace("ORU^R01^ORU_R01", "Jane^Doe")))

    assert "QBP^Q11" in named.detail
    assert "Jane" not in other.detail


@pytest.mark.parametrize("kind", ["ORU", "ORU^R01", "ORU^R30^ORU_R30", "ORU^R40"])
def test_every_kind_of_oru_is_read(kind: str) -> None:
    assert results_of(an_oru(header=MSH.replace("ORU^R01^ORU_R01", kind))).reports


def resources_or_refusal(message: hl7.Message) -> list[Resource] | Unusable:
    try:
        found = lab_results(message, "UTC")
    except Unusable as refused:
        return refused
    return [one for report in found.reports for one in report.resources]


@given(st.binary(max_size=200), st.integers(0, 500))
def test_any_damage_ends_in_results_or_in_a_reason(junk: bytes, place: int) -> None:
    raw = an_oru(an_obx(), an_obx("^182", kind="SN"), an_obx("20240101", kind="TS"))
    message = hl7.read(raw[:place] + junk + raw[place:])

    found = resources_or_refusal(message)
    for one in [] if isinstance(found, Unusable) else found:
        fhir.validate(one)
        assert one["resourceType"] != "Observation" or traced(one, message)
    assert not isinstance(found, Unusable) or found.detail


def test_the_header_tells_sender_time_and_initial_load() -> None:
    found = results_of(an_oru(header=MSH.replace("|P|", "|P^I|")))

    assert (found.control_id, found.sender) == ("MSG1", "LAB CENTRAL")
    assert found.sent_at == datetime(2026, 3, 1, 17, tzinfo=UTC)
    assert found.initial_load
    assert not results_of(an_oru()).initial_load


def test_the_patient_is_claimed_with_every_identifier() -> None:
    identifiers = "1001^^^CLINIC^MR~22^^^&2.16.840.1^SS~^^^EMPTY~33"
    claim = results_of(
        an_oru(patient=f"PID|1||{identifiers}||van Doe&van^Jane^Q||19800229|F")
    ).claim

    pairs = [(one.authority, one.value, one.type_code) for one in claim.identifiers]
    assert pairs == [("CLINIC", "1001", "MR"), ("2.16.840.1", "22", "SS"), ("", "33", "")]
    assert (claim.family, claim.given, claim.sex) == ("van Doe", "Jane", "F")
    assert claim.name == "Jane Q van Doe"
    assert claim.birth_on == date(1980, 2, 29)


@pytest.mark.parametrize("patient", ["PID|1|77|||Doe", "PID|1|||77|Doe"])
def test_old_versions_put_the_number_in_pid_2_or_4(patient: str) -> None:
    assert results_of(an_oru(patient=patient)).claim.identifiers[0].value == "77"


@pytest.mark.parametrize(
    ("order", "number"),
    [
        (OBR, "F1"),
        ("ORC|RE|PC|FC\rOBR|1|P1||GLU", "FC"),
        ("OBR|1|P1||GLU", "P1"),
        ("ORC|RE|PC\rOBR|1|||GLU", "PC"),
        ("OBR|1|||GLU|||202603010800", "GLU@202603010800"),
        ("OBR|1|||^Glucose", "Glucose@20260301120000-0500"),
    ],
)
def test_a_report_always_has_a_number_of_its_own(order: str, number: str) -> None:
    assert results_of(an_oru(order=order)).reports[0].filler_order_number == number


def test_sign_off_is_obr_22_else_the_latest_obx_19_else_msh_7() -> None:
    bare = "OBR|1|P1|F1|GLU"
    late = an_obx() + "||||||||20260301090000"
    dated = bare + "|||20260301|||||||||||||||20260301"

    assert results_of(an_oru()).reports[0].signed_off_at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    found = results_of(an_oru(an_obx(), late, order=dated)).reports[0]
    assert found.signed_off_at == datetime(2026, 3, 1, 14, tzinfo=UTC)
    found = results_of(an_oru(order=bare)).reports[0]
    assert found.signed_off_at == datetime(2026, 3, 1, 17, tzinfo=UTC)


def test_every_version_of_a_report_has_the_same_ids() -> None:
    def ids(raw: bytes) -> list[str]:
        return [one["id"] for one in results_of(raw).reports[0].resources]

    corrected = an_oru(an_obx("7.1", status="C"), header=MSH.replace("MSG1", "MSG2"))

    assert ids(an_oru()) == ids(corrected)
    assert len(set(ids(an_oru(an_obx(), an_obx())))) == 4


def test_a_second_obr_of_the_same_order_and_test_adds_to_the_first() -> None:
    later = OBR.replace("20260301080000", "20260301090000")
    found = results_of(an_oru(an_obx(), later, an_obx("5.60"), OBR.replace("F1", "F2"), an_obx()))

    times = [one.get("effectiveDateTime", "")[11:16] for one in found.reports[0].resources[2:]]
    assert [len(report.resources) for report in found.reports] == [4, 3]
    assert times == ["08:00", "09:00"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("A", "partial"),
        ("C", "corrected"),
        ("P", "preliminary"),
        ("X", "cancelled"),
        ("Q", "unknown"),
        ("", "final"),
    ],
)
def test_the_report_status_is_obr_25_or_what_its_results_agree_on(sent: str, status: str) -> None:
    assert report_of(an_oru(order=OBR.removesuffix("F") + sent))["status"] == status


def test_a_report_whose_results_are_all_withdrawn_is_withdrawn() -> None:
    assert report_of(an_oru(an_obx(status="W")))["status"] == "entered-in-error"
    assert report_of(an_oru(an_obx(status="W"), an_obx()))["status"] == "final"


def test_a_cancelled_order_needs_no_result() -> None:
    assert report_of(a_message(MSH, PID, OBR.removesuffix("F") + "X"))["status"] == "cancelled"


def test_notes_stay_with_what_they_are_about() -> None:
    raw = an_oru("NTE|1||Fasting", an_obx(), "NTE|1||Repeated", r"NTE|2||a \T\ b", an_obx())

    first, second = observations_of(raw)
    assert report_notes(report_of(raw)) == ["Fasting"]
    assert first["note"] == [{"text": "Repeated\na & b"}]
    assert "note" not in second


def test_the_doctor_who_ordered_it_is_obr_16_else_orc_12() -> None:
    orc = "ORC|RE|P1|F1|||||||||9^Orc^Olga^^^Dr"

    by_orc = results_of(an_oru(order=f"{orc}\r{OBR}")).reports[0].resources[1]
    by_obr = results_of(an_oru(order="OBR|1|P|F|GLU" + "|" * 12 + "7^Obr&x^Bob")).reports[0]
    assert by_orc["requester"]["display"] == "Dr Olga Orc"
    assert by_orc["contained"][0]["name"][0]["family"] == "Orc"
    assert by_obr.resources[1]["requester"]["display"] == "Bob Obr"


def test_the_performing_laboratory_has_a_name_and_an_address() -> None:
    lab = an_obx() + "|" * 12 + "Good Lab|1 Main St^^Ann Arbor^MI^48103"
    organization = observations_of(an_oru(lab))[0]["contained"][0]

    assert organization["name"] == "Good Lab"
    assert organization["address"][0]["city"] == "Ann Arbor"


def test_lines_of_a_narrative_are_one_result() -> None:
    lines = [an_obx(text, kind="TX", test="R^Report", unit="") for text in ("One", "", "  Two~3")]
    found = observations_of(an_oru(an_obx(), *lines, an_obx()))

    assert len(found) == 3
    assert found[1]["valueString"] == "One\n\n  Two\n3"
    assert as_sent(found[1]).source == "OBX[2-4]"


def test_lines_that_differ_in_more_than_text_are_not_joined() -> None:
    lines = [an_obx(kind="TX", sub_id=sub_id) for sub_id in ("1", "2")]

    assert len(observations_of(an_oru(*lines))) == 2
