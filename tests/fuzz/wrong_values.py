"""What stands in fields where it should not."""

from random import Random

OTHER_DELIMITERS = (
    "^~\\&#",
    "@!$%",
    "^^^^",
    "",
    "^",
    "|~\\&",
    "ab12",
    "^~&",
    "^~\\\\&",
    " \t~&",
    ".-+*",
)

_TEXTS = (
    "",
    '""',
    '""^""',
    '"',
    " ",
    "^^^",
    "&&",
    "~",
    "~~^~",
    "0",
    "-1",
    "1e400",
    "NaN",
    "-Infinity",
    "0x1F",
    "000000000000000000000000001",
    "99999999999999999999.99999999999999999999",
    ">=^1^-^5",
    "^5^:^",
    "1-2-3",
    "<",
    "20240230",
    "20241399",
    "00000000",
    "99991231235959.9999+1400",
    "20260301120000+9999",
    "20260301120000.123456789-0500",
    "2026-03-01T12:00:00Z",
    "2026030125",
    "19",
    "240000",
    "\\F\\\\S\\\\T\\\\R\\\\E\\",
    "\\X0D0A00\\\\X\\\\XZZ\\",
    "\\.br\\\\.in+4\\\\.sp9999999\\",
    "\\H\\\\N\\\\C2842\\\\M2442\\",
    "\\",
    "\\\\\\",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "{{7*7}}{% x %}%s%n",
    "../../../../etc/passwd",
    "JVBERi0xLjQK",
    "LAB^AP^PDF^Base64^JVBERi0xLjQK",
    "LAB^AP^PDF^Base64^====",
    "^AP^^Hex^0G",
    "^TEXT^XML^A^<x/>",
    "2345-7^Glucose^LN^GLU^Glucose^L",
    "^^LN",
    "P1^^^RIVERBEND^MR",
    "P1^^^RIVERBEND&1.2.3&ISO^SS~P1",
    "\u0130\u00df".encode().decode("latin-1"),
    "\U0001f9ec\u202e".encode().decode("latin-1"),
    "\x00",
    "\x0b\x1c",
    "Q1H^BID&0800,1200^D0^X1",
    "1^Q99999999999H^D99999999",
    "mg/dL^^UCUM",
    "10*99/(m[",
    "http://[::1",
    "urn:uuid:",
    "a@b@c",
    "+1 (555) 0100 x9",
)
_HEADERS = {
    3: ("", "LAB", "*", '""'),
    4: ("", "RIVERBEND", "ELSEWHERE"),
    7: ("", "20260301", "20260230", "99999999999999", "now"),
    9: (
        *("", "ORU", "ORU^R01^ORU_R01", "ORU_R01", "oru^r01", "ADT^A40", "ADT^A24", "ADT^A03"),
        *("ADT^A99", "SIU^S12", "SIU^S26", "MDM^T02", "VXU^V04", "RDE^O11", "RDS^O13", "OMP^O09"),
        *("ORM^O01", "OML^O21", "OMG^O19", "BAR^P01", "DFT^P03", "ACK^R01", "MCF", "QBP^Q11"),
        *("^R01", "ORU^", "ADT~ORU^R01", "OUL^R22", "ORU&R01", '""'),
    ),
    10: ("", '""', "1", "M|1", "\\F\\", "a^b~c&d", "m" * 300, "\xe9", "zz1zz"),
    11: ("", "P", "P", "T", "D", "P^I", "P^T", "p", "X", '""'),
    12: (
        "",
        "2.1",
        "2.3",
        "2.5.1",
        "2.8.2",
        "2.9",
        "2.10",
        "3.0",
        "2",
        "2.5.1^USA",
        "v2.5",
        "2.9.9",
    ),
    15: ("", "AL", "NE", "ER", "SU", "al", "X"),
    16: ("", "AL", "NE", "ER", "SU", "X"),
    18: (
        *("", "UNICODE UTF-8", "8859/1", "8859/15", "8859/99", "ASCII", "ISO IR87", "BIG-5"),
        *(
            "GB 18030-2000",
            "KS X 1001",
            "UNICODE UTF-16",
            "~8859/1",
            "x" * 200,
            "utf-7",
            "ISO IR14",
        ),
    ),
}


def wrong_value(rng: Random) -> str:
    chance = rng.random()
    if chance < 0.7:
        return rng.choice(_TEXTS)
    if chance < 0.8:
        return "".join(rng.choices("0123456789.-<>+/ ^", k=rng.choice((1, 4, 9, 30))))
    if chance < 0.9:
        return rng.choice(_TEXTS) + rng.choice("^~&\\") + rng.choice(_TEXTS)
    return rng.choice(("A", "9", " ", "^", "\\", "é", "\\F\\")) * rng.choice((200, 2_000, 40_000))


def header_value(number: int, rng: Random) -> str:
    return rng.choice(_HEADERS[number]) if rng.random() < 0.9 else wrong_value(rng)
