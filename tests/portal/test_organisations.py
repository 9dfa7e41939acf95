"""Hospitals' settings: strict, and one that is wrong closes no other's door."""

from collections.abc import Iterator

import pytest

from portal import objects, organisations
from portal.errors import NotFound
from portal.organisations import BadSettings

GOOD = """
name = "Riverbend Hospital"
vendor = "epic"
fhir_base = "https://ehr.example.org/api/FHIR/R4/"
client_id = "app"
[[identifiers]]
system = "urn:oid:2.16.840.1.113883.19.5"
authority = "RIVERBEND"
"""


@pytest.fixture
def _store(portal: None) -> Iterator[None]:  # noqa: ARG001
    organisations.forget()
    yield
    organisations.forget()


def test_a_file_is_an_organisation_by_its_name() -> None:
    found = organisations.parsed("riverbend-hospital.toml", GOOD)

    assert found.organisation_id == "riverbend-hospital"
    assert found.provider.base == "https://ehr.example.org/api/FHIR/R4"
    assert found.provider.audience == found.provider.base
    assert found.provider.quirks.client_auth == "client_secret_post"
    assert "launch/patient" in found.provider.scopes


def test_a_file_may_differ_from_its_vendor() -> None:
    text = GOOD.replace('client_id = "app"', 'client_id = "app"\nscopes = ["openid"]')
    own = '[quirks]\nclient_auth = "client_secret_basic"\nalgorithms = ["ES256"]'

    provider = organisations.parsed("a.toml", text + own).provider

    assert provider.scopes == ("openid",)
    assert provider.quirks.client_auth == "client_secret_basic"
    assert provider.quirks.algorithms == ("ES256",)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("https://ehr", "http://ehr", "plain https"),
        ("https://ehr.example.org", "https://10.0.0.7", "plain https"),
        ("https://ehr.example.org", "https://169.254.169.254", "plain https"),
        ("https://ehr.example.org", "http://localhost:1@ehr.example.org", "plain https"),
        ("/R4/", "/R4?x=1", "plain https"),
        ('"epic"', '"epik"', "vendor"),
        ('"epic"', '"athena"', "prefix"),
        ('client_id = "app"', 'client_id = ""', "client_id"),
        ('client_id = "app"', "", "client_id"),
        ('name = "Riverbend Hospital"', 'name = ""', "name"),
        ("[[identifiers]]", "[[identities]]", "identities"),
        ('authority = "RIVERBEND"', 'authority = ""', "authority"),
        ('client_id = "app"', 'client_id = "app"\nclient_secret = "x"', "client_secret"),
        (
            'client_id = "app"',
            'client_id = "app"\nclient_secret_parameter = "/other/secret"',
            "client_secret_parameter",
        ),
        (
            'client_id = "app"',
            'client_id = "app"\nclient_secret_parameter = "/portal/test/staff/secret"',
            "client_secret_parameter",
        ),
        ("[[identifiers]]", '[quirks]\nissuer = "http://a.example"\n[[identifiers]]', "https"),
        ("[[identifiers]]", "[quirks]\nverify = false\n[[identifiers]]", "verify"),
        ("[[identifiers]]", '[quirks.parameters]\nstate = "x"\n[[identifiers]]', "parameters"),
        ("[[identifiers]]", "[[identifiers", "TOML"),
    ],
)
def test_a_file_that_says_something_wrong_does_not_count(
    before: str, after: str, place: str
) -> None:
    with pytest.raises(BadSettings, match=place):
        organisations.parsed("a.toml", GOOD.replace(before, after))


@pytest.mark.parametrize("name", ["../senders/x.toml", "A.toml", "-a.toml", "a b.toml", ".toml"])
def test_a_files_name_is_plain(name: str) -> None:
    with pytest.raises(BadSettings, match="riverbend-hospital"):
        organisations.parsed(name, GOOD)


@pytest.mark.usefixtures("_store")
def test_a_file_that_does_not_count_is_never_stored() -> None:
    with pytest.raises(BadSettings):
        organisations.keep("not-stored.toml", GOOD.replace("https", "http"))

    assert "organisations/not-stored.toml" not in objects.names(organisations.PREFIX)
    with pytest.raises(NotFound):
        organisations.with_id("not-stored")


@pytest.mark.usefixtures("_store")
def test_one_that_is_wrong_closes_no_others_door() -> None:
    organisations.keep("right.toml", GOOD)
    objects.put("organisations/wrong.toml", b"\xff\xfe not toml")
    organisations.forget()

    assert "right" in organisations.everyone()
    assert "wrong" not in organisations.everyone()
