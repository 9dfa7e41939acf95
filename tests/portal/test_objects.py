"""Messages as received: kept once under their hash, and held against it (45 CFR 164.312(c))."""

from collections.abc import Iterator

import pytest
from functions.lab_release import app
from tests.builders import a_message, a_patient
from tests.stores import client

from portal import arrivals, objects

pytestmark = pytest.mark.usefixtures("portal")


@pytest.fixture(autouse=True)
def _no_cache() -> Iterator[None]:
    objects.forget()
    yield
    objects.forget()


def put(name: str, body: bytes, **facts: str) -> None:
    """By somebody who may write into the bucket."""
    client("s3").put_object(Bucket="raw-messages", Key=f"raw/{name}", Body=body, Metadata=facts)


@pytest.mark.parametrize("sender", ["", "Main lab", "Müller & Söhne\n"])
@pytest.mark.parametrize("charset", ["", "iso-8859-1"])
def test_what_was_kept_is_read_as_it_came(sender: str, charset: str) -> None:
    raw = a_message(a_patient())

    name = objects.keep_raw(raw, charset, sender)

    assert objects.raw(name) == (raw, charset or None)
    assert objects.keep_raw(raw, charset, sender) == name


def test_the_same_bytes_of_two_senders_are_two() -> None:
    names = {objects.raw_id(b"{}", sender) for sender in ("", "one", "other")}

    assert len(names) == 3


@pytest.mark.parametrize("sender", ["", "Main lab"])
@pytest.mark.parametrize("said", [{}, {"sender": "Main lab"}, {"sender": "other"}])
def test_a_kept_message_that_was_changed_is_not_read(sender: str, said: dict[str, str]) -> None:
    raw = a_message(a_patient())
    name = objects.keep_raw(raw, sender=sender)
    put(name, raw + b"NTE|1||x\r", **said)

    with pytest.raises(objects.Altered):
        objects.raw(name)


def test_another_message_in_its_place_is_not_read_either() -> None:
    name = objects.keep_raw(a_message(a_patient()))
    put(name, a_message(a_patient()))

    with pytest.raises(objects.Altered):
        objects.raw(name)


def test_a_changed_message_is_released_to_nobody_and_says_why() -> None:
    """It stays open for a try, and ends in the dead letters with this reason."""
    raw = a_message(a_patient())
    name = objects.keep_raw(raw)
    arrivals.received(name, "queue")
    put(name, raw.replace(b"|F", b"|C"))

    with pytest.raises(app.StepFailed):
        app.handler({"step": "parse", "ids": {"raw_id": name}}, None)

    assert arrivals.last_failure(name) == "parse: Altered"
