"""HL7's own code tables: what a bare code in a field means when it is one of the table's.

A field bound to a table needs no coding system (HL7 v2 chapter 2.A, CWE), so senders write `SPO`
and mean `SPO^Spouse^HL70063`. A code whose text contradicts the table is the sender's own.
"""

from types import MappingProxyType
from typing import Any

from portal import codings
from portal.hl7_segments import Value

type Names = dict[str, str]


def _names(text: str) -> Names:
    """`A=Accident; E=Emergency`"""
    return dict(pair.strip().split("=", 1) for pair in text.split(";"))


TABLES: MappingProxyType[str, Names] = MappingProxyType(
    {
        "0001": _names("F=Female; M=Male; O=Other; U=Unknown; A=Ambiguous; N=Not applicable"),
        "0002": _names(
            "A=Separated; D=Divorced; M=Married; S=Single; W=Widowed; C=Common law;"
            "G=Living together; P=Domestic partner; R=Registered domestic partner;"
            "E=Legally Separated; N=Annulled; I=Interlocutory; B=Unmarried; U=Unknown; O=Other;"
            "T=Unreported"
        ),
        "0004": _names(
            "E=Emergency; I=Inpatient; O=Outpatient; P=Preadmit; R=Recurring patient;"
            "B=Obstetrics; C=Commercial Account; N=Not Applicable; U=Unknown"
        ),
        "0007": _names(
            "A=Accident; E=Emergency; L=Labor and Delivery; R=Routine; U=Urgent; C=Elective;"
            "N=Newborn (Birth in healthcare facility)"
        ),
        "0023": _names(
            "1=Physician referral; 2=Clinic referral; 3=HMO referral; 4=Transfer from a hospital;"
            "5=Transfer from a skilled nursing facility;"
            "6=Transfer from another health care facility; 7=Emergency room;"
            "8=Court/law enforcement; 9=Information not available"
        ),
        "0063": _names(
            "SEL=Self; SPO=Spouse; DOM=Life partner; CHD=Child; GCH=Grandchild;"
            "NCH=Natural child; SCH=Stepchild; FCH=Foster child; DEP=Handicapped dependent;"
            "WRD=Ward of court; PAR=Parent; MTH=Mother; FTH=Father; CGV=Care giver;"
            "GRD=Guardian; GRP=Grandparent; EXF=Extended family; SIB=Sibling; BRO=Brother;"
            "SIS=Sister; FND=Friend; OAD=Other adult; EME=Employee; EMR=Employer;"
            "ASC=Associate; EMC=Emergency contact; OWN=Owner; TRA=Trainer; MGR=Manager;"
            "NON=None; UNK=Unknown; OTH=Other"
        ),
        "0069": _names(
            "MED=Medical Service; SUR=Surgical Service; URO=Urology Service;"
            "PUL=Pulmonary Service; CAR=Cardiac Service"
        ),
        "0127": _names(
            "DA=Drug allergy; FA=Food allergy; MA=Miscellaneous allergy; LA=Pollen allergy;"
            "MC=Miscellaneous contraindication; EA=Environmental allergy; AA=Animal allergy;"
            "PA=Plant allergy"
        ),
        "0128": _names("SV=Severe; MO=Moderate; MI=Mild; U=Unknown"),
        "0131": _names(
            "BP=Billing contact person; CP=Contact person; EP=Emergency contact person;"
            "PR=Person preparing referral; E=Employer; C=Emergency Contact; F=Federal Agency;"
            "I=Insurance Company; N=Next-of-Kin; S=State Agency; O=Other; U=Unknown"
        ),
        "0136": _names("Y=Yes; N=No"),
        "0217": _names("1=Emergency; 2=Urgent; 3=Elective"),
        "0230": _names("A=Anesthesia; D=Diagnostic procedure"),
        "0309": _names(
            "B=Both hospital and physician; H=Hospital/institutional;P=Physician/professional"
        ),
        "0344": _names(
            "01=Patient is insured; 02=Spouse; 03=Natural child/insured financial responsibility;"
            "04=Natural child/Insured does not have financial responsibility; 05=Step child;"
            "06=Foster child; 07=Ward of the court; 08=Employee; 09=Unknown;"
            "10=Handicapped dependent; 11=Organ donor; 12=Cadaver donor; 13=Grandchild;"
            "14=Niece/nephew; 15=Injured plaintiff; 16=Sponsored dependent;"
            "17=Minor dependent of a minor dependent; 18=Parent; 19=Grandparent"
        ),
        "0438": _names(
            "U=Unconfirmed; P=Pending; S=Suspect; C=Confirmed or verified;"
            "I=Confirmed but inactive; E=Erroneous; D=Doubt raised"
        ),
    }
)
# Table 0203, the codes alone.
_IDENTIFIER_TYPES = """
    AC ACSN AIN AM AMA AN ANC AND ANON ANT APRN ASID BA BC BCFN BCT BR BRN BSNR CAAI CC CONM
    CY CZ DC DCFN DDS DEA DFN DI DL DN DO DP DPM DR DS DSG EI EN ESN ETIN FDR FDRFN FGN FI
    FILL GI GIN GKV GL GN HC IND IRISTEM JHN KZVA LACSN LANR LI LN LR MA MB MC MCD MCN MCR MCT
    MD MI MR MRT MS NBSNR NCT NE NH NI NII NIIH NIIP NP NPI OBI OD PA PAYERID PC PCN PE PEN
    PGN PHC PHE PHO PI PIN PKV PLAC PN PNT PPIN PPN PRC PRN PT QA RI RN RPH RR RRI RRP SAMN SB
    SID SL SN SNBSN SNO SP SR SRX SS STN TAX TN TPR TRL U UDI UCID UMB UPIN USID VN VP VS WC
    WCN WP XV XX ZANR
"""
IDENTIFIER_TYPES = frozenset(_IDENTIFIER_TYPES.split())
_SYSTEM = "http://terminology.hl7.org/CodeSystem/v2-"
_SPELLED_OUT = {  # displays that senders shorten
    "0136": {"true": "Y", "false": "N"},
}


def code_in(value: Value, table: str) -> str:
    """The table's code for what was sent: a code, or the table's own words for one; else ""."""
    names = TABLES[table]
    code, text = codings.code(value.text(1)), codings.code(value.text(2)).casefold()
    system = codings.system_of(value.text(3))
    if system and system != _SYSTEM + table:
        return ""
    if code.upper() in names and text in ("", names[code.upper()].casefold()):
        return code.upper()
    if code and text:
        return code.upper() if system and code.upper() in names else ""
    words = {name.casefold(): known for known, name in names.items()}
    return (words | _SPELLED_OUT.get(table, {})).get(code.casefold() or text, "")


def coding(code: str, table: str) -> dict[str, str]:
    return {"system": _SYSTEM + table, "code": code, "display": TABLES[table][code]}


def tabled(value: Value, table: str) -> dict[str, Any]:
    """CodeableConcept: the table's own coding where it is one, the sender's words in any case."""
    code = code_in(value, table)
    said = codings.concept(value)
    if not code:
        return said
    others = [each for each in said.get("coding", []) if each.get("code", "").upper() != code]
    own = coding(code, table)
    text = value.text(9).strip() or value.text(2).strip() or own["display"]
    return {"coding": [own, *others], "text": text}
