"""Deciding on the privacy page: yes, no, taken back; and what is kept of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from tests.builders import a_link_session, a_patient
from tests.clock import held
from tests.privacy.choices import (
    answered,
    box,
    buttons,
    next_version,
    sent,
    under,
    with_wordings,
)
from tests.visitors import a_browser, an_app, signed_in

from portal import audit, consents, keys, wordings
from portal.audit import Event
from portal.patients import Patient
from portal.tables import ConsentRow
from portal.wordings import Need, Purpose, Region

pytestmark = pytest.mark.usefixtures("portal")
US = [*wordings.current(Region.US, date(2030, 1, 1))]


def trail(patient: Patient) -> list[tuple[str, str | None]]:
    return [(row.event, row.about) for row in audit.of_patient(patient.patient_id)]


def rows(patient: Patient) -> list[ConsentRow]:
    return list(ConsentRow.query(patient.patient_id, ConsentRow.sk.startswith("consent#")))


def test_nothing_is_agreed_to_before_it_was_asked() -> None:
    patient = a_patient(phone="+15555550300")

    for each in (
        signed_in(patient, accept="application/json").get("/privacy").json["people"][0]["consents"]
    ):
        assert each["state"] == "undecided"
    for purpose, wording in wordings.current(Region.US, date(2030, 1, 1)).items():
        assert not any(consents.allows(patient, purpose, use) for use in wording.covers)


@pytest.mark.parametrize("purpose", US)
def test_a_yes_allows_what_its_words_cover_and_a_taken_back_one_nothing(purpose: Purpose) -> None:
    patient = a_patient(phone="+15555550301")
    app = signed_in(patient, accept="application/json")
    covers = wordings.current(Region.US, date(2030, 1, 1))[purpose].covers

    assert answered(app, purpose, "give").json == {"purpose": purpose, "done": "given"}
    assert all(consents.allows(patient, purpose, use) for use in covers)
    assert not consents.allows(patient, purpose, "something else")

    assert answered(app, purpose, "withdraw").json == {"purpose": purpose, "done": "withdrawn"}
    assert not any(consents.allows(patient, purpose, use) for use in covers)


@pytest.mark.parametrize("region", Region)
def test_taking_back_takes_as_many_taps_as_giving(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One: a button of the page itself, with nothing to tick and nothing to confirm."""
    under(monkeypatch, region)
    browser = signed_in(a_patient(phone="+15555550302"))

    for purpose in wordings.current(region, date(2030, 1, 1)):
        (give,) = [
            each
            for each in buttons(browser.get("/privacy").text, purpose)
            if each["decision"] == "give"
        ]
        assert browser.post(f"/privacy/consents/{purpose}", **give).status == 303
        (back,) = buttons(browser.get("/privacy").text, purpose)
        assert back["decision"] == "withdraw"
        assert browser.post(f"/privacy/consents/{purpose}", **back).status == 303
        assert "You said no" in browser.get("/privacy").text


def test_each_purpose_is_a_box_of_its_own() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")

    answered(app, "research", "give")

    states = {
        each["purpose"]: each["state"] for each in app.get("/privacy").json["people"][0]["consents"]
    }
    assert {name for name, state in states.items() if state == "given"} == {"research"}


EVERYWHERE = {"ai-explanation", "research", "sms", "email", "push"}
ABROAD = {"sensitive-data", "cross-border"}


@pytest.mark.parametrize(("region", "purposes"), [
    (Region.US, EVERYWHERE | {"treatment", "evisit-billing"}),
    (Region.EU, EVERYWHERE | ABROAD),
    (Region.CN, EVERYWHERE | ABROAD | {"treatment"}),
])  # fmt: skip
def test_each_regions_law_asks_for_its_own(
    region: Region, purposes: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    under(monkeypatch, region)
    app = signed_in(a_patient(), accept="application/json")

    listed = app.get("/privacy").json["people"][0]["consents"]

    assert {each["purpose"] for each in listed} == purposes
    assert all("separate" in each["needs"] for each in listed)
    missing = set(Purpose) - {Purpose(name) for name in purposes}
    for each in missing:
        assert sent(app, each, decision="withdraw").status == 404


@pytest.mark.parametrize("region", [Region.EU, Region.CN])
@pytest.mark.parametrize("purpose", ["sensitive-data", "cross-border"])
def test_sensitive_data_and_data_sent_abroad_are_separate_decisions(
    region: Region, purpose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    under(monkeypatch, region)
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    for each in wordings.current(region, date(2030, 1, 1)):
        if each != purpose:
            answered(app, each, "give")

    assert box(app, purpose)["state"] == "undecided"
    uses = wordings.current(region, date(2030, 1, 1))[Purpose(purpose)].covers
    assert not any(consents.allows(patient, Purpose(purpose), use) for use in uses)


@pytest.mark.parametrize("region", Region)
def test_a_no_to_everything_closes_nothing(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    under(monkeypatch, region)
    app = signed_in(a_patient(), accept="application/json")

    for purpose in wordings.current(region, date(2030, 1, 1)):
        assert answered(app, purpose, "withdraw").status == 200

    for page in ("/", "/results", "/privacy", "/settings/security"):
        assert app.get(page).status == 200


def test_every_decision_is_kept_with_the_words_that_were_read() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")

    for decision in ("give", "withdraw", "give"):
        answered(app, "research", decision)

    shown = box(app, "research")
    assert [each["is_given"] for each in shown["history"]] == [True, False, True]
    assert shown["seen"] == 3
    assert all(each["text"] == shown["text"] and each["by"] == "you" for each in shown["history"])
    assert [row.sk for row in rows(patient)] == [f"consent#research#{n:06d}" for n in (1, 2, 3)]


def test_a_decision_is_kept_in_the_language_it_was_read_in() -> None:
    patient = a_patient()
    answered(signed_in(patient, accept="application/json", language="es"), "research", "give")

    page = signed_in(patient).get("/privacy")

    (kept,) = box(signed_in(patient, accept="application/json"), "research")["history"]
    assert kept["language"] == "es"
    assert kept["text"] in page.text
    assert '<blockquote lang="es"' in page.text


def test_what_is_kept_shows_nothing_without_the_patients_key() -> None:
    patient = a_patient()
    answered(signed_in(patient, accept="application/json"), "research", "give")
    (row,) = rows(patient)

    assert b"record" not in (row.sealed or b"")
    assert set(row.attribute_values) == {"pk", "sk", "sealed"}
    moved = keys.seal(patient.patient_id, f"consents#{row.sk}", {"a": 1})
    assert keys.unseal(patient.patient_id, f"consents#{row.sk}", moved) == {"a": 1}


def test_each_decision_and_each_look_is_in_the_audit_trail() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    answered(app, "research", "give")
    answered(app, "research", "withdraw")

    found = [each for each in trail(patient) if each[0].startswith("privacy.")]

    assert found == [
        ("privacy.consents-viewed", None),
        ("privacy.consent-given", "research/1"),
        ("privacy.consents-viewed", None),
        ("privacy.consent-withdrawn", "research/1"),
    ]


def test_a_decision_that_cannot_be_recorded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    taken = audit.row(Event.CONSENT_GIVEN, actor="x", patient_id=patient.patient_id, request_id="r")
    taken.save()
    monkeypatch.setattr(audit, "row", lambda *_given, **_named: taken)

    assert sent(app, "research", decision="give", wording=1, seen=0).status == 409
    assert rows(patient) == []


def test_a_double_tap_is_one_decision() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    tap = {"decision": "give", "wording": 1, "seen": 0}

    assert [sent(app, "sms", **tap).status for _ in range(3)] == [200] * 3
    assert len(rows(patient)) == 1


def test_a_yes_to_a_page_that_is_out_of_date_is_no_yes() -> None:
    """Somebody took it back meanwhile, or the words are others now."""
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    answered(app, "research", "withdraw")

    assert sent(app, "research", decision="give", wording=1, seen=0).status == 409
    assert sent(app, "research", decision="give", wording=2, seen=1).status == 409
    assert sent(app, "research", decision="give").status == 409
    assert not consents.allows(patient, Purpose.RESEARCH, "studies-without-names")


def test_a_no_always_gets_through() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    answered(app, "research", "give")

    assert sent(app, "research", decision="withdraw").status == 200
    assert not consents.allows(patient, Purpose.RESEARCH, "studies-without-names")


def test_of_many_at_once_each_gets_a_number_of_its_own_and_a_no_is_never_lost() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    yes = {"decision": "give", "wording": 1, "seen": 0}
    told = [yes, yes, {"decision": "withdraw"}, yes, {"decision": "withdraw"}, yes]

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda each: sent(app, "research", **each).status, told))

    assert {answers[2], answers[4]} == {200}
    kept = box(app, "research")
    assert [row.sk for row in rows(patient)] == [
        f"consent#research#{n + 1:06d}" for n in range(kept["seen"])
    ]
    assert kept["state"] == "withdrawn"


def test_a_decision_made_between_our_look_and_our_write_is_never_written_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    answered(app, "research", "give")
    look, looks = consents.newest, iter([None])
    monkeypatch.setattr(consents, "newest", lambda *given: next(looks, look(*given)))

    assert sent(app, "research", decision="withdraw").status == 200

    assert [each["is_given"] for each in box(app, "research")["history"]] == [False, True]


def test_the_consents_of_one_are_nobody_elses() -> None:
    one, other = a_patient(), a_patient()
    answered(signed_in(one, accept="application/json"), "research", "give")

    assert box(signed_in(other, accept="application/json"), "research")["history"] == []
    assert not consents.allows(other, Purpose.RESEARCH, "studies-without-names")


def test_a_link_alone_neither_shows_nor_changes_consents() -> None:
    patient = a_patient()
    app = an_app(cookies={"session": a_link_session(patient)})

    assert app.get("/privacy").status == 403
    assert sent(app, "research", decision="withdraw").status == 403
    assert rows(patient) == []
    browser = a_browser(cookies={"session": a_link_session(patient)})
    assert browser.get("/privacy").location == "/sign-in/step?return_to=%2Fprivacy"


@pytest.mark.parametrize(
    "url", ["/privacy/consents/everything", "/privacy/consents/SMS", "/privacy/consents/grant%23x"]
)
def test_a_purpose_nobody_asks_for_does_not_exist(url: str) -> None:
    app = signed_in(a_patient(), accept="application/json")

    assert (
        app.send(
            "POST", url, b'{"decision": "withdraw"}', {"content-type": "application/json"}
        ).status
        == 404
    )


def test_new_words_ask_again_and_the_old_yes_covers_what_it_said_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    answered(app, "email", "give")
    more = frozenset({"reminders", "surveys"})
    with_wordings(monkeypatch, next_version(Purpose.EMAIL, covers=more, text="And surveys."))

    assert (box(app, "email")["state"], box(app, "email")["wording"]) == ("asked-again", 2)
    assert consents.allows(patient, Purpose.EMAIL, "reminders")
    assert not consents.allows(patient, Purpose.EMAIL, "surveys")
    page = signed_in(patient).get("/privacy").text
    assert "New words" in page
    assert {each["decision"] for each in buttons(page, "email")} == {"give", "withdraw"}

    answered(app, "email", "give")
    assert box(app, "email")["state"] == "given"
    assert consents.allows(patient, Purpose.EMAIL, "surveys")
    assert [each["wording"] for each in box(app, "email")["history"]] == [2, 1]


def test_words_that_cover_nothing_new_do_not_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = signed_in(a_patient(), accept="application/json")
    answered(app, "email", "give")

    with_wordings(monkeypatch, next_version(Purpose.EMAIL, text="The same, plainer."))

    assert box(app, "email")["state"] == "given"


def test_words_of_a_day_to_come_are_not_asked_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    with_wordings(monkeypatch, next_version(Purpose.EMAIL, since=date(2999, 1, 1)))

    assert box(signed_in(a_patient(), accept="application/json"), "email")["wording"] == 1


def test_a_yes_to_words_we_no_longer_know_allows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    answered(signed_in(patient, accept="application/json"), "email", "give")

    newer = next_version(Purpose.EMAIL)
    monkeypatch.setattr(wordings, "every", lambda: (newer,))

    assert not consents.allows(patient, Purpose.EMAIL, "reminders")


def test_online_visits_are_billed_with_a_yes_of_the_last_year_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the words of the yes told what it may cost."""
    clock = held(monkeypatch)
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    shown = box(app, "evisit-billing")
    assert Need.COST_NOTICE in shown["needs"]
    assert "may cost me" in shown["text"]

    answered(app, "evisit-billing", "give")
    clock.advance(days=364, hours=23)
    assert consents.allows(patient, Purpose.EVISIT_BILLING, "charges")
    clock.advance(hours=1)
    assert not consents.allows(patient, Purpose.EVISIT_BILLING, "charges")

    app = signed_in(patient, accept="application/json")
    assert box(app, "evisit-billing")["state"] == "over"
    answered(app, "evisit-billing", "give")
    assert consents.allows(patient, Purpose.EVISIT_BILLING, "charges")


def test_a_yes_to_texts_is_for_the_phone_it_was_given_for() -> None:
    patient = a_patient(phone="+15555550310")
    app = signed_in(patient, accept="application/json")
    answered(app, "sms", "give")

    moved = patient.model_copy(update={"phone": "+15555550311"})

    assert consents.allows(patient, Purpose.SMS, "reminders")
    assert not consents.allows(moved, Purpose.SMS, "reminders")


def test_the_words_of_the_texts_are_an_express_written_consent() -> None:
    """47 CFR 64.1200(f)(9): who, to which number, automatic, and no condition of care."""
    text = box(signed_in(a_patient(), accept="application/json"), "sms")["text"]

    for part in (
        "Test clinic",
        "automatic system",
        "my phone number",
        "do not have to agree",
        "STOP",
    ):
        assert part in text
    assert Need.WRITTEN in wordings.current(Region.US, date(2030, 1, 1))[Purpose.SMS].needs


def test_a_page_leads_to_the_choices() -> None:
    browser = signed_in(a_patient())

    for page in ("/", "/settings/security"):
        assert 'href="/privacy"' in browser.get(page).text
