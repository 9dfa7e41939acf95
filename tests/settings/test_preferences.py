"""What people choose for themselves: each choice through its page, kept with every earlier one."""

import re
from datetime import UTC, datetime

import pytest
from tests.builders import a_link_session, a_patient
from tests.client import Client
from tests.granting import a_grant, acting_for
from tests.settings.accounts import events, reachable
from tests.visitors import a_browser, an_app, signed_in

from portal import audit, preferences
from portal.preferences import Channel, Preferences, Topic

pytestmark = pytest.mark.usefixtures("portal")

FORMS: dict[str, dict[str, str]] = {
    "/settings/name": {"preferred_name": "Annie", "pronouns": "she/her"},
    "/settings/time-zone": {"time_zone": "Asia/Tokyo"},
    "/settings/look": {"text": "150", "contrast": "more", "motion": "less", "theme": "dark"},
    "/settings/notices/results": {"sms": "yes"},
    "/settings/quiet-hours": {"quiet_from": "22:00", "quiet_to": "07:00"},
    "/settings/home": {"do": "down:results"},
    "/settings/guide": {},
}
PAGES = (
    "/settings", "/settings/name", "/settings/contact", "/settings/language", "/settings/look",
    "/settings/notices", "/settings/home", "/settings/help",
)  # fmt: skip


def html_tag(browser: Client, path: str = "/settings") -> str:
    found = re.search("<html[^>]*>", browser.get(path).text)
    assert found
    return found[0]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_and_that_is_recorded(path: str) -> None:
    patient = a_patient()

    assert signed_in(patient).get(path).status == 200

    row = audit.of_patient(patient.patient_id)[-1]
    assert (row.event, row.actor) == ("settings.viewed", patient.patient_id)


@pytest.mark.parametrize("path", FORMS)
def test_what_is_saved_is_recorded_and_confirmed_and_the_earlier_choice_is_kept(path: str) -> None:
    patient = a_patient()
    browser = signed_in(patient)

    answer = browser.post(path, **FORMS[path])

    assert answer.status == 303
    assert events(patient)[-1] == "settings.changed"
    if answer.location != "/":
        assert "Saved." in browser.get(answer.location).text
    browser.post("/settings/name", preferred_name="Somebody")
    first, second = preferences.versions(patient.patient_id)
    assert (first.number, second.number) == (1, 2)
    assert first.preferred_name != "Somebody"
    assert second == preferences.of(patient.patient_id)


@pytest.mark.parametrize("path", FORMS)
def test_nobody_changes_the_settings_of_a_person_they_act_for(path: str) -> None:
    patient, holder = a_patient(), a_patient()
    grant = a_grant(patient, holder)

    for is_preview in (False, True):
        owner = patient if is_preview else holder
        answer = acting_for(grant, owner, is_preview=is_preview).post(path, **FORMS[path])
        assert answer.status == 403

    assert not preferences.versions(patient.patient_id)
    assert not preferences.versions(holder.patient_id)


@pytest.mark.parametrize("path", FORMS)
def test_a_link_alone_changes_nothing(path: str) -> None:
    patient = a_patient()
    browser = a_browser(cookies={"session": a_link_session(patient)})

    assert browser.post(path, **FORMS[path]).status == 403

    assert not preferences.versions(patient.patient_id)


def test_the_app_saves_by_json_and_reads_what_holds() -> None:
    patient = a_patient()
    app = signed_in(patient, accept="application/json")
    kind = {"content-type": "application/json"}

    answer = app.send("POST", "/settings/look", b'{"text": "200"}', kind)

    assert answer.json == {"next": "/settings/look?done=yes"}
    assert app.get("/settings/look").json["look"]["text"] == "200"


def test_the_person_is_called_as_they_like() -> None:
    browser = signed_in(a_patient(given="Ana"))

    browser.post("/settings/name", preferred_name="  Annie   B ", pronouns="they/them")

    assert "Annie B" in browser.get("/").text
    page = browser.get("/settings/name").text
    assert 'value="Annie B"' in page
    assert 'value="they/them"' in page


def test_a_name_that_is_too_long_comes_back_with_advice_at_its_field() -> None:
    patient = a_patient()

    answer = signed_in(patient).post("/settings/name", preferred_name="x" * 61, pronouns="she")

    assert answer.status == 400
    assert 'value="' + "x" * 61 in answer.text
    assert 'value="she"' in answer.text
    assert 'id="preferred_name-error"' in answer.text
    assert not preferences.versions(patient.patient_id)


def test_a_name_is_never_markup() -> None:
    browser = signed_in(a_patient())

    browser.post("/settings/name", preferred_name="<script>alert(1)</script>")

    assert "<script>alert" not in browser.get("/").text


def test_the_language_follows_the_person_to_other_browsers() -> None:
    patient = a_patient()
    here, there = signed_in(patient), signed_in(patient, language="fr")
    assert 'lang="fr"' in html_tag(there)

    here.post("/settings/language", language="es")

    assert 'lang="es"' in html_tag(here)
    assert 'lang="es"' in html_tag(there)
    assert 'lang="es"' in html_tag(signed_in(patient, language="fr"))
    assert here.cookies["lang"] == "es"


def test_the_language_comes_from_the_person_then_the_cookie_then_the_browser() -> None:
    patient = a_patient()
    browser = signed_in(patient, language="fr")
    assert 'lang="fr"' in html_tag(browser)
    browser.cookies["lang"] = "ko"
    assert 'lang="ko"' in html_tag(browser)
    signed_in(patient).post("/settings/language", language="vi")
    assert 'lang="vi"' in html_tag(browser)


def test_the_language_of_who_helps_is_their_own_in_their_own_trail() -> None:
    patient, holder = a_patient(), a_patient()
    browser = acting_for(a_grant(patient, holder), holder)

    browser.post("/settings/language", language="es")

    assert 'lang="es"' in html_tag(browser, "/")
    assert preferences.of(holder.patient_id).language == "es"
    assert not preferences.versions(patient.patient_id)
    assert "settings.language-chosen" in events(holder)
    assert "settings.language-chosen" not in events(patient)


def test_times_are_shown_by_the_persons_clock() -> None:
    patient = a_patient()
    browser = signed_in(patient)
    here = browser.get("/settings/language").text
    assert 'value="America/New_York" selected' in here

    browser.post("/settings/time-zone", time_zone="Asia/Tokyo")

    assert 'value="Asia/Tokyo" selected' in browser.get("/settings/language").text
    assert "Japan Time" in browser.get("/settings").text


@pytest.mark.parametrize("zone", ["Mars/Base", "../etc/passwd", "America"])
def test_no_other_clock_is_taken(zone: str) -> None:
    patient = a_patient()

    answer = signed_in(patient).post("/settings/time-zone", time_zone=zone)

    assert answer.status == 400
    assert 'id="time_zone-error"' in answer.text
    assert not preferences.versions(patient.patient_id)


def test_every_page_looks_as_chosen_and_as_usual_without_a_choice() -> None:
    patient = a_patient()
    browser = signed_in(patient)
    assert "data-" not in html_tag(browser)

    browser.post("/settings/look", **FORMS["/settings/look"])

    for path in ("/", "/settings", "/results", "/nowhere-at-all"):
        seen = html_tag(signed_in(patient), path) if path != "/nowhere-at-all" else ""
        if seen:
            for each in ('contrast="more"', 'text="150"', 'motion="less"', 'theme="dark"'):
                assert f"data-{each}" in seen, path
    assert "data-" not in html_tag(a_browser(), "/sign-in")


def test_a_look_that_there_is_not_is_refused() -> None:
    patient = a_patient()

    assert signed_in(patient).post("/settings/look", text="900").status == 400
    assert an_app().get("/settings/look").status == 401
    assert not preferences.versions(patient.patient_id)


def test_channels_are_kept_by_topic() -> None:
    patient = reachable()
    browser = signed_in(patient)

    browser.post("/settings/notices/results", sms="yes")

    chosen = preferences.of(patient.patient_id)
    assert chosen.channels(Topic.RESULTS) == {Channel.SMS}
    assert chosen.channels(Topic.FAMILY) == Preferences(patient_id="").channels(Topic.FAMILY)


def test_a_topic_that_is_wholly_off_says_what_that_means() -> None:
    browser = signed_in(reachable())
    words = "We send you nothing about this."
    assert words not in browser.get("/settings/notices").text

    browser.post("/settings/notices/results")

    assert words in browser.get("/settings/notices").text


def test_security_news_cannot_be_switched_off_everywhere() -> None:
    patient = reachable()
    browser = signed_in(patient)

    answer = browser.post("/settings/notices/security", push="yes")

    assert answer.status == 400
    assert 'id="security-error"' in answer.text
    assert not preferences.versions(patient.patient_id)
    assert browser.post("/settings/notices/security", sms="yes").status == 303


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        ("22:00", "", "quiet_to"),
        ("", "07:00", "quiet_from"),
        ("24:00", "07:00", "quiet_from"),
        ("9", "07:00", "quiet_from"),
        ("07:00", "07:00", "quiet_to"),
    ],
)
def test_quiet_hours_that_are_none_come_back_as_typed(begin: str, end: str, field: str) -> None:
    patient = a_patient()

    answer = signed_in(patient).post("/settings/quiet-hours", quiet_from=begin, quiet_to=end)

    assert answer.status == 400
    assert f'id="{field}-error"' in answer.text
    assert f'value="{begin}"' in answer.text
    assert not preferences.versions(patient.patient_id)


NIGHT = {"quiet_from": "22:00", "quiet_to": "07:00"}


@pytest.mark.parametrize(
    ("facts", "now", "until"),
    [
        (NIGHT, "2026-07-01T21:59", None),
        (NIGHT, "2026-07-01T22:00", "2026-07-02T07:00"),
        (NIGHT, "2026-07-02T06:59", "2026-07-02T07:00"),
        (NIGHT, "2026-07-02T07:00", None),
        ({"quiet_from": "13:00", "quiet_to": "15:00"}, "2026-07-01T14:00", "2026-07-01T15:00"),
        ({"quiet_from": "13:00", "quiet_to": "15:00"}, "2026-07-01T15:00", None),
        ({}, "2026-07-01T03:00", None),
        # 2026-11-01: the clock goes from 02:00 back to 01:00; 2026-03-08: from 02:00 to 03:00
        ({"quiet_from": "22:00", "quiet_to": "01:30"}, "2026-11-01T00:10", "2026-11-01T01:30f"),
        ({"quiet_from": "22:00", "quiet_to": "01:30"}, "2026-11-01T01:10f", "2026-11-01T01:30f"),
        ({"quiet_from": "22:00", "quiet_to": "02:30"}, "2026-03-08T01:50", "2026-03-08T03:30"),
    ],
)
def test_quiet_hours_are_the_persons_own_also_when_clocks_change(
    facts: dict[str, str], now: str, until: str | None
) -> None:
    chosen = Preferences(patient_id="p", time_zone="America/New_York", **facts)

    def there(text: str) -> datetime:
        """`f`: the second time that this hour comes."""
        local = datetime.fromisoformat(text.rstrip("f")).replace(tzinfo=chosen.zone)
        return local.replace(fold=int(text.endswith("f"))).astimezone(UTC)

    assert chosen.quiet_until(there(now)) == (there(until) if until else None)


def test_two_who_save_at_once_both_get_through(monkeypatch: pytest.MonkeyPatch) -> None:
    patient = a_patient()
    read, is_first = preferences.of, iter([True])

    def overtaken(patient_id: str) -> Preferences:
        last = read(patient_id)
        if next(is_first, False):
            browser.post("/settings/time-zone", time_zone="Asia/Tokyo")
        return last

    browser = signed_in(patient)
    other = signed_in(patient)
    monkeypatch.setattr(preferences, "of", overtaken)
    other.post("/settings/name", preferred_name="Annie")

    found = preferences.of(patient.patient_id)
    assert (found.preferred_name, found.time_zone) == ("Annie", "Asia/Tokyo")
    assert found.number == 2


def test_widgets_move_and_hide_with_buttons_alone() -> None:
    patient = a_patient()
    browser = signed_in(patient)

    browser.post("/settings/home", do="down:results")
    browser.post("/settings/home", do="hide:family")

    app = signed_in(patient, accept="application/json")
    lines = app.get("/settings/home").json["widgets"]
    assert [each["name"] for each in lines][:2] == ["visits", "results"]
    assert [each["name"] for each in lines if not each["is_shown"]] == ["family"]
    browser.post("/settings/home", do="show:family")
    assert all(each["is_shown"] for each in app.get("/settings/home").json["widgets"])
    browser.post("/settings/home", do="up:family:visits")
    assert app.get("/settings/home").json["widgets"][0]["name"] == "family"
