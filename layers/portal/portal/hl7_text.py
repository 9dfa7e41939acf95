"""Bytes to text, and text without HL7's escapes (HL7 v2 chapter 2, 2.7)."""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from functools import lru_cache
from typing import NamedTuple


class Delimiters(NamedTuple):
    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"
    truncation: str = "#"


# Table 0211. Only those that UTF-8 could be mistaken for need to come before it: a single-byte
# charset that happens to be valid UTF-8 with accents in it is, in practice, a wrong MSH-18.
_BEFORE_UTF_8 = {
    "ISO IR14": "iso2022_jp",
    "ISO IR87": "iso2022_jp",
    "ISO IR159": "iso2022_jp_1",
    "GB 18030-2000": "gb18030",
    "KS X 1001": "euc_kr",
    "BIG-5": "big5",
}
_AFTER_UTF_8 = {f"8859/{part}": f"iso8859_{part}" for part in range(1, 16)}
_KNOWN_TO_HTTP = re.compile(
    r"(utf-?8|us-ascii|iso-?8859-\d{1,2}|windows-125\d|gb18030|euc-kr|big5)"
)


def decoded(raw: bytes, charset: str | None = None, declared: str = "") -> tuple[str, str]:
    """The text and the codec that gave it: HTTP's `charset`, then MSH-18, UTF-8, Latin-1."""
    if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return raw.decode("utf-16", errors="replace"), "utf-16"
    body = raw.removeprefix(BOM_UTF8)
    for codec in _candidates(charset, declared):
        try:
            return body.decode(codec), codec
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1"), "latin-1"


def _candidates(charset: str | None, declared: str) -> list[str]:
    asked = (charset or "").strip().strip('"').lower()
    codecs = [asked] if _KNOWN_TO_HTTP.fullmatch(asked) and _exists(asked) else []
    names = [name.strip().upper() for name in declared.split("~")]
    codecs += [_BEFORE_UTF_8[name] for name in names if name in _BEFORE_UTF_8]
    return [*codecs, "utf-8", *(_AFTER_UTF_8[name] for name in names if name in _AFTER_UTF_8)]


@lru_cache(maxsize=64)
def _exists(codec: str) -> bool:
    try:
        b"".decode(codec)
    except LookupError:
        return False
    return True


def unescaped(text: str, delimiters: Delimiters, charset: str = "utf-8") -> str:
    """Unknown escapes stay as they are; control characters other than tab and line ends go."""
    if delimiters.escape and delimiters.escape in text:
        meanings = _meanings(delimiters)

        def meaning(found: re.Match[str]) -> str:
            name = found[1]
            return _hexadecimal(name, charset) if name[0] == "X" else meanings[name]

        text = _escapes(delimiters.escape).sub(meaning, text)
    return text if text.isprintable() else text.translate(_WITHOUT_CONTROLS)


def escaped(text: str, delimiters: Delimiters) -> str:
    """Text of ours made safe to stand in a field."""
    mark = delimiters.escape
    signs = {mark: "E", delimiters.field: "F", delimiters.component: "S"}
    signs |= {delimiters.repetition: "R", delimiters.subcomponent: "T"}
    table = {ord(sign): f"{mark}{name}{mark}" for sign, name in signs.items()}
    return " ".join(text.split()).translate(table)


_CONTROLS = {*range(32), 127} - {*b"\t\n\r"} | {*range(0xD800, 0xE000)}
_WITHOUT_CONTROLS: dict[int, None] = dict.fromkeys(_CONTROLS)


@lru_cache(maxsize=32)
def _escapes(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(f"{mark}([FSTREPHN]|\\.br|\\.sp|\\.ce|X(?:[0-9A-Fa-f]{{2}})+){mark}")


@lru_cache(maxsize=32)
def _meanings(delimiters: Delimiters) -> dict[str, str]:
    return {
        "F": delimiters.field,
        "S": delimiters.component,
        "T": delimiters.subcomponent,
        "R": delimiters.repetition,
        "E": delimiters.escape,
        "P": delimiters.truncation,
        "H": "",
        "N": "",
        ".br": "\n",
        ".sp": "\n",
        ".ce": "\n",
    }


def _hexadecimal(name: str, charset: str) -> str:
    data = bytes.fromhex(name[1:])
    try:
        text = data.decode(charset)
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")
