"""The provider's file: what counts, what is refused, and what a token's claims become."""

from typing import Any

import pytest
from tests.clock import held
from tests.staff.provider import settings_text

from portal import staff_provider
from portal.roles import Role
from portal.staff_provider import BadSettings, NotEnough

GOOD = settings_text("https://login.example.org")
SCOPES = 'scopes = ["openid", "profile"]'
SECRET = "client_secret_parameter"
TWO = 'acr = ["urn:two"]\n        amr = ["mfa"]\n'
DULL = {"sub": "x", "amr": ["mfa"], "groups": ["Portal Nurses"], "auth_time": 1}


def test_a_good_file_says_whose_roles_are_which() -> None:
    said = staff_provider.parsed(GOOD)

    assert said.roles["Portal Desk"] is Role.FRONT_DESK
    assert said.provider.kind == "oidc"
    assert said.provider.base == "https://login.example.org/staff"


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("[provider]", "[provider", "TOML"),
        (TWO, "", "two factors"),
        ("https://login.example.org", "http://login.example.org", "provider"),
        ("https://login.example.org", "https://10.0.0.1", "provider"),
        ('"Portal Nurses" = "nurse"', '"Portal Nurses" = "king"', "roles"),
        (SCOPES, 'scopes = ["profile"]', "OpenID"),
        ('client_id = "portal-staff"', 'client_id = ""', "client_id"),
        ('name = "Riverbend sign-in"', 'kind = "smart"\nname = "x"', "OpenID"),
        ("[two_factor]", "[[two_factor]]", "two_factor"),
        (SCOPES, f'{SCOPES}\n{SECRET} = "/portal/test/organisations/x"', "/staff/"),
        (SCOPES, f'{SCOPES}\n{SECRET} = "/portal/staff-secret"', "/staff/"),
        (SCOPES, f'{SCOPES}\n{SECRET} = "/other/test/staff/x"', SECRET),
        ('roles_claim = "groups"', 'secret = "s"', "secret"),
    ],
)
def test_a_file_that_does_not_count_says_where(old: str, new: str, names: str) -> None:
    assert old in GOOD

    with pytest.raises(BadSettings) as refused:
        staff_provider.parsed(GOOD.replace(old, new))

    assert names in str(refused.value)


def test_its_secret_is_kept_among_the_staffs() -> None:
    kept = f'{SCOPES}\n{SECRET} = "/portal/test/staff/secret"'

    provider = staff_provider.parsed(GOOD.replace(SCOPES, kept)).provider

    assert provider.client_secret_parameter == "/portal/test/staff/secret"


@pytest.mark.usefixtures("portal")
def test_a_bad_file_is_never_stored() -> None:
    staff_provider.forget()
    with pytest.raises(BadSettings):
        staff_provider.keep("nonsense")

    with pytest.raises(Exception, match="NoSuchKey"):
        staff_provider.settings()


@pytest.mark.usefixtures("portal")
def test_a_file_that_somebody_spoiled_by_hand_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from portal.errors import Unavailable

    staff_provider.forget()
    monkeypatch.setattr("portal.objects.get", lambda _: b"nonsense")

    with pytest.raises(Unavailable):
        staff_provider.settings()


@pytest.mark.parametrize("again", [False, True])
def test_the_request_says_how_recent_and_how_strong(again: bool) -> None:
    asked = staff_provider.parsed(GOOD).asked(again=again).quirks.parameters

    assert asked["acr_values"] == "urn:two"
    assert asked["max_age"] == ("0" if again else "28800")
    assert asked.get("prompt") == ("login" if again else None)


def test_a_providers_own_parameters_stay_but_never_make_a_step_easier() -> None:
    more = '[provider.quirks.parameters]\nmax_age = "99999"\nui_locales = "en"'
    said = staff_provider.parsed(GOOD.replace("[two_factor]", f"{more}\n[two_factor]"))

    again = said.asked(again=True).quirks.parameters

    assert (again["max_age"], again["prompt"], again["ui_locales"]) == ("0", "login", "en")


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({}, {Role.NURSE}),
        ({"groups": "Portal Desk"}, {Role.FRONT_DESK}),
        ({"groups": ["Portal Desk", "Portal Nurses", "x", 7, None]}, {Role.FRONT_DESK, Role.NURSE}),
        ({"groups": {"Portal Desk": 1}}, set()),
        ({"groups": None}, set()),
        ({"roles": ["Portal Desk"], "groups": []}, set()),
    ],
)
def test_groups_become_roles(claims: dict[str, Any], roles: set[Role]) -> None:
    found = staff_provider.identity(staff_provider.parsed(GOOD), DULL | claims)

    assert found.roles == roles


@pytest.mark.parametrize(
    "claims",
    [
        {"amr": ["pwd"]},
        {"amr": None},
        {"amr": "m"},
        {"amr": [["mfa"]]},
        {"amr": [], "acr": "urn:one"},
    ],
)
def test_less_than_two_factors_is_not_enough(claims: dict[str, Any]) -> None:
    with pytest.raises(NotEnough, match="one-factor"):
        staff_provider.identity(staff_provider.parsed(GOOD), DULL | claims)


@pytest.mark.parametrize("auth_time", [None, "1", True, 9_000_000_000])
def test_a_time_that_is_none_or_ahead_is_not_enough(auth_time: Any) -> None:
    with pytest.raises(NotEnough, match="no-time"):
        staff_provider.identity(staff_provider.parsed(GOOD), DULL | {"auth_time": auth_time})


def test_a_clock_a_little_ahead_does_not_stay_fresh_for_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = held(monkeypatch).moment.timestamp()

    found = staff_provider.identity(staff_provider.parsed(GOOD), DULL | {"auth_time": moment + 30})

    assert found.signed_in_at == moment


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Noor C."}, "Noor C."),
        ({"name": "", "preferred_username": "noor"}, "noor"),
        ({"email": "noor@example.org"}, "noor@example.org"),
        ({"name": ["x"]}, ""),
        ({"name": "x" * 500}, "x" * 120),
    ],
)
def test_a_name_is_whatever_the_provider_gives(claims: dict[str, Any], name: str) -> None:
    assert staff_provider.identity(staff_provider.parsed(GOOD), DULL | claims).name == name
