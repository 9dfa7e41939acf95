"""What an operator does with messages in quarantine."""

import argparse
from pathlib import Path

import pytest
from tests import stores
from tests.builders import a_message, a_patient, released, walked

from infra import quarantine as command
from portal import arrivals, objects, published, senders
from portal.errors import Unusable
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")


def asked(*arguments: str) -> str:
    options: argparse.Namespace = command.parsed(list(arguments))
    return command.DO[options.what](options)


def put_aside(raw: bytes) -> str:
    with pytest.raises(Unusable):
        released(raw)
    return objects.raw_id(raw)


def theirs(patient: Patient) -> bytes:
    """With a name for the authority that only its sender uses."""
    return a_message(patient, pid={"authority": "THEIRS"}).replace(b"|LAB|", b"|LAB77|", 1)


def test_the_list_says_why_each_message_waits() -> None:
    raw_id = put_aside(theirs(a_patient()))

    (line,) = [each for each in asked("list").splitlines() if each.startswith(raw_id[:12])]

    assert "patient-unmatched" in line
    assert "PID-3" in line


def test_one_message_is_explained_without_its_values() -> None:
    patient = a_patient(family="Unmistakable")
    raw_id = put_aside(theirs(patient))

    shown = asked("show", raw_id[:16])

    assert "ORU^R01" in shown
    assert "settings that apply" in shown
    assert "Unmistakable" not in shown
    assert "Unmistakable" in asked("show", raw_id[:16], "--whole")


def test_a_short_id_must_be_one_messages() -> None:
    with pytest.raises(command.CannotDo, match="0 messages"):
        asked("show", "nothing")


def test_settings_put_right_let_the_senders_messages_go_on(tmp_path: Path) -> None:
    patient = a_patient()
    raw_id = put_aside(theirs(patient))
    file = tmp_path / "lab77.toml"
    file.write_text(
        'name = "Lab 77"\nsends_as = [{ application = "LAB77" }]\n'
        '[authorities]\nTHEIRS = "RIVERBEND"\n'
    )
    stores.queued("LabMessages")
    try:
        said = asked("sender", "lab77.toml", "--file", str(file))

        assert {"raw_id": raw_id} in stores.queued("LabMessages")
        assert "Lab 77" in said
        walked(raw_id)
        assert arrivals.arrival(raw_id).state == arrivals.CARDED
        assert len(published.listed(patient.patient_id, 5, "")[0]) == 1
    finally:
        stores.client("s3").delete_object(Bucket="raw-messages", Key="senders/lab77.toml")
        senders.forget()


def test_wrong_settings_are_not_stored(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text('name = "x"\ntimezone = "here"')

    with pytest.raises(command.CannotDo, match="Not stored"):
        asked("sender", "wrong.toml", "--file", str(file))


def test_a_replay_starts_from_the_beginning() -> None:
    raw_id = put_aside(theirs(a_patient()))
    stores.queued("LabMessages")

    asked("replay", raw_id[:16])

    assert {"raw_id": raw_id} in stores.queued("LabMessages")
    assert arrivals.arrival(raw_id).state == arrivals.RECEIVED


def test_what_is_dismissed_is_listed_no_more_and_kept() -> None:
    raw_id = put_aside(theirs(a_patient()))

    asked("dismiss", raw_id[:16])

    assert raw_id[:12] not in asked("list")
    assert stores.is_kept(raw_id)
