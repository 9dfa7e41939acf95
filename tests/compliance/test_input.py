"""What an action takes: bounded, its own fields only, each from one place (ASVS V2, V15.3)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from tests.architecture.template import template
from tests.builders import a_link_session, a_patient
from tests.client import actions
from tests.visitors import a_browser, an_app

from portal import user_accounts
from portal.methods import Confidence
from portal.web import Action

FORM = {"content-type": "application/x-www-form-urlencoded"}
JSON = {"content-type": "application/json"}
NEVER_SAID = {"standing", "assurance", "confidence", "methods", "roles", "generation"}
CUT_IN_THE_ACTION = {"password", "current"}  # so that a long one is refused as a wrong one is


def asks() -> Iterator[tuple[str, Action]]:
    for room, action in actions():
        if not action.raw_body:  # another protocol's body, bounded by its own door
            yield room, action


def texts_of(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from texts_of(field.annotation)
        elif "str" in str(field.annotation) and "Enum" not in str(field.annotation):
            yield name, field


def is_bounded(field: FieldInfo) -> bool:
    """By a length or a pattern; a type of its own says the same in its metadata."""
    rules = " ".join(map(repr, field.metadata)) + repr(field.annotation)
    return "max_length" in rules or "pattern" in rules


def test_every_text_a_person_may_send_has_a_limit() -> None:
    endless = {
        f"{action.method} {action.path}: {name}"
        for _, action in asks()
        for name, field in texts_of(action.ask)
        if field.annotation is str and not is_bounded(field) and name not in CUT_IN_THE_ACTION
    }

    assert endless == set()


def test_an_ask_takes_its_own_fields_and_no_right() -> None:
    for _, action in asks():
        assert action.ask.model_config.get("extra", "ignore") != "allow", action.path
        assert not NEVER_SAID & action.ask.model_fields.keys(), action.path


def test_a_patient_never_says_whose_record_it_is() -> None:
    for room, action in asks():
        if room != "staff":
            named = {"patient_id", "subject_id"} & action.ask.model_fields.keys()
            assert not named, action.path


def test_nobody_is_asked_a_secret_question() -> None:
    asked = {name for _, action in asks() for name in action.ask.model_fields}

    assert not [name for name in asked if re.search("question|answer|hint|maiden|pet", name)]


def test_staff_never_choose_a_password() -> None:
    """They take lost ones away; the patient sets the next."""
    asked = {name for room, action in asks() if room == "staff" for name in action.ask.model_fields}

    assert asked
    assert not [name for name in asked if "password" in name]


@pytest.mark.usefixtures("portal")
def test_fields_nobody_asked_for_change_nothing() -> None:
    patient = a_patient()
    browser = an_app(cookies={"session": a_link_session(patient)})
    said: dict[str, Any] = {"born_on": "1900-01-01", "identifier": "X", "return_to": "/"}
    said |= {"confidence": 2, "patient_id": a_patient().patient_id, "methods": "passkey"}

    answer = browser.send("POST", "/sign-in/step/proof", json.dumps(said).encode(), JSON)

    assert answer.status == 400
    assert user_accounts.of(patient.patient_id).confidence is Confidence.ON_FILE
    assert browser.get("/results").status == 403


@pytest.mark.usefixtures("portal")
def test_a_field_comes_from_one_place_and_its_last_word_counts() -> None:
    """Query and body are never mixed, in either direction; a parameter said twice is said once."""
    browser = a_browser()

    browser.send("POST", "/settings/language?language=es", b"language=en", FORM)
    assert browser.cookies["lang"] == "en"
    browser.send("POST", "/settings/language?language=en", b"language=en&language=es", FORM)
    assert browser.cookies["lang"] == "es"
    browser.send("POST", "/settings/language", b'{"language": "es", "language": "en"}', JSON)
    assert browser.cookies["lang"] == "en"


@pytest.mark.usefixtures("portal")
def test_a_cookie_or_header_is_no_field() -> None:
    browser = a_browser(cookies={"address": "ana@example.org"})

    answer = browser.send("POST", "/sign-in", b"", FORM | {"address": "ana@example.org"})

    assert answer.status == 400


def test_the_front_throttles_everybody_before_any_function_starts() -> None:
    (settings,) = template()["Resources"]["Portal"]["Properties"]["MethodSettings"]

    assert (settings["ResourcePath"], settings["HttpMethod"]) == ("/*", "*")
    assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 1000
