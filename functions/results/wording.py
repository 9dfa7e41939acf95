"""What the results room says in its own words, before translation."""

from portal.cards import CardStatus, ReportKind


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


STATUS: dict[CardStatus, tuple[str, str]] = {
    CardStatus.REGISTERED: (
        N_("Not ready yet"),
        N_("The lab has the order. There is no result yet."),
    ),
    CardStatus.PRELIMINARY: (
        N_("Early result"),
        N_("The lab may still change it. A final result will follow."),
    ),
    CardStatus.FINAL: (N_("Final"), N_("The lab has finished and checked this result.")),
    CardStatus.CORRECTED: (
        N_("Corrected"),
        N_("The lab changed this result. What you see here is the new one."),
    ),
    CardStatus.CANCELLED: (N_("Canceled"), N_("The lab did not do this test.")),
    CardStatus.WITHDRAWN: (
        N_("Withdrawn"),
        N_("The lab took this result back. Please do not rely on it."),
    ),
    CardStatus.UNKNOWN: (
        N_("Status not given"),
        N_("The lab did not say if this result is final. Ask your care team."),
    ),
}

WRONG_PATIENT = N_(
    "The lab took this result back. It was put into your record by mistake and is not about you."
)
KINDS = {
    ReportKind.LABORATORY: N_("Lab result"),
    ReportKind.CULTURE: N_("Culture"),
    ReportKind.IMAGING: N_("Imaging report"),
    ReportKind.PATHOLOGY: N_("Pathology report"),
    ReportKind.OTHER: N_("Test report"),
}
# HL7 v2.5 chapter 7: what part of a study an OBX with this suffix is.
SECTIONS = {
    "ADT": N_("Added later"),
    "CMS": N_("Compared with"),
    "CNP": N_("Tests that confirmed it"),
    "GDT": N_("Description"),
    "IMP": N_("What was concluded"),
    "MDT": N_("Under the microscope"),
    "REC": N_("What is recommended"),
    "TCM": N_("Comment of the person who did the test"),
}
# HL7 table 0493, for labs that send its codes alone.
CONDITIONS = {
    "AUT": N_("Autolyzed"),
    "CLOT": N_("Clotted"),
    "CON": N_("Contaminated"),
    "COOL": N_("Cool"),
    "FROZ": N_("Frozen"),
    "HEM": N_("Hemolyzed"),
    "LIVE": N_("Live"),
    "ROOM": N_("Room temperature"),
    "SNR": N_("Sample not received"),
}

READING_STATUS = {
    "P": N_("Early result"),
    "R": N_("Early result"),
    "S": N_("Early result"),
    "I": N_("Not ready yet"),
    "O": N_("Not ready yet"),
    "C": N_("Corrected"),
    "A": N_("Corrected"),
    "B": N_("Corrected"),
    "X": N_("The lab could not get a result"),
    "N": N_("The lab did not do this test"),
}
