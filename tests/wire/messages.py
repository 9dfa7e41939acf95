"""Messages of EHRs and labs for the checks of the wire; a test names only what it is about."""

import re

from tests.builders import a_message, a_patient

from portal.patients import Patient


def an_oru(patient: Patient | None = None, /, **header: str) -> bytes:
    """A result with fields of its MSH set: msh15="AL"."""
    return with_header(a_message(patient or a_patient()), **header)


def with_header(raw: bytes, **header: str) -> bytes:
    first, _, rest = raw.partition(b"\r")
    fields = first.split(b"|")
    for name, value in header.items():
        number = int(name.removeprefix("msh")) - 1
        fields += [b""] * (number + 1 - len(fields))
        fields[number] = value.encode()
    return b"|".join(fields) + b"\r" + rest


def without_pid_3(raw: bytes) -> bytes:
    return re.sub(rb"(PID\|1\|\|)[^|]*", rb"\1", raw)


def control_id(raw: bytes) -> str:
    return raw.split(b"|")[9].decode()


def a_batch(*messages: bytes, count: int | None = None, batches: int = 1) -> bytes:
    """A file of one batch. `count` is what BTS-1 says, `batches` what FTS-1 says."""
    told = len(messages) if count is None else count
    head = b"FHS|^~\\&|LAB|RIVERBEND|P|C|20260301||a.hl7||F1\rBHS|^~\\&|LAB|RIVERBEND|P|C|||||B1\r"
    return head + b"".join(messages) + f"BTS|{told}\rFTS|{batches}\r".encode()
