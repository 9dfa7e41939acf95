"""Laws of all converters of ADT, BAR and DFT."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.portal.adt_messages import (
    a_message,
    a_pid,
    a_pv1,
    a_segment,
    converted,
    says_something,
)

from portal import charges, coverages, demographics, diagnoses, hl7, visits
from portal.entries import Entry
from portal.errors import Unusable
from portal.hl7 import Message

CONVERTERS = (
    demographics.entries,
    visits.entries,
    coverages.entries,
    diagnoses.entries,
    charges.entries,
)
_KINDS = ("ADT^A01", "ADT^A03", "ADT^A08", "ADT^A13", "ADT^A60", "BAR^P01", "DFT^P03")
_NAMES = ("PID", "PD1", "NK1", "PV1", "PV2", "IN1", "IN2", "GT1", "DG1", "PR1", "AL1", "IAM", "FT1")
_VALUES = (
    *("20260301", "2026", "1", "D", "SEL", '""', "I", "E", "^^^", "~", "&&&", "a&b^c&d~e"),
    *("M-1^^^CLINIC&2.16.840&ISO^MR", "Doe^Jane^^^^^L", "x@y.z^NET^Internet", "1^a^LN", "-1.5&usd"),
)
a_field = st.sampled_from(_VALUES) | st.text(max_size=8)
a_line = st.builds(
    a_segment,
    st.sampled_from(_NAMES),
    st.dictionaries(st.integers(1, 55), a_field, min_size=1, max_size=12),
)


def everything(message: Message) -> list[Entry | str]:
    """Entries, and the sentence of each refusal."""
    found: list[Entry | str] = []
    for convert in CONVERTERS:
        try:
            found += converted(convert, message)
        except Unusable as refused:
            found.append(refused.detail)
    return found


@settings(deadline=None)  # the first example loads FHIR's models
@given(st.binary())
def test_no_bytes_after_a_header_make_a_converter_raise(junk: bytes) -> None:
    for kind in ("ADT^A01", "ADT^A11", "DFT^P03"):
        header = rf"MSH|^~\&|EHR|CLINIC|||20260301||{kind}|1|P|2.5.1".encode()
        everything(hl7.read(header + b"\r" + junk))
        everything(hl7.read(header + b"\rPID|" + junk + b"\rPV1|" + junk + b"\rFT1|" + junk))


@settings(deadline=None)
@given(st.sampled_from(_KINDS), st.lists(a_line, max_size=6))
def test_any_fields_make_valid_traced_resources(kind: str, lines: list[str]) -> None:
    for made in everything(a_message(kind, *lines)):
        assert not isinstance(made, str) or made.endswith("PV1-19, PV1-50 or PID-18.")


@settings(deadline=None)
@given(st.sampled_from(_KINDS), st.lists(a_line, max_size=4))
def test_converting_is_a_function_of_the_message(kind: str, lines: list[str]) -> None:
    assert everything(a_message(kind, *lines)) == everything(a_message(kind, *lines))


def test_an_empty_field_says_nothing_and_clears_nothing() -> None:
    segments = [a_segment(name, {54: ""}) for name in ("PD1", "NK1", "PV2", "DG1", "AL1", "FT1")]
    message = a_message("ADT^A08", a_pv1(), *segments, pid=a_pid())
    (patient,) = converted(demographics.entries, message)
    (visit,) = converted(visits.entries, message)

    assert set(patient.elements) == {"identifier", "name"}
    assert set(visit.elements) == {"identifier", "class"}
    assert not patient.cleared
    assert not visit.cleared


def test_a_place_that_says_nothing_is_noticed() -> None:
    message = a_message("ADT^A01", a_pv1())

    assert says_something(message, "PV1[1]-19")
    assert not says_something(message, "PV1[1]-44")
