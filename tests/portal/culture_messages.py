"""Invented cultures: with child orders (OBR-26, OBR-29), and flat."""

from tests.portal.lab_messages import MSH, PID, a_message, an_obx

CULTURE = "OBR|1|P1|F1|630-4^Urine culture^LN|||20260301|||||||||||||||20260303110000||MB|F"
ORGANISM = "630-4^Bacteria identified in Urine by Culture^LN"


def a_germ(name: str = "Escherichia coli", sub_id: str = "1", status: str = "F") -> str:
    return an_obx(
        f"^{name}", kind="CWE", test=ORGANISM, sub_id=sub_id, unit="", reference="", flag="A",
        status=status,
    )  # fmt: skip


def a_medicine(
    name: str = "Ampicillin",
    *,
    value: str = "<=8",
    flag: str = "S",
    sub_id: str = "",
    status: str = "F",
) -> str:
    return an_obx(
        value,
        kind="ST",
        test=f"{name[:3].upper()}^{name} [Susceptibility]^L",
        sub_id=sub_id,
        unit="ug/mL",
        reference="",
        flag=flag,
        status=status,
    )


def a_count(sub_id: str = "1") -> str:
    return an_obx(
        ">100,000", kind="ST", test="CC^Colony count^L", sub_id=sub_id, unit="cfu/mL", reference=""
    )


def a_child(
    parent: str = "630-4&Urine&LN^1^Escherichia coli",
    numbers: str = "P1^F1",
    filler: str = "F2",
    status: str = "F",
    test: str = "29576-6^Susceptibility panel^LN",
) -> str:
    order = f"OBR|2||{filler}|{test}|||20260301|||||||||||||||20260304110000||MB|{status}"
    return f"{order}|{parent}|||{numbers}"


def a_culture(*segments: str, order: str = CULTURE) -> bytes:
    return a_message(MSH, PID, order, *(segments or (a_germ(), a_child(), a_medicine())))
