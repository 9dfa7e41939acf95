"""The demo laboratory's catalogue: panels in its own spelling, with LOINC codes and ranges.

The ranges are typical of adult practice in the United States and serve the demo only.
"""

from dataclasses import dataclass

from infra.local.clinic import reports
from infra.local.clinic.analytes import Analyte, Finding, Narrative, Range, Test
from infra.local.clinic.organisations import IMAGING, LABORATORY, Organisation


@dataclass(frozen=True)
class Panel:
    """`section` is HL7 table 0074, `specimen` 0487 where it has a code.

    `hours` run from collection to sign-off.
    """

    key: str
    loinc: str
    local: str
    name: str
    section: str
    specimen: str
    hours: int
    tests: tuple[Test, ...]
    performed_by: Organisation = LABORATORY


def _within(low: float | None, high: float | None) -> tuple[Range, ...]:
    return (Range(low, high),)


def _by_sex(female: tuple[float, float], male: tuple[float, float]) -> tuple[Range, ...]:
    """Where neither F nor M is recorded, the laboratory prints the span of both."""
    return (
        Range(*female, sex="F"),
        Range(*male, sex="M"),
        Range(min(female[0], male[0]), max(female[1], male[1])),
    )


def _for_children(below_age: float, low: float, high: float) -> Range:
    return Range(low, high, below_age=below_age)


_GLUCOSE = Analyte(
    "2345-7",
    "GLU",
    "GLUCOSE",
    "mg/dL",
    0,
    _within(70, 99),
    critical=Range(45, 450),
    note="FASTING RANGE. 100-125: PREDIABETES RANGE | 126 OR MORE: CONFIRM & REPEAT",
)
_UREA = Analyte("3094-0", "BUN", "BUN", "mg/dL", 0, _within(7, 25))
_CREATININE = Analyte(
    "2160-0",
    "CREA",
    "CREATININE",
    "mg/dL",
    2,
    (_for_children(12, 0.2, 0.7), _for_children(18, 0.4, 1.0), *_by_sex((0.5, 1.05), (0.7, 1.3))),
    critical=Range(high=8),
)
_EGFR = Analyte("98979-8", "EGFR", "EGFR", "mL/min/1.73m2", 0, _within(59, None), least_age=18)
_UREA_RATIO = Analyte("3097-3", "BCR", "BUN/CREATININE RATIO", "(calc)", 0, _within(6, 30))
_SODIUM = Analyte("2951-2", "NA", "SODIUM", "mmol/L", 0, _within(135, 146), Range(120, 160))
_POTASSIUM = Analyte("2823-3", "K", "POTASSIUM", "mmol/L", 1, _within(3.5, 5.3), Range(2.8, 6.2))
_CHLORIDE = Analyte("2075-0", "CL", "CHLORIDE", "mmol/L", 0, _within(98, 110))
_CO2 = Analyte("2028-9", "CO2", "CARBON DIOXIDE", "mmol/L", 0, _within(20, 32))
_ANION_GAP = Analyte("33037-3", "AGAP", "ANION GAP", "mmol/L", 0, _within(4, 16))
_CALCIUM = Analyte("17861-6", "CA", "CALCIUM", "mg/dL", 1, _within(8.6, 10.4), Range(6.5, 13))
_CHEMISTRY = (
    _GLUCOSE, _UREA, _CREATININE, _EGFR, _UREA_RATIO, _SODIUM, _POTASSIUM, _CHLORIDE, _CO2,
)  # fmt: skip
_LIVER = (
    Analyte("2885-2", "TP", "PROTEIN, TOTAL", "g/dL", 1, _within(6.1, 8.1)),
    Analyte("1751-7", "ALB", "ALBUMIN", "g/dL", 1, _within(3.6, 5.1)),
    Analyte("10834-0", "GLOB", "GLOBULIN", "g/dL (calc)", 1, _within(1.9, 3.7)),
    Analyte("1759-0", "AGR", "ALBUMIN/GLOBULIN RATIO", "(calc)", 1, _within(1.0, 2.5)),
    Analyte("1975-2", "TBIL", "BILIRUBIN, TOTAL", "mg/dL", 1, _within(0.2, 1.2)),
    Analyte(
        "6768-6", "ALP", "ALKALINE PHOSPHATASE", "U/L", 0,
        (_for_children(18, 65, 390), *_within(36, 130)),
    ),
    Analyte("1920-8", "AST", "AST", "U/L", 0, _by_sex((10, 35), (10, 40))),
    Analyte("1742-6", "ALT", "ALT", "U/L", 0, _by_sex((6, 29), (9, 46))),
)  # fmt: skip

_CELLS = (
    Analyte(
        "6690-2", "WBC", "WBC", "Thousand/uL", 1,
        (_for_children(6, 5.0, 15.5), *_within(3.8, 10.8)), critical=Range(1.5, 40),
    ),
    Analyte(
        "789-8", "RBC", "RBC", "Million/uL", 2,
        (_for_children(12, 3.90, 5.50), *_by_sex((3.80, 5.10), (4.20, 5.80))),
    ),
    Analyte(
        "718-7", "HGB", "HGB", "g/dL", 1,
        (_for_children(6, 11.0, 14.0), _for_children(12, 11.5, 15.5),
         *_by_sex((11.7, 15.5), (13.2, 17.1))), critical=Range(7, 20),
    ),
    Analyte(
        "4544-3", "HCT", "HCT", "%", 1,
        (_for_children(12, 32.0, 44.0), *_by_sex((35.0, 45.0), (38.5, 50.0))),
    ),
    Analyte("787-2", "MCV", "MCV", "fL", 1, (_for_children(6, 72.0, 88.0), *_within(80, 100))),
    Analyte("785-6", "MCH", "MCH", "pg", 1, (_for_children(6, 23.0, 31.0), *_within(27, 33))),
    Analyte("786-4", "MCHC", "MCHC", "g/dL", 1, _within(32, 36)),
    Analyte("788-0", "RDW", "RDW", "%", 1, _within(11, 15)),
    Analyte(
        "777-3", "PLT", "PLATELET COUNT", "Thousand/uL", 0, _within(140, 400), Range(30, 1000)
    ),
    Analyte("32623-1", "MPV", "MPV", "fL", 1, _within(7.5, 12.5)),
)  # fmt: skip
_DIFFERENTIAL = (
    Analyte("770-8", "NEUP", "NEUTROPHILS %", "%", 1, (_for_children(6, 25, 65), *_within(40, 75))),
    Analyte("736-9", "LYMP", "LYMPHOCYTES %", "%", 1, (_for_children(6, 25, 65), *_within(18, 45))),
    Analyte("5905-5", "MONP", "MONOCYTES %", "%", 1, _within(2, 12)),
    Analyte("713-8", "EOSP", "EOSINOPHILS %", "%", 1, _within(0, 7)),
    Analyte("706-2", "BASP", "BASOPHILS %", "%", 1, _within(0, 2)),
    Analyte(
        "751-8", "NEUA", "ABSOLUTE NEUTROPHILS", "Thousand/uL", 2,
        (_for_children(6, 1.5, 8.5), *_within(1.5, 7.8)),
    ),
    Analyte(
        "731-0", "LYMA", "ABSOLUTE LYMPHOCYTES", "Thousand/uL", 2,
        (_for_children(6, 2.0, 8.0), *_within(0.85, 3.9)),
    ),
    Analyte("742-7", "MONA", "ABSOLUTE MONOCYTES", "Thousand/uL", 2, _within(0.1, 1.1)),
    Analyte("711-2", "EOSA", "ABSOLUTE EOSINOPHILS", "Thousand/uL", 2, _within(0, 0.8)),
    Analyte("704-7", "BASA", "ABSOLUTE BASOPHILS", "Thousand/uL", 2, _within(0, 0.2)),
)  # fmt: skip

_LIPIDS = (
    Analyte("2093-3", "CHOL", "CHOLESTEROL, TOTAL", "mg/dL", 0, _within(None, 200)),
    Analyte("2571-8", "TRIG", "TRIGLYCERIDES", "mg/dL", 0, _within(None, 150)),
    Analyte(
        "2085-9", "HDL", "HDL CHOLESTEROL", "mg/dL", 0,
        (Range(49, None, sex="F"), Range(39, None)),
    ),
    Analyte("13457-7", "LDLC", "LDL-CHOLESTEROL", "mg/dL (calc)", 0, _within(None, 100)),
    Analyte("9830-1", "CHRAT", "CHOL/HDLC RATIO", "(calc)", 1, _within(None, 5)),
    Analyte("43396-1", "NHDL", "NON HDL CHOLESTEROL", "mg/dL (calc)", 0, _within(None, 130)),
)  # fmt: skip

_DIPSTICK = (
    Finding("5778-6", "UCOL", "COLOR", "YELLOW", "AMBER"),
    Finding("5767-9", "UAPP", "APPEARANCE", "CLEAR", "CLOUDY"),
    Analyte("5811-5", "USG", "SPECIFIC GRAVITY", "", 3, _within(1.005, 1.030)),
    Analyte("5803-2", "UPH", "PH", "", 1, _within(5, 8)),
    Finding("25428-4", "UGLU", "GLUCOSE, UA", "NEGATIVE", "1+"),
    Finding("5770-3", "UBIL", "BILIRUBIN, UA", "NEGATIVE", "1+"),
    Finding("2514-8", "UKET", "KETONES", "NEGATIVE", "TRACE"),
    Finding("5794-3", "UBLD", "OCCULT BLOOD", "NEGATIVE", "1+"),
    Finding("20454-5", "UPRO", "PROTEIN, UA", "NEGATIVE", "1+"),
    Finding("5802-4", "UNIT", "NITRITE", "NEGATIVE", "POSITIVE"),
    Finding("5799-2", "ULEU", "LEUKOCYTE ESTERASE", "NEGATIVE", "2+"),
    Finding("5821-4", "UWBC", "WBC, URINE", "0-5", "20-40"),
    Finding("13945-1", "URBC", "RBC, URINE", "0-2", "3-10"),
)

_PANELS = (
    Panel(
        "cbc", "57021-8", "CBCD", "CBC (INCLUDES DIFF/PLT)", "HM", "WB", 6,
        _CELLS + _DIFFERENTIAL,
    ),
    Panel(
        "bmp", "24321-2", "BMP", "BASIC METABOLIC PANEL", "CH", "SER", 7,
        (*_CHEMISTRY, _ANION_GAP, _CALCIUM),
    ),
    Panel(
        "cmp", "24323-8", "CMP", "COMPREHENSIVE METABOLIC PANEL", "CH", "SER", 8,
        (*_CHEMISTRY, _CALCIUM, *_LIVER),
    ),
    Panel("lipid", "24331-1", "LIPID", "LIPID PANEL, STANDARD", "CH", "SER", 8, _LIPIDS),
    Panel(
        "a1c", "4548-4", "A1CG", "HEMOGLOBIN A1C W/ EAG & GLUCOSE", "CH", "WB", 5,
        (
            Analyte(
                "4548-4", "A1C", "HGB A1C", "%", 1, _within(None, 5.7),
                note="WITH KNOWN DIABETES, A COMMON GOAL FOR ADULTS IS <7.0",
            ),
            Analyte("27353-2", "EAG", "EAG (MG/DL)", "mg/dL (calc)", 0, ()),
            _GLUCOSE,
        ),
    ),
    Panel(
        "tsh", "3016-3", "TSHF", "TSH W/ FREE T4", "CH", "SER", 9,
        (
            Analyte("3016-3", "TSH", "TSH", "mIU/L", 2, _within(0.40, 4.50), Range(high=100)),
            Analyte("3024-7", "FT4", "T4, FREE", "ng/dL", 1, _within(0.8, 1.8)),
        ),
    ),
    Panel("ua", "24356-8", "UAC", "URINALYSIS, COMPLETE", "URN", "URC", 4, _DIPSTICK),
    Panel(
        "inr", "34528-0", "PTINR", "PROTHROMBIN TIME-INR", "HM", "PPP", 3,
        (
            Analyte(
                "6301-6", "INR", "INR", "", 1, _within(0.9, 1.1), Range(high=5),
                note="ON WARFARIN, THE USUAL TARGET IS 2.0-3.0",
            ),
            Analyte("5902-2", "PT", "PT", "sec", 1, _within(9.0, 12.5)),
        ),
    ),
    Panel(
        "iron", "50190-8", "IRONP", "IRON, TIBC AND FERRITIN PANEL", "CH", "SER", 10,
        (
            Analyte("2498-4", "FE", "IRON, TOTAL", "mcg/dL", 0, _by_sex((40, 190), (50, 180))),
            Analyte("2500-7", "TIBC", "IRON BINDING CAPACITY", "mcg/dL (calc)", 0,
                    _within(250, 450)),
            Analyte("2502-3", "SAT", "% SATURATION", "% (calc)", 0, _within(16, 45)),
            Analyte("2276-4", "FERR", "FERRITIN", "ng/mL", 0, _by_sex((16, 154), (38, 380))),
        ),
    ),
    Panel(
        "vitamin_d", "1989-3", "VITD", "VITAMIN D, 25-OH, TOTAL", "CH", "SER", 26,
        (Analyte("1989-3", "VITD", "VITAMIN D, 25-OH, TOTAL", "ng/mL", 0, _within(30, 100)),),
    ),
    Panel(
        "psa", "2857-1", "PSA", "PSA, TOTAL", "CH", "SER", 12,
        (Analyte("2857-1", "PSA", "PSA, TOTAL", "ng/mL", 2, _within(None, 4.0), floor=0.04),),
    ),
    Panel(
        "uacr", "14959-1", "UACR", "ALBUMIN, RANDOM URINE W/ CREATININE", "CH", "UR", 9,
        (
            Analyte("2161-8", "UCRE", "CREATININE, RANDOM URINE", "mg/dL", 0, _within(20, 275)),
            Analyte("14957-5", "UALB", "ALBUMIN, URINE", "mg/dL", 1, _within(0.2, 1.9)),
            Analyte("14959-1", "UACR", "ALBUMIN/CREATININE RATIO", "mg/g creat", 0,
                    _within(None, 30)),
        ),
    ),
    Panel(
        "bilirubin", "1975-2", "NBIL", "BILIRUBIN, NEONATAL", "CH", "SER", 2,
        (
            Analyte("1975-2", "NBILT", "BILIRUBIN, TOTAL (NEONATAL)", "mg/dL", 1,
                    _within(None, 12.0), Range(high=18)),
            Analyte("1968-7", "NBILD", "BILIRUBIN, DIRECT", "mg/dL", 1, _within(None, 0.6)),
        ),
    ),
    Panel(
        "lead", "10368-9", "PBC", "LEAD, CAPILLARY BLOOD", "TX", "BLD", 30,
        (
            Analyte(
                "10368-9", "PBC", "LEAD, BLOOD (CAPILLARY)", "mcg/dL", 1,
                (Range(None, 3.5, below_age=16), Range(None, 5.0)), Range(high=45), floor=1.0,
                note="FINGERSTICK. A RAISED VALUE IS CONFIRMED WITH BLOOD FROM A VEIN",
            ),
        ),
    ),
    Panel(
        "hcg", "2106-3", "UHCG", "HCG, URINE, QUALITATIVE", "CH", "UR", 1,
        (Finding("2106-3", "UHCG", "HCG, QL, URINE", "NEGATIVE", "POSITIVE"),),
    ),
    Panel(
        "covid", "94500-6", "COV2", "SARS-COV-2 RNA, QL RT PCR", "VR", "", 14,
        (Finding("94500-6", "COV2", "SARS-COV-2 RNA", "NOT DETECTED", "DETECTED", "CWE"),),
    ),
    Panel(
        "strep", "78012-2", "RSTR", "STREP A AG, RAPID", "MB", "", 1,
        (Finding("78012-2", "RSTR", "STREP A ANTIGEN, THROAT", "NEGATIVE", "POSITIVE", "CWE"),),
    ),
    Panel(
        "hepatitis_c", "13955-0", "HCVAB", "HEPATITIS C AB", "SR", "SER", 20,
        (Finding("13955-0", "HCVAB", "HEPATITIS C ANTIBODY", "NON-REACTIVE", "REACTIVE"),),
    ),
    Panel(
        "hiv", "56888-1", "HIV4", "HIV 1/2 AG/AB, 4TH GEN", "SR", "SER", 22,
        (Finding("56888-1", "HIV4", "HIV AG/AB, 4TH GEN", "NON-REACTIVE", "REACTIVE"),),
    ),
    Panel(
        "ct_gc", "43304-5", "CTGC", "CHLAMYDIA/N. GONORRHOEAE RNA, TMA", "MB", "UR", 28,
        (
            Finding("43304-5", "CT", "CHLAMYDIA TRACHOMATIS RNA", "NOT DETECTED", "DETECTED",
                    "CWE"),
            Finding("43305-2", "GC", "NEISSERIA GONORRHOEAE RNA", "NOT DETECTED", "DETECTED",
                    "CWE"),
        ),
    ),
    Panel(
        "urine_culture", "630-4", "UCX", "CULTURE, URINE, ROUTINE", "MB", "URC", 46,
        (
            Narrative("630-4", "UCX", "CULTURE, URINE", "TX", reports.URINE_CULTURE,
                      reports.URINE_CULTURE_PRELIMINARY),
        ),
    ),
    Panel(
        "pathology", "11529-5", "SURG", "TISSUE PATHOLOGY", "SP", "TISS", 50,
        (
            Narrative("22636-5", "PHX", "CLINICAL HISTORY", "FT", reports.PATHOLOGY_HISTORY),
            Narrative("22634-0", "PGR", "GROSS DESCRIPTION", "FT", reports.PATHOLOGY_GROSS),
            Narrative("22637-3", "PDX", "FINAL DIAGNOSIS", "FT", reports.PATHOLOGY_DIAGNOSIS),
        ),
    ),
    Panel(
        "chest_xray", "36643-5", "XRC2", "XR CHEST 2 VIEWS", "RAD", "", 5,
        (
            Narrative("18782-3", "RFIND", "FINDINGS", "TX", reports.XRAY_FINDINGS),
            Narrative("19005-8", "RIMP", "IMPRESSION", "TX", reports.XRAY_IMPRESSION),
        ),
        IMAGING,
    ),
    Panel(
        "stool", "29771-3", "FITP", "FECAL GLOBIN BY IMMUNOCHEMISTRY", "CH", "STL", 24,
        (
            Finding("29771-3", "FIT", "FECAL GLOBIN", "NEGATIVE", "POSITIVE", "CWE"),
            Narrative("11502-2", "PDF", "LABORATORY REPORT (PDF)", "ED", reports.STOOL_PDF),
        ),
    ),
    Panel(
        "fermentation", "", "RBX77", "FERMENTATION INDEX (RDL-DEVELOPED)", "CH", "EXG", 40,
        (Analyte("", "RBX77", "FERMENTATION INDEX", "index", 1, _within(2.0, 8.0)),),
    ),
)  # fmt: skip


def panels() -> tuple[Panel, ...]:
    return _PANELS


def panel_named(key: str) -> Panel:
    found = next((panel for panel in _PANELS if panel.key == key), None)
    if found is None:
        raise ValueError(f"no panel {key}; there are {', '.join(each.key for each in _PANELS)}")
    return found
