"""The rules on care that minors consent to alone: every row of the file, and the mechanism."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.architecture.sources import ROOT

from infra import minor_consent as command
from portal import acting, minor_consent, us_states
from portal.minor_consent import BadRules, Rule, read, rule_for
from portal.patients import Patient
from portal.sensitivity import Segment
from portal.settings import settings

ROW = """
[[rule]]
state = "PA"
service = "mental-health"
minimum_age = 14
conditions = "Outpatient."
cite = "35 P.S. 10101.1"
from = 2020-09-21
source = "https://example.org/law"
read_on = 2026-11-21
"""
SHIPPED = read(minor_consent.FILE.read_text("utf-8"))


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda each: f"{each.state} {each.service}")
def test_every_row_that_ships_says_what_it_stands_on(rule: Rule) -> None:
    assert rule.state in us_states.NAMES
    assert isinstance(rule.service, Segment)
    assert rule.minimum_age is not None
    assert 0 <= rule.minimum_age < 18
    assert rule.source.startswith(("http://", "https://"))
    assert rule.valid_from <= rule.read_on, "nobody has read the law of tomorrow"
    assert re.search(r"\d", rule.cite)
    assert rule.conditions.endswith(".")
    assert rule_for(rule.state, rule.service, rule.read_on) == rule
    assert rule_for(rule.state, rule.service, rule.valid_from - timedelta(days=1)) is None


def test_no_rule_opens_what_only_the_patient_may_see() -> None:
    closed = {Segment.PSYCHOTHERAPY, Segment.ABUSE, Segment.GENETIC}

    assert not [rule for rule in SHIPPED if rule.service in closed]


def test_the_file_says_that_a_lawyer_must_review_it_and_so_does_its_page() -> None:
    page = (ROOT / "docs" / "minor_consent.md").read_text()

    for text in (minor_consent.FILE.read_text(), page):
        assert "lawyer must review" in text.casefold().replace("\n", " ")


@pytest.mark.parametrize("on", ["2020-09-21", "2026-11-21", "2099-01-01"])
def test_a_rule_without_an_end_holds_from_its_first_day_on(on: str) -> None:
    (rule,) = read(ROW)

    assert rule.is_valid(date.fromisoformat(on))
    assert not rule.is_valid(date(2020, 9, 20))


def test_a_rule_holds_through_its_last_day() -> None:
    (rule,) = read(ROW + "to = 2025-06-30\n")

    assert rule.is_valid(date(2025, 6, 30))
    assert not rule.is_valid(date(2025, 7, 1))


def test_the_rule_is_the_one_of_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    later = ROW.replace("minimum_age = 14", "minimum_age = 16").replace("2020-09-21", "2025-07-01")
    both = minor_consent.by_service(read(later + ROW + "to = 2025-06-30\n"))
    monkeypatch.setattr(minor_consent, "rules", lambda: both)

    def age(on: date) -> int | None:
        found = rule_for("PA", Segment.MENTAL_HEALTH, on)
        return found.minimum_age if found else None

    days = (date(2020, 9, 20), date(2025, 6, 30), date(2025, 7, 1))
    assert [age(each) for each in days] == [None, 14, 16]
    assert rule_for("OH", Segment.MENTAL_HEALTH, date(2025, 7, 1)) is None
    assert rule_for("PA", Segment.SUBSTANCE_USE, date(2025, 7, 1)) is None
    assert rule_for("", Segment.MENTAL_HEALTH, date(2025, 7, 1)) is None


def test_two_rows_of_one_day_are_refused_whatever_their_order() -> None:
    later = ROW.replace("2020-09-21", "2025-06-30")

    for text in (ROW + later, later + ROW, ROW + ROW, ROW + "to = 2025-06-30\n" + later):
        with pytest.raises(BadRules, match="PA mental-health: two rows hold on"):
            read(text)


@pytest.mark.parametrize(
    ("said", "instead", "named"),
    [
        ('state = "PA"', 'state = "XX"', "state"),
        ('state = "PA"', 'state = "pa"', "state"),
        ('state = "PA"', "", "state"),
        ('service = "mental-health"', 'service = "dental"', "service"),
        ("minimum_age = 14", "minimum_age = 18", "minimum_age"),
        ("minimum_age = 14", "minimum_age = -1", "minimum_age"),
        ("minimum_age = 14", 'minimum_age = "14"', "minimum_age"),
        ("minimum_age = 14", "minimum_age = true", "minimum_age"),
        ('cite = "35 P.S. 10101.1"', 'cite = ""', "cite"),
        ("from = 2020-09-21", 'from = "2020-09-21"', "from"),
        ("from = 2020-09-21", "from = 2020-09-21\nto = 2020-09-20", "to"),
        ("from = 2020-09-21", "", "from"),
        ('source = "https://example.org/law"', 'source = "a book"', "source"),
        ("read_on = 2026-11-21", "", "read_on"),
        ("read_on = 2026-11-21", "read_on = 2026-11-21\nage = 3", "age"),
    ],
)
def test_a_row_that_is_wrong_is_refused_and_named(said: str, instead: str, named: str) -> None:
    with pytest.raises(BadRules, match=rf"rule 2.*{named}"):
        read(ROW.replace("PA", "WA") + ROW.replace(said, instead, 1))


def test_no_minimum_age_is_any_age() -> None:
    (rule,) = read(ROW.replace("minimum_age = 14", ""))

    assert rule.minimum_age is None


@pytest.mark.parametrize("text", ["rule = 3", "[[rule", "", "[[rules]]\nstate = 'PA'"])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(BadRules):
        read(text)


def test_an_operator_checks_a_file_before_it_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text(ROW)
    bad.write_text(ROW + ROW)

    command.main(["check", str(good)])
    assert "1 rule of 1 state" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="two rows hold"):
        command.main(["check", str(bad)])


@pytest.mark.parametrize(("said", "state"), [("NJ", "NJ"), ("", "PA")])
def test_a_records_state_is_the_clinics_where_nobody_said(
    said: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINIC_STATE", "PA")
    settings.cache_clear()
    patient = Patient(patient_id="1", family="A", given="B", birth_on=date(2012, 1, 1), state=said)

    found = acting.record_of(patient).state
    settings.cache_clear()

    assert found == state


def test_every_state_of_a_table_of_states_is_known() -> None:
    """50 states, the District of Columbia, and five territories."""
    assert len(us_states.NAMES) == 56
    assert len(set(us_states.NAMES.values())) == 56
    assert all(re.fullmatch("[A-Z]{2}", code) for code in us_states.NAMES)
    assert us_states.NAMES["DC"] == "District of Columbia"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("NY", "NY"),
        (" ny ", "NY"),
        ("US-NY", "NY"),
        ("New  York", "NY"),
        ("california", "CA"),
        ("ON", ""),
        ("Bayern", ""),
        ("", ""),
    ],
)
def test_a_state_is_understood_however_it_is_written(said: str, code: str) -> None:
    assert us_states.code(said) == code


@pytest.mark.parametrize(
    ("addresses", "state"),
    [
        ([{"state": "NJ"}], "NJ"),
        ([{"use": "work", "state": "NY"}, {"use": "home", "state": "NJ"}], "NJ"),
        ([{"state": "NY"}, {"use": "home", "state": "NJ"}], "NJ"),
        ([{"use": "old", "state": "TX"}], ""),
        ([{"use": "home", "country": "USA", "state": "Ohio"}], "OH"),
        ([{"use": "home", "country": "DE", "state": "DE"}], ""),
        ([], ""),
    ],
)
def test_a_home_is_where_somebody_lives_now(addresses: list[dict[str, str]], state: str) -> None:
    assert us_states.home(addresses) == state
