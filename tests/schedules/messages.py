"""The reference model's words as HL7 v2 messages of an invented EHR."""

import hashlib

from tests.schedules.reference import Result, Said, Update

NAMES = ("Rivera", "Okafor")
TESTS = ("2345-7^Glucose^LN", "2823-3^Potassium^LN")


def moment(minute: int) -> str:
    return f"20261102{minute // 60:02d}{minute % 60:02d}00+0000"


def pid(patient: int, name: str = "") -> str:
    return (
        f"PID|1||P{patient}^^^RIVERBEND^MR||{name or NAMES[patient]}^Ana||198002{patient + 3:02d}|F"
    )


def message(said: Said) -> bytes:
    return oru(said) if isinstance(said, Result) else update(said)


def oru(said: Result) -> bytes:
    at, status = moment(said.minute), said.status
    report = {"D": "C", "W": "C", "X": "C"}.get(status, status)
    return er7(
        header("ORU^R01", said.minute, repr(said)),
        pid(said.patient),
        f"OBR|1|PL{said.filler}|F{said.filler}|24323-8^CMP^LN|||{moment(1)}|||||||||||||||{at}|||{report}",
        f"OBX|1|NM|{TESTS[said.test]}||{said.value}|mg/dL|1-9|N|||{status}|||{moment(1)}|||||{at}",
    )


def update(said: Update) -> bytes:
    return er7(header("ADT^A08", said.minute, repr(said)), pid(said.patient, said.name))


def registration(patient: int) -> bytes:
    return er7(header("ADT^A28", 0, f"register {patient}"), pid(patient))


def merge(survivor: int, retired: int, minute: int) -> bytes:
    return er7(
        header("ADT^A40", minute, f"merge {survivor} {retired} {minute}"),
        pid(survivor),
        f"MRG|P{retired}^^^RIVERBEND^MR",
    )


def header(kind: str, minute: int, control: str) -> str:
    name = hashlib.sha256(control.encode()).hexdigest()[:16]
    return f"MSH|^~\\&|EHR|RIVERBEND|PORTAL|CLINIC|{moment(minute)}||{kind}|{name}|P|2.5.1"


def er7(*lines: str) -> bytes:
    return ("\r".join(lines) + "\r").encode()
