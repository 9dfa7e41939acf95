"""What happens in the clinic while AWS fails: each with invented patients and messages."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, partial
from random import Random
from typing import Any

from tests.builders import a_message
from tests.client import Client
from tests.ehr.fhir_pushed import FHIR
from tests.faults import families, fhir_messages
from tests.faults.charts import cards_shown_to, chart_of
from tests.faults.plans import FOREVER, Fault
from tests.memory_aws import clinic
from tests.memory_aws.clinic import Killed
from tests.memory_aws.door import Memory, forget

from portal import arrivals, fhir_pushes, objects
from portal.patients import Patient

SIGNED_OFF = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
ER7 = "x-application/hl7-v2+er7"
POTASSIUM = "NM|2823-3^Potassium^LN||{}|mmol/L|3.5-5.1|N|||{}|||20261101080000-0500"
LONG_BYTES = 315_000
NEW_ID = "patient-new"
VISIT = (
    "PV1|1|I|W1^1^2||||99^Raman^Priya|||||||||||V1^^^RIVERBEND^VN",
    "AL1|1|DA|PEN^Penicillin^L|SV|Rash",
    "DG1|1||I10^Hypertension^I10|||A",
)
DIED = 502  # API Gateway's word for a function that died
PLACER = re.compile(rb"PL\d+")  # a builder's counter: each run's messages are the same bytes
MAX_PUSHES = 50
SENDER = "Test lab"


@dataclass(frozen=True)
class World:
    memory: Memory
    scenario: "Scenario"
    draw: Random
    token: str  # of a lab that may push over HTTPS
    answers: list[int] = field(default_factory=list)  # what it was answered


@dataclass(frozen=True)
class Door:
    path: str
    content_type: str


HL7_DOOR = Door("/ehr/hl7", ER7)
FHIR_DOOR = Door("/ehr/fhir", FHIR)
NOTIFICATIONS = Door("/ehr/fhir/notifications", FHIR)


def by_queue(world: World) -> None:
    """Each message on the queue, sometimes twice: SQS delivers at least once."""
    for raw in world.scenario.messages:
        for _ in range(world.draw.choice((1, 1, 2))):
            clinic.send(world.memory, raw)
        while clinic.take(world.memory, 1):
            pass
        clinic.run_workflows(world.memory)


def and_an_hour(world: World) -> None:
    """Long enough for upkeep to look again for what a message waits for."""
    by_queue(world)
    clinic.settle(world.memory)
    world.memory.clock.advance(hours=1)
    clinic.sweep(world.memory)


def by_https(world: World, door: Door = HL7_DOOR) -> None:
    """Each message pushed until it is acknowledged."""
    for raw in world.scenario.messages:
        while _pushed(raw, world, door) != world.scenario.answer:
            assert len(world.answers) < MAX_PUSHES, "never acknowledged"
        while clinic.take(world.memory, 1):
            pass
        clinic.run_workflows(world.memory)


by_fhir = partial(by_https, door=FHIR_DOOR)
by_notification = partial(by_https, door=NOTIFICATIONS)


def _pushed(raw: bytes, world: World, door: Door) -> int:
    forget()
    headers = {"content-type": door.content_type, "authorization": f"Bearer {world.token}"}
    try:
        answer = Client(accept="*/*", origin=None).send("POST", door.path, raw, headers).status
    except Killed:
        answer = DIED
    world.answers.append(answer)
    return answer


def fhir_id(raw: bytes) -> str:
    return fhir_pushes.raw_id_of(raw, SENDER)


@dataclass(frozen=True)
class Scenario:
    """`given` goes wrong in every run, so that what comes after it can go wrong too."""

    name: str
    patients: tuple[Patient, ...]
    messages: tuple[bytes, ...]
    play: Callable[[World], None] = by_queue
    given: tuple[Fault, ...] = ()
    ends: tuple[str, ...] = (arrivals.CARDED,)  # one for all messages, or one for each
    registered: tuple[Patient, ...] = ()  # by messages
    chart: Callable[[Patient], Any] = chart_of  # what must be the same in the end
    seeds: int = 2  # for each site that an earlier scenario has faulted already
    storms: int = 8  # runs with several faults at once
    raw_id: Callable[[bytes], str] = objects.raw_id
    answer: int = 200  # to each push over HTTPS, in the end
    is_acknowledged_later: bool = False  # through the queue of acknowledgements
    is_hopeless: bool = False  # ends as a dead letter, until an operator sends it again
    prepared: Callable[[], object] = bool  # done before anything can fail

    def __str__(self) -> str:
        return self.name

    @property
    def everybody(self) -> tuple[Patient, ...]:
        return (*self.patients, *self.registered)


def somebody(number: int = 1, **facts: Any) -> Patient:
    dull = {
        "patient_id": f"patient-{number}",
        "family": "Rivera",
        "given": "Ana",
        "birth_on": date(1980, 2, 3),
        "email": f"ana{number}@example.org",
        "identifiers": (("RIVERBEND", f"T{number:05d}"),),
    }
    return Patient.model_validate(dull | facts)


def result(patient: Patient, value: str = "4.1", status: str = "F", **facts: Any) -> bytes:
    control_id = facts.pop("control_id", f"C{status}{value}")
    dull: dict[str, Any] = {"filler": "A1", "signed_off": SIGNED_OFF}
    potassium = POTASSIUM.format(value, status)
    made = a_message(patient, potassium, status=status, control_id=control_id, **(dull | facts))
    return PLACER.sub(b"PL1", made)


def numbered(raw: bytes, number: int) -> bytes:
    """With MSH-13, for senders that count their messages."""
    return raw.replace(b"|2.5.1\r", b"|2.5.1|%d\r" % number, 1)


def with_two_reports(patient: Patient) -> bytes:
    head, order = result(patient).decode().split("\rORC")
    other = order.replace("|A1|", "|A2|").replace("24323-8^CMP", "2000-1^Other").replace("4.1", "5")
    return f"{head}\rORC{order}ORC{other}".encode()


def with_document(patient: Patient) -> bytes:
    pdf = b64encode(b"%PDF-1.4 invented").decode()
    obx = f"ED|PDF^Report^L||^application^pdf^Base64^{pdf}||||||F"
    made = a_message(patient, obx, filler="D1", control_id="D1", signed_off=SIGNED_OFF)
    return PLACER.sub(b"PL1", made)


def with_long_text(patient: Patient) -> bytes:
    """Words that do not shrink, so that report and card leave their rows for the bucket."""
    text = b64encode(Random(1).randbytes(LONG_BYTES)).decode()  # noqa: S311
    obx = f"TX|18748-4^Report^LN||{text}||||||F"
    made = a_message(patient, obx, filler="L1", control_id="L1", signed_off=SIGNED_OFF)
    return PLACER.sub(b"PL1", made)


def an_adt(event: str, patient: Patient, *more: str, at: str = "20261102110000+0000") -> bytes:
    authority, value = patient.identifiers[0]
    lines = [
        f"MSH|^~\\&|ADT|RIVERBEND|PORTAL|CLINIC|{at}||ADT^{event}|{event}{value}|P|2.5.1",
        f"EVN||{at}",
        f"PID|1||{value}^^^{authority}^MR||{patient.family}^{patient.given}"
        f"||{patient.birth_on:%Y%m%d}|F",
        *more,
    ]
    return ("\r".join(lines) + "\r").encode()


def a_merge(survivor: Patient, retired: Patient) -> bytes:
    authority, value = retired.identifiers[0]
    return an_adt("A40", survivor, f"MRG|{value}^^^{authority}^MR", at="20261102113000+0000")


def a_batch(*messages: bytes) -> bytes:
    return b"BHS|^~\\&|LAB|RIVERBEND\r" + b"".join(messages) + b"BTS|%d\r" % len(messages)


@cache
def scenarios() -> tuple[Scenario, ...]:
    ana, phone = somebody(), somebody(2, email="", phone="+15555550143")
    notes = Fault("portal.outbox_delivery._claim/UpdateItem", "stopped-before")
    lost = Fault("functions.lab_release.receive.start/StartExecution", "vanished")
    no_text = Fault("portal.notify.answer_sms/Publish", "refused")
    never = Fault("portal.published.find/GetItem", "refused", 1, FOREVER)
    early, last = result(ana, "4.0", "P"), result(ana, "4.4", "C")
    stranger, two_people = somebody(birth_on=date(1999, 9, 9)), (result(ana), result(phone))
    aside = (arrivals.QUARANTINED,)
    carded, filed, split = (arrivals.CARDED,), (arrivals.FILED,), (arrivals.SPLIT,)
    new = somebody(3, patient_id=NEW_ID, email="", given="Eva")
    both = result(ana) + result(phone).partition(b"\r")[2]
    later = result(ana).replace(b"|2.5.1\r", b"|2.5.1|||AL|AL\r", 1)
    unnumbered = result(ana, control_id="X").replace(b"|X|P|", b"||P|")
    return (
        Scenario("one result", (ana,), (result(ana),)),
        Scenario("final, correction, preliminary", (ana,), (result(ana), last, early)),
        Scenario("correction, preliminary, final", (ana,), (last, early, result(ana))),
        Scenario("two reports in one message", (ana,), (with_two_reports(ana),)),
        Scenario("an unknown patient", (ana,), (result(somebody(9)),), ends=aside),
        Scenario("still unknown", (ana,), (result(somebody(9)),), and_an_hour, ends=aside),
        Scenario(
            "a gap in the count", (ana,), (numbered(early, 1), numbered(last, 3)), and_an_hour
        ),
        Scenario("another birth date", (ana,), (result(stranger),), ends=aside),
        Scenario("the clinic's first message", (), (result(ana),), ends=aside),
        Scenario("over HTTPS", (ana,), (result(ana),), by_https),
        Scenario("without a control id", (ana,), (unnumbered,), by_https, ends=aside),
        Scenario("a phone only", (phone,), (result(phone),)),
        Scenario("a text that failed once", (phone,), (result(phone),), given=(no_text,)),
        Scenario("a document", (ana,), (with_document(ana),)),
        Scenario("a workflow that vanished", (ana,), (result(ana),), given=(lost,)),
        Scenario("a notification left behind", (ana, phone), two_people, given=(notes,)),
        Scenario(
            "what never works",
            (ana,),
            (result(ana),),
            given=(never,),
            is_hopeless=True,
            seeds=1,
            storms=3,
        ),
        Scenario("a wrong patient's result", (ana,), (result(ana), result(ana, status="W"))),
        Scenario(
            "registered by a message", (), (an_adt("A28", new),), ends=filed, registered=(new,)
        ),
        Scenario(
            "the result before its patient",
            (),
            (result(new), an_adt("A28", new)),
            ends=(*carded, *filed),
            registered=(new,),
        ),
        Scenario("visit, allergy and diagnosis", (ana,), (an_adt("A01", ana, *VISIT),), ends=filed),
        Scenario("two patients in one message", (ana, phone), (both,), ends=split),
        Scenario("a batch over HTTPS", (ana, phone), (a_batch(*two_people),), by_https, ends=split),
        Scenario(
            "two records become one",
            (ana, phone),
            (result(ana), result(phone), a_merge(ana, phone)),
            ends=(*carded, *carded, *filed),
            chart=cards_shown_to,
        ),
        Scenario("a long report", (ana,), (with_long_text(ana),), seeds=1, storms=0),
        Scenario("acknowledged later", (ana,), (later,), is_acknowledged_later=True),
        Scenario(
            "a birthday that is corrected",
            (families.CHILD,),
            (an_adt("A31", families.CORRECTED),),
            ends=filed,
            prepared=families.a_parents_grant,
        ),
        Scenario(
            "a child's result, and a parent who hears of it",
            (families.CHILD,),
            (result(families.CHILD),),
            prepared=families.a_parent_who_listens,
        ),
        *fhir_scenarios(new),
    )


def fhir_scenarios(new: Patient) -> tuple[Scenario, ...]:
    """The senders have learned the portal's ids of their patients."""
    ana, ben = (somebody(number, patient_id=f"{number:032x}") for number in (1, 2))
    once = (fhir_messages.conditional(ana, "Asthma"), fhir_messages.conditional(ana, "Wheeze"))
    report, transaction = fhir_messages.lab_report(ana), fhir_messages.transaction(ana)
    in_fhir = partial(Scenario, play=by_fhir, ends=(arrivals.FILED,), raw_id=fhir_id)
    return (
        in_fhir("a FHIR transaction", (ana,), (transaction,)),
        in_fhir("a FHIR conditional create", (ana,), once),
        in_fhir("a FHIR lab report", (ana,), (report,), ends=(arrivals.CARDED,)),
        in_fhir("a FHIR registration", (), (fhir_messages.registration(new),), registered=(new,)),
        in_fhir(
            "an unmet FHIR condition",
            (ana,),
            (fhir_messages.unmet(ana),),
            ends=(arrivals.QUARANTINED,),
            answer=412,
        ),
        Scenario(
            "a FHIR notification",
            (ana, ben),
            (fhir_messages.notification(ana, ben),),
            by_notification,
            ends=(arrivals.SPLIT,),
        ),
    )
