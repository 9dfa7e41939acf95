"""One invented message of each type that the portal reads, and of two that it does not."""

_MSH = r"MSH|^~\&|EHR|RIVERBEND|PORTAL|CLINIC|20260301120000-0500||"
_PID = "PID|1||P1^^^RIVERBEND^MR~77^^^STATE^SS||Rivera^Ana^M||19800203|F|||1 Elm St^^Springfield"
_PV1 = (
    "PV1|1|I|W1^101^1|R|||1^Raman^Priya||||||||||||V1^^^RIVERBEND^VN|||||||||||||||||||||||||2026"
)
_ORC = "ORC|NW|P1^EHR|F1^LAB||IP||^^^20260301^^R||20260301|||1^Raman^Priya"
_OBR = "OBR|1|P1^EHR|F1^LAB|24323-8^CMP^LN|||20260301080000-0500|||||||||1^Raman^Priya||||||||LAB|F"
_OBX = "OBX|1|NM|2345-7^Glucose^LN||98|mg/dL^^UCUM|70-99|N|||F|||20260301080000-0500"
_DRUG = "308191^amoxicillin 500 MG Oral Capsule^RXNORM"


def _message(kind: str, *segments: str) -> bytes:
    lines = [f"{_MSH}{kind}|M1|P|2.5.1|||AL|NE||UNICODE UTF-8", *segments]
    return ("\r".join(lines) + "\r").encode()


INVENTED = (
    _message("ADT^A01", "EVN|A01|20260301", _PID, _PV1, "AL1|1|DA|70618^Penicillin^RXNORM|SV|Rash"),
    _message(
        "ADT^A08", "EVN|A08|20260301", _PID, "NK1|1|Rivera^Leo|SPO", _PV1, "DG1|1||E11^T2^I10"
    ),
    _message("ADT^A40", "EVN|A40|20260301", _PID, "MRG|P2^^^RIVERBEND^MR"),
    _message(
        "BAR^P01", "EVN|P01|20260301", _PID, _PV1, "IN1|1|PLAN|INS1|Good Health||||G1||||2026"
    ),
    _message(
        "DFT^P03", "EVN|P03|20260301", _PID, _PV1, "FT1|1|T1||20260301||CG|99213^Visit^CPT|||1"
    ),
    _message(
        "SIU^S12",
        "SCH|A1^EHR|||||CHECKUP^Check-up|||30|min|^^30^202603021000-0500^202603021030-0500|||||||||||||Booked",
        _PID,
        "RGS|1",
        "AIP|1||1^Raman^Priya|D",
        "AIL|1||Room 1",
    ),
    _message(
        "MDM^T02", "EVN|T02|20260301", _PID, _PV1, "TXA|1|CN|TX|202603||||||||D1|||||AU", _OBX
    ),
    _message(
        "VXU^V04", _PID, "ORC|RE||I1", "RXA|0|1|20260301||207^COVID-19^CVX|0.5|mL||00", "RXR|IM"
    ),
    _message("RDE^O11", _PID, _ORC, f"RXE|^BID^D7^20260301|{_DRUG}|500||mg|||||14|CAP|2", "RXR|PO"),
    _message(
        "RDS^O13", _PID, _ORC, f"RXE||{_DRUG}|500||mg", f"RXD|1|{_DRUG}|20260301|14|CAP|||RX1"
    ),
    _message("OMP^O09", _PID, _ORC, f"RXO|{_DRUG}|500||mg", "RXR|PO"),
    _message("ORM^O01", _PID, _PV1, _ORC, _OBR, "DG1|1||E11^T2^I10", "NTE|1||Fasting"),
    _message(
        "OML^O21", _PID, _ORC, "TQ1|1||BID|||5^d|20260301", _OBR, "SPM|1|||119297000^Blood^SCT"
    ),
    _message("OMG^O19", _PID, _ORC, _OBR),
    _message("ORU^R01", _PID, _ORC, _OBR, _OBX, "NTE|1||Of the lab", "SPM|1|||119297000^Blood^SCT"),
    _message(
        "ORU^R01",
        _PID,
        _OBR.replace("24323-8^CMP", "630-4^Culture"),
        "OBX|1|CE|11475-1^Organism^LN|1|112283007^E. coli^SCT||||||F",
        "OBR|2||F1B^LAB|29576-6^Susceptibility^LN|||||||||||||||||||||F|11475-1^Organism^LN&1|||F1^LAB",
        "OBX|1|SN|28-1^Ampicillin^LN||>^16|ug/mL||R|||F",
        "OBX|2|ED|PDF^Report^L||LAB^AP^PDF^Base64^JVBERi0xLjQK||||||F",
    ),
    _message(
        "ORU^R01", _PID, _OBR, _OBX, _PID.replace("P1^", "P2^"), _OBR.replace("F1", "F2"), _OBX
    ),
    _message("ACK^A01", "MSA|AA|M1"),
    _message("QBP^Q11", "QPD|Q11|1|P1", "RCP|I"),
)
