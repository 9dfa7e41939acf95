"""One invented message of each kind, as full as such messages are."""

HEADER = "MSH|^~\\&|EHR|CLINIC|PORTAL|CLINIC|20261101090000-0500||{kind}|1|P|2.5.1"
PID = (
    "PID|1||1^^^CLINIC^MR~A77^^^STATE^DL||Rivera^Ana^María^^Dr^^L~Rivera Soto^Ana^^^^^M||19800203|F"
    "||2106-3^White^CDCREC|12 Elm St^Apt 4^Springfield^IL^62704^USA^H||^PRN^PH^^1^555^5550101"
    "~^NET^Internet^ana@example.org|^WPN^PH^^1^555^5550102|es^Spanish^ISO6391|M|||||"
    "|2135-2^Hispanic or Latino^CDCREC"
)
PV1 = (
    "PV1|1|I|4W^12^A^CLINIC||||99^Raman^Priya^^^Dr|98^Beaulieu^Marc|||||||||99^Raman^Priya|IN"
    "|V1^^^CLINIC^VN" + "|" * 25 + "20261101080000-0500"
)
OBX = "OBX|{n}|NM|2345-7^Glucose^LN^GLU^GLUCOSE^L||{n}.5|mg/dL^^UCUM|70-99|N|||F|||20261101080000"


def message(kind: str, *segments: str) -> bytes:
    """`kind` as in MSH-9."""
    return ("\r".join([HEADER.format(kind=kind), *segments]) + "\r").encode()


PANEL = message(
    "ORU^R01^ORU_R01",
    "PID|1||1^^^CLINIC^MR||Rivera^Ana||19800203|F",
    "OBR|1|P1|F1|24323-8^CMP^LN|||20261101080000-0500|||||||||1^Raman^Priya"
    "||||||20261101090000||L|F",
    *(OBX.format(n=n) for n in range(1, 21)),
)
ADMISSION = message(
    "ADT^A08^ADT_A01",
    "EVN|A08|20261101090000-0500",
    PID,
    "NK1|1|Rivera^Luis|SPO^Spouse^HL70063|12 Elm St^^Springfield^IL^62704|^PRN^PH^^1^555^5550103",
    PV1,
    "AL1|1|DA^Drug^HL70127|7980^Penicillin^RXNORM|MO^Moderate^HL70128|Hives",
    "DG1|1||E11.9^Type 2 diabetes^I10|||A",
    "IN1|1|PPO^Preferred|55^^^PAYER|Prairie Health|||||||20260101|20261231||PPO|Rivera^Ana|SEL",
)
APPOINTMENT = message(
    "SIU^S12^SIU_S12",
    "SCH|P1^EHR|F1^SCHED||||ROUTINE^Routine|CHECKUP^Check-up|FOLLOWUP^Follow-up|30|min"
    "|^^30^20261201090000-0500^20261201093000-0500|||||99^Raman^Priya||||98^Beaulieu^Marc|||||Booked",
    PID,
    "RGS|1|A",
    "AIS|1|A|99213^Office visit^C4|20261201090000-0500|||30|min",
    "AIP|1|A|99^Raman^Priya^^^Dr|ATT^Attending|||||||Confirmed",
    "AIL|1|A|ROOM2^^^CLINIC|C|||||||Confirmed",
)
VACCINATION = message(
    "VXU^V04^VXU_V04",
    PID,
    "ORC|RE||N1^EHR|||||||||99^Raman^Priya",
    "RXA|0|1|20261101080000-0500||140^Influenza, seasonal, injectable, preservative free^CVX|0.5"
    "|mL^milliliter^UCUM||00^New^NIP001|98^Beaulieu^Marc|^^^CLINIC||||L1234|20270630"
    "|PMC^Sanofi^MVX|||CP|A",
    "RXR|C28161^Intramuscular^NCIT|LD^Left deltoid^HL70163",
    "OBX|1|CE|64994-7^Eligibility^LN|1|V01^Not eligible^HL70064||||||F|||20261101",
    "OBX|2|CE|30956-7^Vaccine type^LN|2|88^Influenza^CVX||||||F|||20261101",
    "OBX|3|TS|29768-9^VIS published^LN|2|20210806||||||F|||20261101",
)
PRESCRIPTION = message(
    "RDE^O11^RDE_O11",
    PID,
    "ORC|NW|P1^EHR|F1^PHARM||IP||1^BID^^20261101^20261110||20261101090000|||99^Raman^Priya",
    "RXE|1^BID^^20261101^20261110|308191^amoxicillin 500 MG Oral Capsule^RXNORM|500||mg^milligram"
    "|CAP^Capsule|TAKE^Take with food||G|20|CAP|2|99^Raman^Priya||RX77",
    "RXR|PO^Oral^HL70162",
    "TQ1|1|500^mg|BID|||||20261101|20261110",
)
DOCUMENT = message(
    "MDM^T02^MDM_T02",
    "EVN|T02|20261101090000-0500",
    PID,
    PV1,
    "TXA|1|DS^Discharge summary^HL70270|TX|20261101080000-0500|99^Raman^Priya|20261101090000-0500"
    "||||||D1^DOCS|||||AU||AV",
    *(f"OBX|{n}|TX|BODY^Report body^L||Line {n} of what was written.||||||F" for n in range(1, 41)),
)
OTHERS = {
    "ADT^A08, with next of kin, allergy, diagnosis, cover": ADMISSION,
    "SIU^S12, with provider, room and service": APPOINTMENT,
    "VXU^V04, one vaccination": VACCINATION,
    "RDE^O11, one prescription": PRESCRIPTION,
    "MDM^T02, 40 lines of text": DOCUMENT,
}
