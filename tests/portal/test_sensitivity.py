"""Labels from codes, ranges, names and the sender's own security labels; and the code sets."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.lab_release.samples import converted, oru_files
from tests.portal.card_versions import a_version

from portal import labels, segment_words, sensitivity
from portal.folding import fold
from portal.labels import Correction
from portal.sensitivity import Segment, of_resource, segments_of

R, S, M, U = (
    Segment.REPRODUCTIVE,
    Segment.SEXUAL_HEALTH,
    Segment.MENTAL_HEALTH,
    Segment.SUBSTANCE_USE,
)
G, P, A = Segment.GENETIC, Segment.PSYCHOTHERAPY, Segment.ABUSE

LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
ICD9 = "http://hl7.org/fhir/sid/icd-9-cm"
CPT = "http://www.ama-assn.org/go/cpt"
HCPCS = "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
SNOMED = "http://snomed.info/sct"
CVX = "http://hl7.org/fhir/sid/cvx"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
TABLE_0177 = "http://terminology.hl7.org/CodeSystem/v2-0177"

CODES = [
    (LOINC, "43304-5", {S}),  # chlamydia
    (LOINC, "56888-1", {S}),  # HIV
    (LOINC, "2106-3", {R}),  # pregnancy test
    (LOINC, "46989-0", {R, G}),  # CFTR in amniotic fluid
    (LOINC, "44261-6", {M}),  # PHQ-9
    (LOINC, "3779-6", {U}),  # methamphetamine
    (LOINC, "38415-6", {G}),  # MTHFR
    (LOINC, "28245-9", {A}),  # abuse status
    (LOINC, "2345-7", set()),  # glucose
    (ICD10, "A56.00", {S}),
    (ICD10, "B20", {S}),
    (ICD10, "Z21", {S}),
    (ICD10, "O80", {R}),
    (ICD10, "Z34.00", {R}),
    (ICD10, "O98.711", {R, S}),
    (ICD10, "F10.20", {U}),
    (ICD10, "F19.99", {U}),
    (ICD10, "F20.0", {M}),
    (ICD10, "F99", {M}),
    (ICD10, "F64.0", {M, S}),
    (ICD10, "Z15.01", {G}),
    (ICD10, "Z80.3", {G}),
    (ICD10, "T74.12XA", {A}),
    (ICD10, "Y07.01", {A}),
    (ICD10, "O9A.311", {A, R}),
    (ICD10, "E11.9", set()),
    (ICD10, "A49.9", set()),
    (ICD10, "Z29.11", set()),
    (ICD10, "T75.1XXA", set()),
    ("http://hl7.org/fhir/sid/icd-10", "F32.1", {M}),
    ("urn:oid:2.16.840.1.113883.6.90", "f3210", {M}),
    (ICD9, "305.00", {U}),
    (ICD9, "296.20", {M}),
    (ICD9, "042", {S}),
    (ICD9, "250.00", set()),
    (PCS, "10E0XZZ", {R}),
    (PCS, "HZ2ZZZZ", {U}),
    (PCS, "GZ58ZZZ", {M}),
    (CPT, "59400", {R}),
    (CPT, "90837", {M}),
    (CPT, "81479", {G}),
    (CPT, "80307", {U}),
    (CPT, "87491", {S}),
    (CPT, "85025", set()),
    (HCPCS, "H0014", {U, M}),
    (HCPCS, "J1100", set()),
    (RXNORM, "352364", {U}),
    (SNOMED, "77386006", {R}),
    (SNOMED, "5602001", {U}),
    (CVX, "165", {S}),
    (CVX, "08", set()),
    (ACT, "ETH", {U}),
    (ACT, "42CFRPart2", {U}),
    (ACT, "PSY", {M}),
    (ACT, "PSYTHPN", {P, M}),
    (ACT, "HIV", {S}),
    (ACT, "SEX", {S, R}),
    (ACT, "GDIS", {G}),
    (ACT, "SDV", {A}),
    (ACT, "AMB", set()),
    ("http://hl7.org/fhir/v3/ActCode", "STD", {S}),
    (TABLE_0177, "PSY", {M}),
    (TABLE_0177, "R", set()),
    ("", "43304-5", {S}),  # no system, and it can be nothing else
    ("", "F33.1", {M}),
    ("", "F10", set()),  # anybody's code
    ("https://portal.example/fhir/CodeSystem/L", "43304-5", set()),  # a laboratory's own
]
NAMES = [
    ("CHLAMYDIA/GC, NAA", {S}),
    ("Neisseria gonorrhoeae", {S}),
    ("RPR W/REFLEX TITER", {S}),
    ("HIV-1/2 Ag/Ab 4th Gen", {S}),
    ("HPV mRNA E6/E7", {S}),
    ("VIH 1+2", {S}),
    ("梅毒検査", {S}),
    ("hCG, Quantitative", {R}),
    ("Prueba de embarazo", {R}),
    ("Camila 28 Day Pack", {R}),
    ("Spermatozoa, motile", {R}),
    ("PHQ-9 total score", {M}),
    ("sertraline 50 MG Oral Tablet", {M}),
    ("Psychiatry consult", {M}),
    ("Psychotherapy note", {P, M}),
    ("BUPRENORPHINE, UR", {U}),
    ("DRUG SCREEN URINE - TOXICOLOGY", {U}),
    ("Alcohol, Serum: ETHANOL", {U}),
    ("BRCA1/2 sequencing", {G}),
    ("Karyotype, blood", {G}),
    ("Child abuse evaluation", {A}),
    ("Sexual assault exam", {A, S}),
]
HARMLESS = [
    "Glucose",
    "TSH",
    "Chlamydophila pneumoniae DNA",
    "Brucella abortus Ab",
    "LITHIUM HEPARIN PLASMA",
    "ST depression",
    "isopropyl alcohol pad",
    "17-Hydroxyprogesterone",
    "Oilseed rape IgE",
    "GLUCOSE TOLERANCE-NON GESTATIONAL",
    "CD41 cells",
    "Hemoglobin, fetal",
    "hearing aids",
]


@pytest.mark.parametrize(("system", "code", "expected"), CODES)
def test_a_code_gives_its_segments(system: str, code: str, expected: set[Segment]) -> None:
    assert segments_of([{"system": system, "code": code}]) == expected


@pytest.mark.parametrize(("name", "expected"), NAMES)
def test_a_name_alone_gives_them_too(name: str, expected: set[Segment]) -> None:
    """Laboratories often send a code of their own."""
    found = segments_of([{"system": "urn:local", "code": "X1", "display": name}])

    assert found == expected


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_only_look_alike_give_none(name: str) -> None:
    assert segments_of([{"display": name}]) == set()


@given(st.lists(st.sampled_from(CODES), max_size=4))
def test_codings_add_up(some: list[tuple[str, str, set[Segment]]]) -> None:
    codings = [{"system": system, "code": code} for system, code, _ in some]

    assert segments_of(codings) == set().union(*(expected for *_, expected in some))


@given(st.text(max_size=60))
def test_any_text_is_a_name(text: str) -> None:
    once = segments_of([{"display": text}])

    assert once == segments_of([{"display": text.upper().lower()}, {"display": text}])


RESOURCES: list[tuple[dict[str, Any], set[Segment]]] = [
    ({"resourceType": "Condition", "code": {"coding": [{"system": ICD10, "code": "F11.20"}]}}, {U}),
    (
        {
            "resourceType": "MedicationRequest",
            "medicationReference": {"display": "Truvada 200 mg"},
            "reasonCode": [{"text": "PrEP"}],
        },
        {S},
    ),
    ({"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "Lithium"}}, {M}),
    (
        {
            "resourceType": "Immunization",
            "vaccineCode": {"coding": [{"system": CVX, "code": "62"}]},
        },
        {S},
    ),
    (
        {
            "resourceType": "DocumentReference",
            "type": {"text": "Note"},
            "content": [{"attachment": {"title": "Psychotherapy notes of March"}}],
        },
        {P, M},
    ),
    ({"resourceType": "Appointment", "description": "Prenatal visit"}, {R}),
    ({"resourceType": "ChargeItem", "code": {"coding": [{"system": CPT, "code": "90834"}]}}, {M}),
    (
        {
            "resourceType": "Encounter",
            "meta": {"security": [{"system": ACT, "code": "ETH"}]},
            "type": [{"text": "Visit"}],
        },
        {U},
    ),
    (
        {
            "resourceType": "Observation",
            "code": {"text": "Bacteria identified"},
            "valueCodeableConcept": {"text": "Neisseria gonorrhoeae"},
        },
        {S},
    ),
    ({"resourceType": "FamilyMemberHistory", "relationship": {"text": "mother"}}, {G}),
    (
        {
            "resourceType": "Observation",
            "code": {"text": "Ferritin"},
            "note": [{"text": "Lower in pregnancy."}],
            "referenceRange": [{"text": "Pregnant: 10-70"}],
            "subject": {"display": "Aids Hcg"},
        },
        set(),
    ),
    ({"resourceType": "Patient", "name": [{"text": "Hcg Chlamydia"}]}, set()),
    ({"resourceType": "Encounter", "meta": {"security": [{"code": "R"}]}}, set()),
]


@pytest.mark.parametrize(("resource", "expected"), RESOURCES)
def test_a_resource_is_labelled_by_all_it_says(
    resource: dict[str, Any], expected: set[Segment]
) -> None:
    assert of_resource(resource) == expected


def test_every_row_has_a_source_and_a_day_it_was_read() -> None:
    raw = json.loads(sensitivity.CODE_SETS.read_bytes())

    for row in raw["rows"]:
        assert row["what"], row
        assert set(map(Segment, row["segments"])), row
        assert bool(row.get("system")) is not bool(row.get("words")), row
        assert row.get("codes") or row.get("ranges") or row.get("words"), row
        assert row["source"] in raw["sources"], row
    for source in raw["sources"].values():
        assert source["title"]
        assert date.fromisoformat(source["read_on"])


def test_codes_are_written_as_their_systems_write_them() -> None:
    shapes = {
        LOINC: r"\d{1,7}-\d",
        ICD10: r"[A-Z]\d?[0-9A-Z]{1,5}",
        CPT: r"\d{5}",
        SNOMED: r"\d{6,18}",
        RXNORM: r"\d{3,8}",
        CVX: r"\d{2,3}",
    }
    for row in json.loads(sensitivity.CODE_SETS.read_bytes())["rows"]:
        shape = shapes.get(row.get("system", ""), ".+")
        ends = [end for each in row.get("ranges", ()) for end in each.split("..")]
        wrong = [each for each in (*row.get("codes", ()), *ends) if not re.fullmatch(shape, each)]
        assert wrong == [], row["what"]


def test_each_loinc_code_has_a_right_check_digit() -> None:
    """A code mistyped by one digit, or with two exchanged, is another test."""
    codes = [code for system, code in sensitivity.code_sets().codes if system == LOINC]

    assert len(codes) > 500
    assert [code for code in codes if code[-1] != check_digit(code.split("-")[0])] == []


def check_digit(number: str) -> str:
    """Modulus 10, as LOINC's users' guide has it (Luhn)."""
    digits = [int(each) for each in reversed(number)]
    doubled = [sum(divmod(2 * each, 10)) for each in digits[::2]]
    return str(-(sum(doubled) + sum(digits[1::2])) % 10)


def test_every_segment_has_rows_and_words() -> None:
    raw = json.loads(sensitivity.CODE_SETS.read_bytes())

    assert {each for row in raw["rows"] for each in row["segments"]} == set(Segment)
    assert segment_words.WORDS.keys() == set(Segment)


def test_importing_reads_no_code_sets() -> None:
    """They would be part of every cold start."""
    script = "from portal import sensitivity as s; print(s.code_sets.cache_info().currsize)"
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(Path(sensitivity.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.strip() == "0"


CHLAMYDIA = "OBX|2|ST|CT1^CHLAMYDIA NAA^L||Negative|||N|||{}"
GLUCOSE = "OBX|1|NM|2345-7^Glucose^LN||98|mg/dL|70-99|N|||F"


def test_a_card_has_the_labels_of_its_tests() -> None:
    assert fold([a_version(GLUCOSE)]).segments == ()
    assert fold([a_version(GLUCOSE, CHLAMYDIA.format("F"))]).segments == (S,)


def test_what_another_patient_was_tested_for_does_not_label_this_ones_card() -> None:
    first = a_version(GLUCOSE, CHLAMYDIA.format("F"))
    withdrawn = a_version(GLUCOSE, CHLAMYDIA.format("W"), hour=13, control_id="MSG2")

    for some in permutations([first, withdrawn]):
        assert fold(some).segments == ()


def test_a_test_the_lab_deleted_is_still_named_and_still_labelled() -> None:
    first = a_version(GLUCOSE, CHLAMYDIA.format("F"))
    deleted = a_version(GLUCOSE, CHLAMYDIA.format("D"), hour=13, control_id="MSG2")

    card = fold([first, deleted])

    assert card.taken_back == ("CHLAMYDIA NAA",)
    assert card.segments == (S,)


def test_a_wholly_wrong_report_has_no_label() -> None:
    assert fold([a_version(CHLAMYDIA.format("W"))]).segments == ()


def a_correction(number: int, added: set[Segment], removed: set[Segment]) -> Correction:
    return Correction(
        correction_id=f"{number}",
        report_id="r1",
        added=sensitivity.ordered(added),
        removed=sensitivity.ordered(removed),
        by="staff-1",
        at=f"2026-11-0{number}T08:00:00.000Z",
        why="The patient asked for it.",
    )


changes = st.lists(
    st.tuples(st.sets(st.sampled_from(list(Segment))), st.sets(st.sampled_from(list(Segment)))),
    max_size=4,
)


@given(st.sets(st.sampled_from(list(Segment))), changes, st.randoms())
def test_the_newest_word_of_staff_on_each_segment_counts_in_any_order(
    computed: set[Segment], said: list[tuple[set[Segment], set[Segment]]], dice: Any
) -> None:
    told = [a_correction(n, on, off - on) for n, (on, off) in enumerate(said, start=1)]
    shuffled = dice.sample(told, len(told))

    found = labels.corrected(computed, shuffled)

    for segment in Segment:
        about = [each for each in told if segment in {*each.added, *each.removed}]
        expected = segment in about[-1].added if about else segment in computed
        assert (segment in found) is expected


def test_the_sample_messages(samples: Path, record_property: Callable[[str, object], None]) -> None:
    """Figures, to see what a change of the code sets does to real senders' reports."""
    found: Counter[str] = Counter()
    for path in oru_files(samples, per_sender=100):
        results = converted(path.read_bytes())
        for report in results.reports if results else ():
            said = sensitivity.of_resources(report.resources)
            found.update(said)
            found["no label"] += not said
            found["reports"] += 1

    figures = ", ".join(f"{name} {count}" for name, count in sorted(found.items()))
    record_property("figures", f"sensitivity labels of the sample reports: {figures}")
    assert found["no label"] > found["reports"] // 4
    assert min(found[each] for each in (R, S, U, G)) > 0
