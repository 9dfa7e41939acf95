"""Numbers a laboratory calculates from others, so that the parts of a panel agree."""

from collections.abc import Callable, Mapping

from infra.local.clinic.analytes import Subject

Values = Mapping[str, float]
Formula = Callable[[Values, Subject], float]


def _egfr(values: Values, subject: Subject) -> float:
    """CKD-EPI 2021, without race; without a recorded F the male constants apply."""
    is_female = subject.sex == "F"
    kappa, alpha = (0.7, -0.241) if is_female else (0.9, -0.302)
    ratio = values["2160-0"] / kappa
    rate = 142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**subject.age_years
    return float(rate * (1.012 if is_female else 1))


def _share(part: str) -> Formula:
    return lambda values, _: values["6690-2"] * values[part] / 100


# In this order: a formula may use those above it. Keys are LOINC codes.
FORMULAS: dict[str, Formula] = {
    "4544-3": lambda v, _: 100 * v["718-7"] / v["786-4"],
    "789-8": lambda v, _: 10 * v["4544-3"] / v["787-2"],
    "785-6": lambda v, _: 10 * v["718-7"] / v["789-8"],
    "770-8": lambda v, _: 100 - v["736-9"] - v["5905-5"] - v["713-8"] - v["706-2"],
    "751-8": _share("770-8"),
    "731-0": _share("736-9"),
    "742-7": _share("5905-5"),
    "711-2": _share("713-8"),
    "704-7": _share("706-2"),
    "98979-8": _egfr,
    "3097-3": lambda v, _: v["3094-0"] / v["2160-0"],
    "33037-3": lambda v, _: v["2951-2"] - v["2075-0"] - v["2028-9"],
    "10834-0": lambda v, _: v["2885-2"] - v["1751-7"],
    "1759-0": lambda v, _: v["1751-7"] / v["10834-0"],
    "13457-7": lambda v, _: v["2093-3"] - v["2085-9"] - v["2571-8"] / 5,
    "43396-1": lambda v, _: v["2093-3"] - v["2085-9"],
    "9830-1": lambda v, _: v["2093-3"] / v["2085-9"],
    "27353-2": lambda v, _: 28.7 * v["4548-4"] - 46.7,
    "2502-3": lambda v, _: 100 * v["2498-4"] / v["2500-7"],
    "14959-1": lambda v, _: 1000 * v["14957-5"] / v["2161-8"],
    "5902-2": lambda v, _: 11.4 * v["6301-6"] ** 0.9,
}
