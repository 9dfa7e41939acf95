"""How labs spell their units, as UCUM (https://ucum.org). Pure data for units.py; see NOTICE.

Spellings are in lower case and without spaces. A conversion within a kind is a power of ten.
"""

# The part above the line: UCUM symbol, and the prefixes labs use with it.
MEASURED = {
    "g": ("g", ("k", "", "m", "u", "n", "p", "f")),
    "mol": ("mol", ("", "m", "u", "n", "p", "f")),
    "eq": ("eq", ("", "m", "u")),
    "u": ("U", ("k", "", "m", "u")),
    "iu": ("[IU]", ("k", "", "m", "u")),
    "osm": ("osm", ("", "m")),
    "l": ("L", ("", "d", "c", "m", "u", "n", "p", "f")),
    "s": ("s", ("", "m")),
    "copies": ("{copies}", ("",)),
}
PREFIX_EXPONENTS = {"k": 3, "": 0, "d": -1, "c": -2, "m": -3, "u": -6, "n": -9, "p": -12, "f": -15}
# The same thing in other letters.
SYNONYMS = {
    "{copies}": "copies",
    "cop": "copies",
    "sec": "s",
    "secs": "s",
    "seconds": "s",
    "gm": "g",
    "grams": "g",
    "mcg": "ug",
    "mcl": "ul",
    "mcmol": "umol",
    "mm3": "ul",
    "mm^3": "ul",
    "mm*3": "ul",
    "cumm": "ul",
    "cmm": "ul",
    "units": "u",
    "mosmol": "mosm",
    "hr": "h",
    "hour": "h",
}
# Counts of cells: the word and its power of ten.
COUNTED = {
    "": 0,
    "#": 0,
    "cells": 0,
    "{cells}": 0,
    "k": 3,
    "th": 3,
    "thou": 3,
    "thousand": 3,
    "mil": 6,
    "mill": 6,
    "million": 6,
    "bil": 9,
    "tril": 12,
}
# Whole units: UCUM, kind, power of ten within the kind.
WHOLE = {
    "%": ("%", "fraction", -2),
    "percent": ("%", "fraction", -2),
    "l/l": ("L/L", "fraction", 0),
    "mm/h": ("mm/h", "mm/h", 0),
    "ml/min": ("mL/min", "mL/min", 0),
    "/hpf": ("/[HPF]", "/[HPF]", 0),
    "/[hpf]": ("/[HPF]", "/[HPF]", 0),
    "/lpf": ("/[LPF]", "/[LPF]", 0),
    "/[lpf]": ("/[LPF]", "/[LPF]", 0),
    "ratio": ("{ratio}", "{ratio}", 0),
    "{ratio}": ("{ratio}", "{ratio}", 0),
    "inr": ("{INR}", "{INR}", 0),
    "{inr}": ("{INR}", "{INR}", 0),
    "mmhg": ("mm[Hg]", "mm[Hg]", 0),
    "mm[hg]": ("mm[Hg]", "mm[Hg]", 0),
    "m/ul": ("10*6/uL", "number/l", 12),
}
# Flow scaled to a body surface of 1.73 m2, in the spellings seen.
for _area in ("1.73m2", "1.73", "1.73m^2", "1.73m*2", "1.73m²", "{1.73_m2}", "1.73sqm", "{1.73m2}"):
    WHOLE[f"ml/min/{_area}"] = ("mL/min/{1.73_m2}", "mL/min/{1.73_m2}", 0)
# In capitals it is 10*9/L for some labs and gram per litre for others.
AMBIGUOUS = frozenset({"G/L"})
