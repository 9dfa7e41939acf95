"""What is hidden from somebody changes nothing that they get: not a byte of any page, list, cursor,
error or message, and not the calls that make it (decision 0015).

Each world is lived through twice at once: whatever the subject got before a hidden thing came,
changed, or was taken back, they get after it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.attacks.wire import noted
from tests.builders import a_message, a_patient, released
from tests.client import Client
from tests.granting import a_grant, acting_for
from tests.home.sent import a_dispense, a_prescription, a_visit, in_days
from tests.stores import sent_to

from portal.granting import Grant, GrantKind
from portal.moments import fresh_id
from portal.patients import Patient

pytestmark = pytest.mark.usefixtures("portal")
NOW = datetime.now(UTC).replace(microsecond=0)
GLUCOSE = "NM|2345-7^Glucose^LN||{value}|mg/dL|70-99|N|||{status}|||{day}080000-0500"
HIDDEN = {  # of each, why a proxy or a teen's parent does not see it
    "code": ("24323-8^CMP^LN", "ST|21613-5^Chlamydia trachomatis DNA^LN||{value}||||||{status}"),
    "panel": ("XHIV^HIV screening panel^L", GLUCOSE),
    "word": ("LOC7^Urine drug screen, methadone^L", GLUCOSE),
}


SOUGHT = ("glucose", "chlamydia", "screen")


@dataclass(frozen=True)
class Thing:
    """A report, in one of its versions."""

    number: int
    days_ago: int
    value: int
    status: str
    hidden: str = ""  # a key of HIDDEN


reports = st.builds(
    Thing,
    number=st.integers(1, 4),
    days_ago=st.integers(0, 40),
    value=st.integers(60, 200),
    status=st.sampled_from("FCXW"),
)
hidden_reports = st.builds(
    Thing,
    number=st.integers(11, 13),
    days_ago=st.integers(0, 40),
    value=st.integers(60, 200),
    status=st.sampled_from("FCX"),
    hidden=st.sampled_from(sorted(HIDDEN)),
)


def sent_by_lab(patient: Patient, thing: Thing) -> bytes:
    moment = NOW - timedelta(days=thing.days_ago)
    obr4, obx = HIDDEN.get(thing.hidden, ("24323-8^CMP^LN", GLUCOSE))
    return a_message(
        patient,
        obx.format(value=thing.value, status=thing.status, day=f"{moment:%Y%m%d}"),
        obr4=obr4,
        filler=f"N{thing.number}{thing.hidden}",
        status=thing.status,
        signed_off=moment,
    )


def a_proxy() -> tuple[Patient, Patient, Grant]:
    patient, holder = a_patient(birth_on=date(1970, 1, 1)), a_patient()
    return patient, holder, a_grant(patient, holder)


def a_teens_parent() -> tuple[Patient, Patient, Grant]:
    born = date(NOW.year - 15, 1, 1)
    patient, holder = a_patient(birth_on=born), a_patient()
    return patient, holder, a_grant(patient, holder, kind=GrantKind.PARENT)


SUBJECTS: dict[str, Callable[[], tuple[Patient, Patient, Grant]]] = {
    "proxy": a_proxy,
    "teens-parent": a_teens_parent,
}


def got(browser: Client, holder: Patient) -> dict[str, object]:
    """Every channel there is, as the subject gets it, who has opened all that they can."""
    channels: dict[str, object] = {}
    for report_id in every_page(browser):
        browser.get(f"/results/{report_id}")
    for face in ("text/html", "application/json"):
        browser.accept = face
        for path in ("/", "/results", "/openapi.json"):
            channels[f"{face} {path}"] = browser.get(path).body
        for words in SOUGHT:
            channels[f"{face} search {words}"] = browser.post("/search", q=words).body
        browser.accept = "application/json"
        page = browser.get("/results").json
        for line in page["results"]:
            browser.accept = face
            path = f"/results/{line['report_id']}"
            channels[f"{face} {path}"] = browser.get(path).body
    channels["messages"] = [(each.subject, each.text) for each in sent_to(holder.email)]
    return channels


def every_page(browser: Client) -> list[str]:
    browser.accept, cursor, ids = "application/json", "", []
    while True:
        page = browser.get(f"/results?before={cursor.replace('#', '%23')}").json
        ids += [each["report_id"] for each in page["results"]]
        if not (cursor := page["next"]):
            return ids


@pytest.mark.parametrize("kind", SUBJECTS)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(things=st.lists(st.one_of(reports, hidden_reports), min_size=2, max_size=7))
def test_what_is_hidden_changes_nothing_that_the_subject_gets(
    kind: str, things: list[Thing]
) -> None:
    patient, holder, grant = SUBJECTS[kind]()
    browser = acting_for(grant, holder)
    told = got(browser, holder)
    for thing in things:
        released(sent_by_lab(patient, thing))
        if thing.hidden:
            assert got(browser, holder) == told
        else:
            told = got(browser, holder)


def test_the_worlds_have_something_to_see_and_something_to_hide() -> None:
    for make in SUBJECTS.values():
        patient, holder, grant = make()
        seen = Thing(1, 3, 90, "F")
        for thing in (seen, *(Thing(11, 2, 90, "F", hidden) for hidden in HIDDEN)):
            released(sent_by_lab(patient, thing))

        assert len(every_page(acting_for(grant, holder))) == 1
        own = acting_for(grant, patient, is_preview=True)
        assert len(every_page(own)) == 1


@pytest.mark.parametrize("kind", SUBJECTS)
def test_a_hidden_report_asked_for_by_its_id_is_as_missing_as_none(kind: str) -> None:
    patient, holder, grant = SUBJECTS[kind]()
    report_id = released(sent_by_lab(patient, Thing(11, 2, 90, "F", "code"))).report_ids[0]
    browser = acting_for(grant, holder)

    for face in ("text/html", "application/json"):
        browser.accept = face
        for end in ("", f"/documents/{fresh_id()}"):
            asked = []
            for each in (report_id, fresh_id()):
                with noted() as made:
                    answer = browser.get(f"/results/{each}{end}")
                body = answer.body.replace(each.encode(), b"<id>")
                asked.append((answer.status, answer.headers, body, made))
            assert asked[0][:3] == asked[1][:3]
            assert asked[0][3] == asked[1][3], "the same calls, so the same class of time"


@pytest.mark.parametrize("kind", SUBJECTS)
def test_hidden_reports_among_many_leave_pages_as_long_and_their_cursors_the_same(
    kind: str,
) -> None:
    patient, holder, grant = SUBJECTS[kind]()
    browser = acting_for(grant, holder)
    for number in range(25):
        released(sent_by_lab(patient, Thing(100 + number, number, 90, "F")))
    browser.accept = "application/json"
    first, ids = browser.get("/results").json, every_page(browser)

    for number in range(25):
        released(sent_by_lab(patient, Thing(200 + number, number, 90, "F", "panel")))

    assert browser.get("/results").json == first
    assert (len(first["results"]), len(ids)) == (20, 25)
    assert every_page(browser) == ids


@pytest.mark.parametrize("kind", SUBJECTS)
@pytest.mark.parametrize("sees_some", [True, False])
def test_hidden_visits_and_medicines_change_no_byte_of_home_and_no_call(
    kind: str, *, sees_some: bool
) -> None:
    patient, holder, grant = SUBJECTS[kind]()
    browser = acting_for(grant, holder)
    if sees_some:
        a_visit(patient, in_days(9), what="D^Dental cleaning^L")
        a_prescription(patient, left="2")

    def home() -> dict[str, object]:
        found: dict[str, object] = {}
        for face in ("text/html", "application/json"):
            browser.accept = face
            with noted() as made:
                found[face] = browser.get("/").body
            found[f"{face} calls"] = made
        return found

    told = home()
    assert ("Dental visit" in str(told)) is sees_some
    assert ("lisinopril" in str(told)) is sees_some

    a_visit(patient, in_days(2), number="H1", what="P^Psychiatry intake^L")
    a_visit(patient, in_days(3), number="H2", what="", who="", where="")
    a_prescription(patient, "864706^methadone 10 MG^RXNORM", number="H3", left="0")
    a_dispense(patient, "864706^methadone 10 MG^RXNORM", number="H3", left="0")

    assert home() == told
