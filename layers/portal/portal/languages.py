"""The languages people read the portal in, and which of them a request gets."""

from dataclasses import dataclass

MOST_TAGS = 20  # an Accept-Language longer than this is no person's list


@dataclass(frozen=True)
class Language:
    code: str  # BCP 47: the html `lang`, the cookie, the catalogue's folder
    name: str  # in the language itself
    locale: str  # CLDR, for dates and numbers
    direction: str = "ltr"
    also: tuple[str, ...] = ()  # other tags browsers send for it


LANGUAGES = (
    Language("en", "English", "en_US"),
    Language("es", "Español", "es_US"),
    Language("zh-Hans", "简体中文", "zh_Hans", also=("zh",)),
    Language("vi", "Tiếng Việt", "vi"),
    Language("ar", "العربية", "ar", direction="rtl"),
    Language("fr", "Français", "fr"),
    Language("ko", "한국어", "ko"),
    Language("ru", "Русский", "ru"),
    Language("tl", "Tagalog", "fil", also=("fil",)),
    Language("ht", "Kreyòl ayisyen", "ht"),
)
ENGLISH = LANGUAGES[0]
BY_TAG = {tag.lower(): each for each in LANGUAGES for tag in (each.code, *each.also)}


def language(code: str) -> Language:
    """The language with this code; English when there is none."""
    return BY_TAG.get(code.lower(), ENGLISH)


def is_supported(code: str) -> bool:
    return code.lower() in BY_TAG


def negotiated(*, preference: str = "", cookie: str = "", accept_language: str = "") -> str:
    """The code of the language to answer in: what the person saved, chose here, or the browser
    asks for, in that order."""
    for code in (preference, cookie):
        if is_supported(code):
            return language(code).code
    return wanted(accept_language).code


def wanted(accept_language: str) -> Language:
    """RFC 9110 section 12.5.4, matched by RFC 4647 lookup: `es-MX` finds `es`."""
    ranges = [weighed(each) for each in accept_language.split(",")[:MOST_TAGS]]
    for tag, quality in sorted(ranges, key=lambda each: -each[1]):
        found = lookup(tag) if quality > 0 else None
        if found:
            return found
    return ENGLISH


def weighed(language_range: str) -> tuple[str, float]:
    tag, _, weight = language_range.partition(";")
    name, _, number = weight.replace(" ", "").partition("=")
    if name.lower() != "q":
        return tag.strip(), 1.0
    try:
        return tag.strip(), float(number)
    except ValueError:
        return tag.strip(), 0.0


def lookup(tag: str) -> Language | None:
    while tag:
        if is_supported(tag):
            return language(tag)
        tag = tag.rpartition("-")[0]
    return None
