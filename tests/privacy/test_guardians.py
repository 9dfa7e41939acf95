"""Who decides for whom is too young to: GDPR 8, PIPL 31."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.builders import a_patient
from tests.privacy.choices import box, buttons, sent, under
from tests.visitors import signed_in

from portal import audit, consents, grants
from portal.ages import birthday
from portal.granting import EVERYTHING, Grant, GrantKind, GrantState
from portal.moments import fresh_id
from portal.patients import Patient
from portal.wordings import Purpose, Region

pytestmark = pytest.mark.usefixtures("portal")
BELOW = [(Region.CN, 14), (Region.EU, 16)]
YES = {"decision": "give", "wording": 1, "seen": 0}


def aged(years: int, days: int = 0, **facts: str) -> Patient:
    today = datetime.now(UTC).date()
    return a_patient(birth_on=birthday(today, -years) + timedelta(days=days), **facts)


def a_grant(child: Patient, holder: Patient, **facts: object) -> Grant:
    dull = {
        "grant_id": fresh_id(),
        "patient_id": child.patient_id,
        "holder_id": holder.patient_id,
        "kind": GrantKind.PARENT,
        "state": GrantState.ACTIVE,
        "categories": EVERYTHING,
        "starts_at": datetime.now(UTC) - timedelta(days=1),
    }
    return grants.keep(Grant(**(dull | facts)))  # type: ignore[arg-type]


@pytest.mark.parametrize(("region", "age"), BELOW)
def test_below_the_age_a_yes_is_the_guardians_and_a_no_ones_own(
    region: Region, age: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    under(monkeypatch, region)
    child = aged(age, days=1)
    app = signed_in(child, accept="application/json")

    assert sent(app, "research", **YES).status == 400
    assert consents.history(child.patient_id) == {}
    assert not box(app, "research")["may_give"]
    assert buttons(signed_in(child).get("/privacy").text, "research") == []
    refused = [row for row in audit.of_patient(child.patient_id) if row.why == "guardian-decides"]
    assert [row.outcome for row in refused] == ["refused"]

    assert sent(app, "research", decision="withdraw").status == 200


@pytest.mark.parametrize(("region", "age"), [*BELOW, (Region.US, 12)])
def test_from_the_birthday_on_they_decide_alone(
    region: Region, age: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    under(monkeypatch, region)
    teen = aged(age)

    assert sent(signed_in(teen, accept="application/json"), "research", **YES).status == 200


@pytest.mark.parametrize("kind", [GrantKind.PARENT, GrantKind.GUARDIAN])
def test_a_guardian_decides_and_it_counts_for_the_child(
    kind: GrantKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    under(monkeypatch, Region.CN)
    child, parent = aged(9, given="Mei", family="Lin"), a_patient()
    grant = a_grant(child, parent, kind=kind)
    app = signed_in(parent, accept="application/json")

    assert sent(app, "research", **YES, child=grant.grant_id).status == 200

    assert consents.allows(child, Purpose.RESEARCH, "studies-without-names")
    assert not consents.allows(parent, Purpose.RESEARCH, "studies-without-names")
    (kept,) = box(app, "research", person=1)["history"]
    assert kept["by"] == "you"
    rows = [
        row for row in audit.of_patient(child.patient_id) if row.event.endswith("consent-given")
    ]
    assert [(row.actor, row.grant, row.why) for row in rows] == [
        (parent.patient_id, grant.grant_id, f"as-{kind}")
    ]
    page = signed_in(parent).get("/privacy").text
    assert "Mei Lin" in page


def test_the_child_may_take_a_guardians_yes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    under(monkeypatch, Region.CN)
    child, parent = aged(13), a_patient()
    grant = a_grant(child, parent)
    sent(signed_in(parent, accept="application/json"), "research", **YES, child=grant.grant_id)
    app = signed_in(child, accept="application/json")
    (kept,) = box(app, "research")["history"]

    (button,) = buttons(signed_in(child).get("/privacy").text, "research")
    signed_in(child).post("/privacy/consents/research", **button)

    assert kept["by"] == "guardian"
    assert not consents.allows(child, Purpose.RESEARCH, "studies-without-names")


@pytest.mark.parametrize("facts", [
    {"state": GrantState.REVOKED},
    {"state": GrantState.SUSPENDED},
    {"state": GrantState.WAITING},
    {"kind": GrantKind.PROXY, "by_teen": True},
    {"ends_at": datetime(2026, 1, 1, tzinfo=UTC), "starts_at": datetime(2025, 1, 1, tzinfo=UTC)},
])  # fmt: skip
def test_a_grant_that_is_no_guardians_in_force_decides_nothing(
    facts: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    under(monkeypatch, Region.CN)
    child, parent = aged(13), a_patient()
    grant = a_grant(child, parent, **facts)
    app = signed_in(parent, accept="application/json")

    assert sent(app, "research", **YES, child=grant.grant_id).status == 404
    assert len(app.get("/privacy").json["people"]) == 1
    assert consents.history(child.patient_id) == {}


def test_a_grant_of_somebody_else_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    under(monkeypatch, Region.CN)
    child, parent = aged(9), a_patient()
    grant = a_grant(child, parent)
    stranger = signed_in(a_patient(), accept="application/json")

    for guessed in (grant.grant_id, child.patient_id, "x"):
        assert sent(stranger, "research", **YES, child=guessed).status == 404
    assert consents.history(child.patient_id) == {}


def test_where_the_law_knows_no_such_age_nobody_decides_for_a_child_here() -> None:
    child, parent = aged(9), a_patient()
    grant = a_grant(child, parent)

    assert (
        sent(
            signed_in(parent, accept="application/json"), "research", **YES, child=grant.grant_id
        ).status
        == 404
    )


def test_a_child_who_is_old_enough_is_not_decided_for(monkeypatch: pytest.MonkeyPatch) -> None:
    under(monkeypatch, Region.CN)
    teen, parent = aged(14), a_patient()
    grant = a_grant(teen, parent)

    assert (
        sent(
            signed_in(parent, accept="application/json"), "research", **YES, child=grant.grant_id
        ).status
        == 404
    )
