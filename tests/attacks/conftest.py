"""Every attack is made against the same stores as everywhere else; only the slow hashes are made
quick, whose cost tests of their own watch."""

import pytest
from argon2 import PasswordHasher

from portal import passwords, typed_codes

HASHER = PasswordHasher(1, 8, 1)
NOBODYS = HASHER.hash("what nobody knows")
COST = {"n": 2**4, "r": 8, "p": 1, "dklen": 32}


@pytest.fixture(autouse=True)
def _stores(portal: None) -> None:
    """The local AWS; races are real there."""


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "HASHER", HASHER)
    monkeypatch.setattr(passwords, "NOBODYS", NOBODYS)
    monkeypatch.setattr(typed_codes, "COST", COST)
