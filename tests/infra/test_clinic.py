"""The people of the demo clinic are complete and invented; its catalogue holds together."""

import re
from collections import Counter

import pytest
from infra.local.clinic.analytes import Analyte
from infra.local.clinic.derived import FORMULAS
from infra.local.clinic.panels import Panel, panels
from infra.local.clinic.people import patient, patients
from infra.local.clinic.staff import staff
from tests.infra.clinic_reading import age

LANGUAGES = {"en", "es", "zh", "vi", "ar", "fr", "ko", "ru", "tl", "ht"}
MIRRORED = {
    "mother": {"son", "daughter"}, "father": {"son", "daughter"},
    "son": {"mother", "father"}, "daughter": {"mother", "father"},
    "sister": {"sister", "brother"}, "brother": {"sister", "brother"},
    "wife": {"husband", "wife"}, "husband": {"husband", "wife"},
    "carer": {"cares for"}, "cares for": {"carer"},
}  # fmt: skip


def has_valid_check_digit(loinc: str) -> bool:
    """Mod 10 (Luhn), as LOINC's users' guide describes it."""
    number, check = loinc.split("-")
    doubled = [int(d) * (2 - i % 2) for i, d in enumerate(reversed(number))]
    return (10 - sum(d // 10 + d % 10 for d in doubled) % 10) % 10 == int(check)


def test_every_person_can_be_told_apart() -> None:
    people = patients()

    for field in ("mrn", "email", "phone"):
        given = [getattr(person, field) for person in people if getattr(person, field)]
        assert max(Counter(given).values()) == 1
    assert len({(p.family, p.given, p.birth_on) for p in people}) == len(people) >= 14


def test_every_person_is_reached_only_at_reserved_addresses() -> None:
    addresses = [p.email for p in patients() if p.email] + [m.email for m in staff()]

    assert all(re.search(r"[@.]example\.(org|com)$", address) for address in addresses)
    assert all(re.fullmatch(r"\+155555501\d\d", p.phone) for p in patients() if p.phone)


def test_the_clinic_has_all_ages_languages_and_sexes() -> None:
    ages = sorted(age(person) for person in patients())

    assert ages[0] < 0.1
    assert ages[-1] > 89
    assert any(15 <= each < 16 for each in ages)
    assert {p.language for p in patients()} == LANGUAGES
    assert {p.sex for p in patients()} == {"F", "M", "O"}


def test_every_family_tie_is_held_from_both_ends() -> None:
    for person in patients():
        for tie in person.ties:
            back = {t.relation for t in patient(tie.mrn).ties if t.mrn == person.mrn}
            assert back & MIRRORED[tie.relation], (person.mrn, tie)


def test_the_clinic_is_staffed() -> None:
    roles = Counter(member.role for member in staff())

    assert roles == {"clinician": 2, "nurse": 1, "front desk": 1, "billing": 1}
    assert all(member.demo_id[0] == "9" for member in staff())  # no NPI begins with 9


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.key)
def test_every_loinc_code_has_its_check_digit(panel: Panel) -> None:
    listed = [panel.loinc, *(test.loinc for test in panel.tests)]

    assert all(has_valid_check_digit(code) for code in listed if code)


def test_every_calculated_value_belongs_to_a_panel() -> None:
    listed = {test.code for p in panels() for test in p.tests if isinstance(test, Analyte)}

    assert set(FORMULAS) <= listed
