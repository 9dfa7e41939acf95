"""Names of countries in the reader's language: the only door to Babel's territories."""


def name(code: str, locale: str) -> str:
    """ISO 3166 to words; "" for "", and the code itself where it has no name."""
    if not code:
        return ""
    from babel import Locale

    return str(Locale.parse(locale).territories.get(code, code))
