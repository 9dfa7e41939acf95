"""Labels of cards through the workflow: what senders say, what staff say, in any order."""

from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest
from functions.lab_release import publish
from functions.lab_release.app import StepFailed
from tests.builders import a_message, a_patient, released, walked
from tests.ehr.fhir_pushed import a_sender, about, an_observation, bundle, entry, push, raw_id
from tests.lab_release.test_merging import an_adt, mrg, now, who
from tests.stores import sent_to

from portal import audit, labels, published
from portal.patients import Patient
from portal.published import Published
from portal.sensitivity import Segment

pytestmark = pytest.mark.usefixtures("portal")

GLUCOSE = "NM|2345-7^Glucose^LN||{}|mg/dL|70-99|N|||{}"
HCG = "ST|HC1^HCG QUAL^L||Negative|||N|||F"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PANEL = "X1^PANEL^L"


def sent(patient: Patient, *obx: str, **facts: Any) -> str:
    facts = {"filler": f"L{patient.patient_id[:8]}", "obr4": PANEL} | facts
    report_id: str = released(a_message(patient, *obx, **facts)).report_ids[0]
    return report_id


def found_of(patient: Patient, report_id: str) -> Published:
    found = published.find(patient.patient_id, report_id)
    assert found
    return found


def segments(patient: Patient, report_id: str) -> tuple[str, ...]:
    return found_of(patient, report_id).card.segments


def corrected(patient: Patient, report_id: str, *wanted: Segment) -> bool:
    found = found_of(patient, report_id)
    made = labels.correction(patient.patient_id, found.card, wanted, "staff-1", "A good reason.")
    entry_of = audit.row(audit.Event.LABELS_CORRECTED, actor="staff-1", request_id="r")
    return labels.correct(patient.patient_id, found, made, entry_of)


def with_lines(raw: bytes, after: str, *lines: str) -> bytes:
    """The message with these segments after the first that begins so."""
    found = raw.decode().split("\r")
    at = next(n for n, line in enumerate(found) if line.startswith(after))
    return "\r".join([*found[: at + 1], *lines, *found[at + 1 :]]).encode()


def test_a_test_known_by_its_name_alone_labels_the_card_and_its_line() -> None:
    patient = a_patient()

    report_id = sent(patient, GLUCOSE.format("98", "F"), HCG)

    assert segments(patient, report_id) == ("reproductive",)
    (line, _), *_ = published.listed(patient.patient_id, 20, "")[0]
    assert line.segments == ("reproductive",)


@pytest.mark.parametrize(
    ("after", "line"),
    [("OBR|", "DG1|1||F11.20^Opioid dependence^I10C"), ("PID|", "DG1|1|I10|F11.20|")],
)
def test_a_diagnosis_with_the_order_labels_it(after: str, line: str) -> None:
    patient = a_patient()
    raw = a_message(patient, GLUCOSE.format("98", "F"), obr4=PANEL)

    report_id = released(with_lines(raw, after, line)).report_ids[0]

    assert segments(patient, report_id) == ("substance-use",)


def test_the_reason_of_the_order_labels_it() -> None:
    """OBR-31."""
    patient = a_patient()
    raw = a_message(patient, GLUCOSE.format("98", "F"), obr4=PANEL).decode()
    lines = raw.split("\r")
    at = next(n for n, line in enumerate(lines) if line.startswith("OBR|"))
    lines[at] += "|" * (31 - lines[at].count("|")) + "O24.410^Gestational diabetes^I10C"

    report_id = released("\r".join(lines).encode()).report_ids[0]

    assert segments(patient, report_id) == ("reproductive",)


def test_a_confidential_order_is_what_its_sender_says_it_is() -> None:
    """ORC-28, table 0177."""
    patient = a_patient()
    raw = a_message(patient, GLUCOSE.format("98", "F"), obr4=PANEL).decode()
    lines = raw.split("\r")
    at = next(n for n, line in enumerate(lines) if line.startswith("ORC|"))
    lines[at] += "|" * (28 - lines[at].count("|")) + "PSY^Psychiatric patient^HL70177"

    report_id = released("\r".join(lines).encode()).report_ids[0]

    assert segments(patient, report_id) == ("mental-health",)


@pytest.mark.parametrize("where", ["report", "observation", "request"])
def test_security_labels_of_a_fhir_push_are_honored(where: str) -> None:
    patient = a_patient()
    label = {"meta": {"security": [{"system": ACT, "code": "ETH"}]}}
    labelled = {name: label if name == where else {} for name in ("report", "observation")}
    request = {
        "resourceType": "ServiceRequest",
        "id": "request",
        "status": "completed",
        "intent": "order",
        "subject": about(patient),
        **(label if where == "request" else {}),
    }
    observation = an_observation(about(patient), "5.40", id="potassium", **labelled["observation"])
    report = {
        "resourceType": "DiagnosticReport",
        "id": "report",
        "status": "final",
        "code": {"text": "Panel"},
        "category": [{"text": "Laboratory"}],
        "subject": about(patient),
        "basedOn": [{"reference": "ServiceRequest/request"}],
        "result": [{"reference": "Observation/potassium"}],
        "issued": "2026-03-01T09:00:00Z",
        **labelled["report"],
    }

    body = bundle(*(entry(each, "PUT") for each in (report, observation, request)))
    token = a_sender()

    assert push(body, token).status == 200
    walked(raw_id(body, token))

    (line, _), *_ = published.listed(patient.patient_id, 20, "")[0]
    assert line.segments == ("substance-use",)


def test_a_correction_outlives_whatever_the_lab_sends_in_any_order() -> None:
    """The first message, two later versions and staff's correction, permuted: the same labels."""
    ends = set()
    for order in permutations(["corrected", "repeated", "staff"]):
        patient = a_patient()
        report_id = sent(patient, HCG)
        for step in order:
            match step:
                case "corrected":
                    changed = HCG.replace("Negative", "Positive").removesuffix("F") + "C"
                    sent(patient, changed, signed_off=datetime(2026, 11, 2, tzinfo=UTC))
                case "repeated":
                    sent(patient, HCG, signed_off=datetime(2026, 11, 1, tzinfo=UTC))
                case "staff":
                    assert corrected(patient, report_id, Segment.ABUSE)
        ends.add(segments(patient, report_id))

    assert ends == {("abuse",)}


def test_labels_that_codes_bring_later_join_what_staff_put_on() -> None:
    patient = a_patient()
    report_id = sent(patient, GLUCOSE.format("98", "F"))
    corrected(patient, report_id, Segment.MENTAL_HEALTH)

    sent(patient, GLUCOSE.format("98", "F"), HCG)

    assert segments(patient, report_id) == ("reproductive", "mental-health")


def test_new_labels_alone_are_no_news() -> None:
    """As after the code sets grew: the card has them, nobody gets a message."""
    patient = a_patient()
    report_id = sent(patient, HCG)
    found = found_of(patient, report_id)
    unlabelled = found.card.model_copy(update={"segments": ()})
    row, unchanged = published.row_of(patient.patient_id, unlabelled, found)
    row.save(unchanged)
    mails = len(sent_to(patient.email))

    news = publish.publish(patient.patient_id, "again", [report_id], is_told=True)

    after = found_of(patient, report_id).card
    assert news == 0
    assert after.segments == ("reproductive",)
    assert after.released_at == found.card.released_at
    assert len(sent_to(patient.email)) == mails


def test_a_withdrawn_report_of_another_patient_keeps_no_label() -> None:
    patient = a_patient()
    report_id = sent(patient, HCG)
    corrected(patient, report_id, Segment.REPRODUCTIVE, Segment.ABUSE)

    sent(patient, HCG.removesuffix("F") + "W", signed_off=datetime(2026, 11, 3, tzinfo=UTC))

    assert segments(patient, report_id) == ()


def test_a_correction_goes_along_with_a_merge_and_back() -> None:
    survivor, old = a_patient(given="Ana"), a_patient(given="Ana")
    report_id = sent(old, GLUCOSE.format("98", "F"))
    corrected(old, report_id, Segment.MENTAL_HEALTH)

    released(an_adt("A40", who(survivor), mrg(old)))
    assert segments(survivor, report_id) == ("mental-health",)
    corrected(now(survivor), report_id, Segment.MENTAL_HEALTH, Segment.GENETIC)
    released(an_adt("A37", who(survivor), f"PID|2||{who(old)}"))

    assert segments(old, report_id) == ("mental-health", "genetic")


def test_a_correction_while_a_report_is_published_is_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Staff correct after the publication read what staff had said: it fails, and is tried again
    on the new state."""
    patient = a_patient()
    report_id = sent(patient, GLUCOSE.format("98", "F"))
    read = labels.of_patient

    def then_staff_correct(patient_id: str) -> Any:
        found = read(patient_id)
        monkeypatch.setattr(labels, "of_patient", read)
        assert corrected(patient, report_id, Segment.ABUSE)
        return found

    monkeypatch.setattr(labels, "of_patient", then_staff_correct)
    with pytest.raises(StepFailed):
        sent(patient, GLUCOSE.format("99", "C"), signed_off=datetime(2026, 11, 2, tzinfo=UTC))
    assert segments(patient, report_id) == ("abuse",)

    publish.publish(patient.patient_id, "retried", [report_id], is_told=False)

    card = found_of(patient, report_id).card
    assert card.segments == ("abuse",)
    assert card.readings[0].value == "99"


def test_a_publication_while_staff_correct_makes_them_look_again() -> None:
    patient = a_patient()
    report_id = sent(patient, GLUCOSE.format("98", "F"))
    looked_at = found_of(patient, report_id)
    sent(patient, GLUCOSE.format("99", "C"), signed_off=datetime(2026, 11, 2, tzinfo=UTC))

    made = labels.correction(patient.patient_id, looked_at.card, [Segment.ABUSE], "staff-1", "Why.")
    entry_of = audit.row(audit.Event.LABELS_CORRECTED, actor="staff-1", request_id="r")

    assert not labels.correct(patient.patient_id, looked_at, made, entry_of)
    assert segments(patient, report_id) == ()
    assert labels.of_report(patient.patient_id, report_id) == []
