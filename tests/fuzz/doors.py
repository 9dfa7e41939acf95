"""What the portal does with one input, without its stores: the same functions that take, judge,
convert, check and fold in production, and what must hold for each of them.
"""

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from functions.ehr import intake, modes
from functions.ehr.keeping import Part
from functions.ehr.replies import Taken
from functions.ehr.transport import Push, charset_of, fault, refused
from functions.ehr.verdicts import Fate
from functions.lab_release import incoming, validation
from tests.fuzz.invented import INVENTED
from tests.fuzz.mutants import Mutant
from tests.fuzz.stand_ins import CREDENTIALS, SENDERS, Stores, without_stores

from portal import (
    conversion,
    credentials,
    fhir,
    folding,
    hl7,
    hl7_faults,
    record_versions,
    records,
    reports,
    senders,
)
from portal.access import Visitor
from portal.conversion import Converted
from portal.errors import Reason, Unusable
from portal.reports import Version

VISITOR = Visitor("fuzz", "source", "en")
_ARRIVED = "2026-03-01T12:00:00+00:00"
_TOLD_WHY = 200  # one in so many refusals is explained field by field, which is slow


class Outcome(StrEnum):
    """Where an input may end; nowhere else."""

    ACCEPTED = "accepted"
    AE = "AE"
    AR = "AR"
    CE = "CE"
    CR = "CR"
    HTTP_4XX = "HTTP 4xx"
    QUARANTINED = "quarantine"
    ACKNOWLEDGEMENT = "an acknowledgement, not answered"


@dataclass(frozen=True)
class Ended:
    """`milliseconds`: of processor time, in the slowest function of the portal."""

    outcome: Outcome
    milliseconds: float


def ended(sent: Mutant) -> Ended:
    """Raises whatever the portal raises, and AssertionError where one of its laws is broken."""
    with without_stores(SENDERS[sent.sender]) as kept:
        found = _from_queue(sent.raw, kept) if sent.is_queued else _from_https(sent, kept)
    return Ended(found, max(kept.milliseconds))


def _from_https(sent: Mutant, kept: Stores) -> Outcome:
    push = Push(headers=sent.headers, body=sent.raw)
    wrong = fault(push)
    credential = credentials.Sender("fuzz", CREDENTIALS[sent.seed % len(CREDENTIALS)])
    with kept.timed():
        answer = refused(VISITOR, wrong) if wrong else intake.taken(VISITOR, credential, push)
    if answer.status >= 400:
        assert answer.status < 500
        return Outcome.HTTP_4XX
    _check_answer(answer.body, kept.judged)
    charset = charset_of(sent.headers)
    is_late = [_check_part(part, charset, kept) for each in kept.judged for part in each.parts]
    bad = [each for each in kept.judged if not each.verdict.is_good]
    if bad:
        said = modes.code(bad[0].message.first("MSH"), bad[0].verdict) or bad[0].verdict.code
        return Outcome.QUARANTINED if said is None or said.is_good else Outcome(said)
    if all(each.verdict.code is None for each in kept.judged):
        return Outcome.ACKNOWLEDGEMENT
    return Outcome.QUARANTINED if any(is_late) else Outcome.ACCEPTED


def _check_answer(body: bytes, judged: list[Taken]) -> None:
    """Each message that asks for an answer has one, with its own control id."""
    asked = [each for each in judged if each.answer]
    assert body or not asked
    for taken in asked:
        assert taken.answer in body
        header, codec = taken.message.first("MSH"), taken.message.charset
        lines = taken.answer.decode(codec).split("\r")
        sent = header.raw(10).replace("\n", " ").encode(codec, "replace").decode(codec)
        said = lines[1].split(lines[0][3], 2)
        assert said == ["MSA", modes.code(header, taken.verdict), sent], "not its own control id"


def _check_part(part: Part, charset: str | None, kept: Stores) -> bool:
    """Whether the workflow put aside what was accepted. A good verdict and a usable message are
    the same thing; only what the sender's settings want looked at is accepted all the same."""
    if part.verdict.fate is not Fate.QUEUED:
        assert part.verdict.fate is Fate.LEFT or len(part.verdict.problems) == 1
        return False
    refusal = _filed(part.raw, charset, kept)
    if part.verdict.is_good:
        assert refusal is None or refusal.reason is Reason.UNSUPPORTED_TYPE, "accepted too early"
        return refusal is not None
    assert refusal is not None, "refused with AE, and yet filed"
    said = {problem.words for problem in part.verdict.problems}
    assert said == {refusal.detail}
    return False


def _from_queue(raw: bytes, kept: Stores) -> Outcome:
    name = kept.keep_raw(raw, None)
    with kept.timed():
        parts = incoming.parts_of(name)
    refusals = [_filed(part, None, kept) for part in parts]
    return Outcome.QUARANTINED if any(refusals) else Outcome.ACCEPTED


def _filed(raw: bytes, charset: str | None, kept: Stores) -> Unusable | None:
    """The workflow's steps after the door. The reason when it ends in quarantine."""
    name = kept.keep_raw(raw, charset)
    try:
        with kept.timed():
            assert incoming.parts_of(name) == [raw], "a part that is split once more"
            found = incoming.converted(name)
            validation.check(name, found)
    except Unusable as refusal:
        _check_words(refusal, name, raw)
        return refusal
    assert found == incoming.converted(name), "converted differently the second time"
    _check_chart(name, found, kept)
    return None


def _check_words(refusal: Unusable, raw_id: str, raw: bytes) -> None:
    """Staff are told why, in sentences."""
    assert refusal.reason is not Reason.INVALID_FHIR, refusal.detail
    assert refusal.detail.endswith(".")
    if int(raw_id[:8], 16) % _TOLD_WHY == 0:
        assert all(words.endswith(".") for words in hl7_faults.why_refused(raw))


def _check_chart(raw_id: str, found: Converted, kept: Stores) -> None:
    """Everything can be stored and read again, and each value stands in the message."""
    kept.rows.clear()
    trace = incoming.tracer(raw_id)
    with kept.timed():
        reports.keep("patient", raw_id, _ARRIVED, found)
    versions = [Version.model_validate(row) for row in kept.rows if "resources" in row]
    for version in versions:
        assert fhir.dumps(version.parsed()) == version.resources
        with kept.timed():
            assert trace(version), "not traced"
            folding.fold([version]).model_dump_json().encode()
    kept.rows.clear()
    for entry in found.entries:
        records.keep("patient", raw_id, found.claim.identifiers, entry)
    for row in kept.rows:
        fhir.dumps(records.folded([record_versions.Version.model_validate(row)])).encode()


def warm_up() -> None:
    """Loads what is loaded at first use, so that no mutant is charged with it."""
    for raw in INVENTED:
        hl7_faults.why_refused(raw)
        with suppress(Unusable):
            for resource in validation.resources(
                conversion.convert(hl7.read(raw), senders.UNKNOWN)
            ):
                fhir.validate_with_models(resource)
