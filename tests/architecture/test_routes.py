"""The routes: template.yaml, the rooms and openapi.json say the same."""

import json
import re
from datetime import UTC, datetime

import pytest
from tests.architecture.template import functions, template
from tests.client import Client, actions

from infra import openapi
from portal.access import Standing, Subject, Verdict, decided
from portal.granting import Relation
from portal.methods import Assurance, Confidence
from portal.scopes import NEEDED, Scope

OPEN = {  # routes a visitor without a session may use, each for its reason
    ("GET", "/sign-in"),
    ("POST", "/sign-in"),
    ("GET", "/sign-in/{token}"),
    ("POST", "/sign-in/{token}"),
    ("GET", "/signed-out"),
    ("GET", "/sign-in/with"),
    ("POST", "/sign-in/with/{organisation}"),
    ("GET", "/sign-in/callback"),
    ("GET", "/activate"),
    ("POST", "/activate"),
    ("GET", "/activate/{token}"),
    ("POST", "/activate/{token}"),
    ("GET", "/activate/register"),
    ("POST", "/activate/register"),
    ("POST", "/activate/register/code"),
    ("GET", "/family/join/{token}"),
    ("POST", "/family/join/{token}"),
    ("POST", "/sign-in/passkey/options"),
    ("POST", "/sign-in/passkey"),
    ("GET", "/sign-in/password"),
    ("POST", "/sign-in/password"),
    ("GET", "/openapi.json"),
    ("GET", "/_components"),  # in the demo; elsewhere the 404 page
    ("GET", "/assets/{name}"),
    ("GET", "/{proxy+}"),  # the 404 page
    ("POST", "/settings/language"),
    ("GET", "/manifest.webmanifest"),
    ("GET", "/service-worker.js"),
    ("GET", "/settings/help"),  # whom to call, also for who cannot sign in
    ("GET", "/staff/sign-in"),
    ("POST", "/staff/sign-in"),
    ("GET", "/staff/callback"),  # with a state of ours only
    ("POST", "/ehr/hl7"),  # a machine with a bearer credential, as the next two
    ("POST", "/ehr/fhir"),
    ("POST", "/ehr/fhir/notifications"),
    *((method, "/ehr/hl7") for method in ("GET", "PUT", "PATCH", "DELETE")),  # 405 for anybody
}


def test_the_template_routes_equal_the_rooms_routes() -> None:
    in_template = {
        (event["Properties"]["Method"].upper(), event["Properties"]["Path"], name)
        for name, function in functions().items()
        for event in function["Properties"].get("Events", {}).values()
        if event["Type"] == "Api"
    }
    in_rooms = {
        (action.method, action.path, f"{room.title().replace('_', '')}Function")
        for room, action in actions()
    }

    assert in_template == in_rooms


def test_every_route_needs_a_session_except_the_listed() -> None:
    assert {(a.method, a.path) for _, a in actions() if a.needs is None} == OPEN


def test_every_room_is_in_its_own_folder_and_route() -> None:
    for room, action in actions():
        first = action.path.strip("/").split("/")[0].replace("-", "_")
        assert room == "home" or first.startswith(room.split("_")[0]), action.path


def test_every_action_says_in_a_sentence_what_it_does() -> None:
    for _, action in actions():
        assert (action.run.__doc__ or "").strip().endswith((".", ".)")), action.path


def test_every_reference_of_openapi_leads_somewhere() -> None:
    document = json.loads(openapi.FILE.read_text())
    found = set(re.findall(r'"#/components/(\w+)/([^"]+)"', openapi.FILE.read_text()))

    assert len(found) > 50
    assert {each for each in found if each[1] not in document["components"][each[0]]} == set()


def test_openapi_json_is_what_the_rooms_say() -> None:
    assert openapi.FILE.read_text() == openapi.rendered(), "run: python -m infra.openapi"


def test_every_scope_has_a_level() -> None:
    assert set(NEEDED) == set(Scope)
    known = Standing(Assurance.TWO_FACTOR, Confidence.PROOFED, is_fresh=True)
    for scope in Scope:
        for relation, verdict in ((Relation.SELF, Verdict.YES), (Relation.NONE, Verdict.NO)):
            subject = Subject(relation, None, "p", standing=known)
            assert decided(subject, scope, at=datetime.now(UTC)) is verdict


@pytest.mark.usefixtures("portal")
def test_every_form_refuses_another_sites_origin() -> None:
    for _, action in actions():
        if action.method == "GET":
            continue
        client = Client(origin="https://evil.example")
        kind = {"content-type": action.content_types[0]}
        url = action.path.replace("{token}", "A" * 22)

        assert client.send("POST", url, b"", kind).status == 403, action.path


def test_the_template_has_room_to_grow() -> None:
    assert len(template()["Resources"]) < 200
