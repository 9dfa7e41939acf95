"""What an operator does with hospitals whose sign-in patients may use."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.stores import client

from infra import organisations as command
from portal import objects, organisations

GOOD = """
name = "Harbor Hospital"
vendor = "epic"
fhir_base = "https://ehr.example.org/api/FHIR/R4"
client_id = "app"
client_secret_parameter = "/portal/portal/organisations/harbor"
[[identifiers]]
system = "urn:oid:2.16.840.1.113883.19.5"
authority = "RIVERBEND"
"""


@pytest.fixture(autouse=True)
def _nobody_yet(portal: None) -> Iterator[None]:  # noqa: ARG001
    """And nobody afterwards: other tests count the hospitals."""
    organisations.forget()
    yield
    for key in objects.names(f"{organisations.PREFIX}harbor"):
        client("s3").delete_object(Bucket="raw-messages", Key=key)
    organisations.forget()


def asked(*arguments: str) -> str:
    options: argparse.Namespace = command.parsed(list(arguments))
    return command.done(options)


def a_file(folder: Path, text: str = GOOD, name: str = "harbor-hospital.toml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


def test_a_hospital_that_was_put_is_listed_and_shown_as_it_was_written(tmp_path: Path) -> None:
    assert asked("put", a_file(tmp_path)).startswith("Stored for Harbor Hospital;")

    assert "harbor-hospital  Harbor Hospital" in asked().splitlines()
    assert asked("show", "harbor-hospital") == GOOD


def test_a_newer_file_takes_the_place_of_the_older(tmp_path: Path) -> None:
    asked("put", a_file(tmp_path))

    asked("put", a_file(tmp_path, GOOD.replace("Harbor Hospital", "Harbor Clinic")))

    assert "harbor-hospital  Harbor Clinic" in asked().splitlines()


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("https://", "http://", "plain https"),
        ("/organisations/harbor", "/staff/harbor", "client_secret_parameter"),
        ("[[identifiers]]", "[[identifiers", "TOML"),
    ],
)
def test_a_file_that_does_not_count_is_refused_with_the_place_and_not_stored(
    tmp_path: Path, before: str, after: str, place: str
) -> None:
    with pytest.raises(SystemExit, match=f"Not stored.*{place}"):
        asked("put", a_file(tmp_path, GOOD.replace(before, after)))

    assert objects.names(f"{organisations.PREFIX}harbor") == []


def test_a_files_name_is_the_hospitals_id(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="riverbend-hospital"):
        asked("put", a_file(tmp_path, name="Harbor Hospital.toml"))


@pytest.mark.parametrize("name", ["harbor-nowhere", "../senders/harbor", ""])
def test_a_hospital_that_is_not_there_is_said_to_be_none(name: str) -> None:
    with pytest.raises(SystemExit, match="There is no such hospital"):
        asked("show", name)


def test_a_file_that_is_not_there_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="cannot be read"):
        asked("put", str(tmp_path / "harbor-nowhere.toml"))
