"""Builders of HL7 v2 lab messages with dull defaults: a test names only what it is about."""

MSH = r"MSH|^~\&|LAB|CENTRAL|PORTAL|CLINIC|20260301120000-0500||ORU^R01^ORU_R01|MSG1|P|2.5.1"
PID = "PID|1||1001^^^CLINIC^MR||Doe^Jane||19800229|F"
OBR = (
    "OBR|1|P1|F1|24323-8^Comprehensive panel^LN|||20260301080000|||||||||||||||20260301110000"
    "||LAB|F"
)


def an_obx(
    value: str = "5.40",
    *,
    kind: str = "NM",
    test: str = "2345-7^Glucose^LN",
    sub_id: str = "",
    unit: str = "mg/dL",
    reference: str = "3.9-6.1",
    flag: str = "N",
    status: str = "F",
) -> str:
    return f"OBX|1|{kind}|{test}|{sub_id}|{value}|{unit}|{reference}|{flag}|||{status}"


def a_message(*segments: str) -> bytes:
    return "\r".join(segments).encode()


def an_oru(*results: str, header: str = MSH, patient: str = PID, order: str = OBR) -> bytes:
    lines = [header, patient, order, *(results or [an_obx()])]
    return a_message(*(line for line in lines if line))
