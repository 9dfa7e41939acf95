"""A new result and a correction of the demo laboratory are valid HL7 v2.5.1."""

import base64
from datetime import timedelta

import pytest
from hl7apy.parser import parse_message  # type: ignore[import-untyped]
from infra.local.clinic.analytes import Narrative
from infra.local.clinic.messages import correction, fresh
from infra.local.clinic.panels import Panel, panels
from tests.infra.clinic_reading import AS_OF, codes, segments, the


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.key)
def test_a_new_message_of_every_panel_is_valid_hl7(panel: Panel) -> None:
    raw = fresh(AS_OF, panel=panel.key)

    message = parse_message(raw.decode(), find_groups=True)

    assert message.version == "2.5.1"
    assert message.validate()
    told = [test for test in panel.tests if isinstance(test, Narrative)]
    assert len(segments(raw, "OBX")) >= len(panel.tests) - len(told)


def test_a_new_result_is_signed_off_now_and_never_the_same_twice() -> None:
    first, second = fresh(AS_OF), fresh(AS_OF)

    assert the(first, "OBR", 22) == "20261121100000-0500"
    assert the(first, "MSH", 11) == "P"
    assert {"4548-4", "2345-7"} <= set(codes(first))
    assert the(first, "MSH", 10) != the(second, "MSH", 10)
    assert the(first, "OBR", 3) != the(second, "OBR", 3)


def test_a_new_result_can_be_asked_for_by_patient_panel_and_status() -> None:
    raw = fresh(AS_OF, "RB10013", "urine_culture", "P")

    assert the(raw, "PID", 5).startswith("Bautista^Maricel^")
    assert the(raw, "OBR", 25) == "P"
    assert b"PRELIMINARY" in raw
    with pytest.raises(ValueError, match="no panel mri"):
        fresh(AS_OF, panel="mri")
    with pytest.raises(ValueError, match="RB99999"):
        fresh(AS_OF, "RB99999")


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.key)
def test_a_correction_changes_a_value_of_the_same_order(panel: Panel) -> None:
    first = fresh(AS_OF, panel=panel.key)

    second = correction(first, AS_OF + timedelta(hours=1))

    pairs = list(zip(segments(first, "OBX"), segments(second, "OBX"), strict=True))
    changed = [new for old, new in pairs if old[5] != new[5]]
    assert changed
    assert {row[11] for row in changed} == {"C"}
    assert all(old[11] == new[11] for old, new in pairs if new not in changed)
    assert the(second, "OBR", 25) == "C"
    assert the(second, "OBR", 3) == the(first, "OBR", 3)
    assert the(second, "MSH", 10) != the(first, "MSH", 10)
    assert parse_message(second.decode()).validate()


def test_a_correction_moves_what_is_calculated_from_the_value() -> None:
    first = fresh(AS_OF)

    second = correction(first, AS_OF + timedelta(hours=1))

    found = {row[3].split("^")[0]: float(row[5]) for row in segments(second, "OBX")}
    assert found["27353-2"] == pytest.approx(28.7 * found["4548-4"] - 46.7, abs=2)


def test_what_hl7_would_misread_is_escaped() -> None:
    raw = fresh(AS_OF, panel="pathology").decode()

    assert r"long \T\ 0.1 cm" in raw
    assert r"image \F\ no further" in raw
    assert r"BIOPSY:\.br\- Fibroadenoma." in raw


def test_the_stool_report_embeds_a_readable_pdf() -> None:
    sent = [row for row in segments(fresh(AS_OF, panel="stool"), "OBX") if row[2] == "ED"]

    pdf = base64.b64decode(sent[0][5].split("^")[4])

    table = int(pdf.split(b"startxref\n")[1].split(b"\n")[0])
    first = int(pdf[table:].split(b"\n")[3].split()[0])
    assert pdf.startswith(b"%PDF-1.4")
    assert pdf[table:].startswith(b"xref")
    assert pdf[first:].startswith(b"1 0 obj")
    assert b"Grace Okonkwo" in pdf


def test_a_local_test_carries_no_loinc() -> None:
    raw = fresh(AS_OF, panel="fermentation")

    assert segments(raw, "OBX")[0][3] == "RBX77^FERMENTATION INDEX^99RDL"


def test_a_value_too_low_to_read_is_sent_with_its_comparator() -> None:
    raw = fresh(AS_OF, "RB10018", "psa")

    assert segments(raw, "OBX")[0][2:6:3] == ["SN", "<^0.04"]
