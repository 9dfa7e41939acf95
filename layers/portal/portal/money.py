"""Amounts of money in words: the only door to Babel's currencies."""

from decimal import Decimal


def money(amount: str, currency: str, locale: str) -> str:
    """ "$120.00" for "120.00" and "USD" (ISO 4217). Babel is imported on first use."""
    from babel.numbers import format_currency

    return str(format_currency(Decimal(amount), currency, locale=locale))
