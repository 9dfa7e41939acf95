"""Every page that a browser can open, with something on it, and who opens it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from time import time

from tests.attacks.scenes import by_link, inside, known
from tests.builders import an_app
from tests.client import Client, Response
from tests.family.test_by_law import requested
from tests.family.ties import a_child, a_grant, a_parents, a_result, switched
from tests.home.pushed import a_bill, a_goal
from tests.home.sent import a_prescription, a_visit, in_days
from tests.html_tree import Element, Tree
from tests.staff.colleagues import a_colleague, a_review, id_of
from tests.visitors import a_browser

from portal import break_glass, factors, grants, patients, published
from portal.break_glass import Cause
from portal.patients import Patient, contact_key
from portal.roles import Role
from portal.secrets_kept import hashed
from portal.staff_access import StaffCaller
from portal.tables import SessionRow

ADDRESS = "rosa@example.org"
HIGH = "NM|2345-7^Glucose^LN||212|mg/dL|70-99|HH|||F|||20261101080000-0500"


@dataclass(frozen=True)
class Sight:
    """`opens` gives the browser and the address; `posts`: a form that is sent there instead."""

    route: str
    opens: Callable[[], tuple[Client, str]]
    posts: tuple[tuple[str, str], ...] | None = None

    def answer(self, client: Client, path: str) -> Response:
        """What `opens` opens. A limit is not what anybody came to see."""
        got = client.get(path) if self.posts is None else client.post(path, **dict(self.posts))
        assert got.status != 429, f"{path}: asked too often"
        return got


@cache
def rosa() -> Patient:
    """With a second factor, a helper, a child, a result, visits and medicines. All of it is made
    at once, and nobody else changes it: her pages are the same in whatever order they are opened.
    """
    patient = known(given="Rosa", family="Delgado")
    an_app(patient)
    a_grant(patient, known(given="Sam"))
    a_parents(child(), patient)
    a_result(patient, HIGH)
    a_visit(patient, in_days(30), what="FU^Follow-up diabetes^L", instruction="Bring your meter")
    a_visit(patient, in_days(60), number="A2", what="TH^Telehealth^L", status="Pending", where="")
    a_prescription(patient, left="0")
    a_bill(patient)
    a_goal(patient, "Walk 30 minutes a day", target=[{"dueDate": "2031-02-01"}])
    a_prescription(patient, "861007^metformin 500 MG^RXNORM", number="R2", left="2")
    return patient


@cache
def child() -> Patient:
    found = a_child()
    a_result(found)
    return found


@cache
def report_id() -> str:
    return the_report_of(rosa())


def the_report_of(patient: Patient) -> str:
    ((summary, _place),) = published.listed(patient.patient_id, 2, "")[0]
    return summary.report_id


@cache
def lena() -> Patient:
    """Reads her result; Rosa's stays new."""
    patient = known(given="Lena")
    an_app(patient)
    a_result(patient, HIGH)
    return patient


def reader() -> Client:
    return just_now(lena())


def stranger() -> Client:
    return a_browser()


def asking() -> Client:
    """For a link to an address of which nobody has asked for one of late: there is a limit."""
    who = hashed(contact_key(ADDRESS))
    for row in SessionRow.query(f"throttle#ask-address#{who}"):
        row.delete()
    return stranger()


def patient() -> Client:
    return just_now(rosa())


def lately() -> int:
    """Another number every five minutes: sessions end, and some pages want a fresh one."""
    return int(time()) // 300


def just_now(patient: Patient) -> Client:
    return signed_in_since(patient.patient_id, lately())


@cache
def signed_in_since(patient_id: str, _when: int) -> Client:
    found = patients.with_id(patient_id)
    assert found
    return inside(found)


@cache
def nobody_yet() -> Patient:
    return known()


def newcomer() -> Client:
    """Nothing on file yet: empty states."""
    return just_now(nobody_yet())


def half_inside() -> Client:
    """By a link, with a second factor still to show."""
    return by_link_since(lately())


@cache
def by_link_since(_when: int) -> Client:
    return by_link(lena())


def parent() -> Client:
    return parent_since(lately())


@cache
def parent_since(_when: int) -> Client:
    mother = known(given="Ana")
    return switched(mother, a_parents(child(), mother))


def previewing() -> Client:
    return previewing_since(lately())


@cache
def previewing_since(_when: int) -> Client:
    owner = known(given="Bo")
    a_result(owner)
    browser = inside(owner)
    browser.post("/family/preview", grant_id=a_grant(owner, known(given="Kim")).grant_id)
    return browser


def colleague(role: Role) -> Client:
    return on_duty_since(role, lately())


@cache
def on_duty_since(role: Role, _when: int) -> Client:
    return a_colleague(role, sub=f"sights-{role}")


def in_emergency() -> Client:
    """A clinician with Rosa's chart open."""
    return in_emergency_since(lately())


@cache
def in_emergency_since(_when: int) -> Client:
    clinician = a_colleague(Role.CLINICIAN)
    caller = StaffCaller("test", "", "en", subject_id=id_of(clinician))
    break_glass.open_for(caller, rosa().patient_id, Cause.OTHER, "a test of an emergency")
    return clinician


@cache
def taken_review() -> str:
    review_id = a_review(rosa())
    colleague(Role.PRIVACY_OFFICER).post(f"/staff/reviews/{review_id}/take")
    return review_id


@cache
def taken_request() -> str:
    review_id = requested(known(), a_child())
    colleague(Role.FRONT_DESK).post(f"/staff/reviews/{review_id}/take")
    return review_id


@cache
def grant_id() -> str:
    (grant,) = grants.of_patient(rosa().patient_id)
    return grant.grant_id


def at(who: Callable[[], Client], route: str, **ids: Callable[[], str]) -> Sight:
    """The page at this route, with these ids."""
    return Sight(route, lambda: (who(), filled(route, ids)))


def filled(route: str, ids: dict[str, Callable[[], str]]) -> str:
    return route.format(**{name: value() for name, value in ids.items()})


def sent(who: Callable[[], Client], route: str, **fields: str) -> Sight:
    return Sight(route, lambda: (who(), route), tuple(fields.items()))


def as_(role: Role) -> Callable[[], Client]:
    return lambda: colleague(role)


def nobodys() -> str:
    return "A" * 22


def rosas() -> str:
    return rosa().patient_id


def lenas_report() -> str:
    return the_report_of(lena())


def a_factor() -> str:
    return factors.of(rosas())[0].factor_id


CHART = "/staff/patients/{patient_id}"
SIGHTS: dict[str, Sight] = {
    "sign-in": at(stranger, "/sign-in"),
    "sign-in sent": sent(asking, "/sign-in", address=ADDRESS),
    "sign-in wrong": sent(stranger, "/sign-in", address="nonsense"),
    "sign-in link": at(stranger, "/sign-in/{token}", token=nobodys),
    "sign-in password": at(stranger, "/sign-in/password"),
    "sign-in hospitals": at(patient, "/sign-in/hospitals"),
    "sign-in with": at(stranger, "/sign-in/with"),
    "second step": at(half_inside, "/sign-in/step"),
    "signed out": at(stranger, "/signed-out"),
    "activate": at(stranger, "/activate"),
    "activate link": at(stranger, "/activate/{token}", token=nobodys),
    "register": at(stranger, "/activate/register"),
    "register wrong": sent(stranger, "/activate/register", born_on="x"),
    "home": at(patient, "/"),
    "home of a newcomer": at(newcomer, "/"),
    "home, half inside": at(half_inside, "/"),
    "home of a child": at(parent, "/"),
    "home in a preview": at(previewing, "/"),
    "components": at(patient, "/_components"),
    "missing page": Sight("/{proxy+}", lambda: (patient(), "/nothing-here")),
    "results": at(patient, "/results"),
    "results of a newcomer": at(newcomer, "/results"),
    "result": at(reader, "/results/{report_id}", report_id=lenas_report),
    "security": at(patient, "/settings/security"),
    "remove a factor": at(
        patient, "/settings/security/factors/{factor_id}/remove", factor_id=a_factor
    ),
    "authenticator app": at(newcomer, "/settings/security/totp"),
    "phone": at(patient, "/settings/security/phone"),
    "phone wrong": sent(patient, "/settings/security/phone", phone="x"),
    "recovery codes": at(patient, "/settings/security/recovery-codes"),
    "password": at(patient, "/settings/security/password"),
    "settings": at(patient, "/settings"),
    "settings name": at(patient, "/settings/name"),
    "settings contact": at(patient, "/settings/contact"),
    "settings contact wrong": sent(patient, "/settings/contact", kind="email", address="x"),
    "settings language": at(patient, "/settings/language"),
    "settings look": at(patient, "/settings/look"),
    "settings notices": at(patient, "/settings/notices"),
    "settings home": at(patient, "/settings/home"),
    "settings offline": at(patient, "/settings/offline"),
    "settings offline forms": at(patient, "/settings/offline/forms"),
    "settings push": at(patient, "/settings/push"),
    "help": at(patient, "/settings/help"),
    "help for a stranger": at(stranger, "/settings/help"),
    "search": at(patient, "/search"),
    "search found": sent(patient, "/search", q="sugar"),
    "search found nothing": sent(patient, "/search", q="zebra"),
    "privacy": at(patient, "/privacy"),
    "family": at(patient, "/family"),
    "grant": at(patient, "/family/grants/{grant_id}", grant_id=grant_id),
    "revoke": at(patient, "/family/grants/{grant_id}/revoke", grant_id=grant_id),
    "children": at(patient, "/family/children"),
    "children wrong": sent(patient, "/family/children", born_on="x"),
    "invite": at(patient, "/family/invite"),
    "invite wrong": sent(patient, "/family/invite", name=""),
    "join": at(stranger, "/family/join/{token}", token=nobodys),
    "staff sign-in": at(stranger, "/staff/sign-in"),
    "staff room": at(as_(Role.PRIVACY_OFFICER), "/staff"),
    "staff review": at(
        as_(Role.PRIVACY_OFFICER), "/staff/reviews/{review_id}", review_id=taken_review
    ),
    "staff people": at(as_(Role.PRIVACY_OFFICER), "/staff/people"),
    "staff patient": at(as_(Role.FRONT_DESK), CHART, patient_id=rosas),
    "staff recover": at(as_(Role.FRONT_DESK), f"{CHART}/recover", patient_id=rosas),
    "staff break-glass": at(as_(Role.CLINICIAN), f"{CHART}/break-glass", patient_id=rosas),
    "staff results": at(in_emergency, f"{CHART}/results", patient_id=rosas),
    "staff result": at(
        in_emergency, f"{CHART}/results/{{report_id}}", patient_id=rosas, report_id=report_id
    ),
    "staff labels": at(as_(Role.PRIVACY_OFFICER), f"{CHART}/labels", patient_id=rosas),
    "staff result labels": at(
        as_(Role.PRIVACY_OFFICER),
        f"{CHART}/results/{{report_id}}/labels",
        patient_id=rosas,
        report_id=report_id,
    ),
    "staff request by law": at(
        as_(Role.FRONT_DESK), "/staff/proxies/{review_id}", review_id=taken_request
    ),
    "staff proxies": at(as_(Role.FRONT_DESK), f"{CHART}/proxies", patient_id=rosas),
}
# No page of their own: they lead on, or answer programs.
NO_PAGES = {
    "/sign-in/callback": "leads on",
    "/staff/callback": "leads on",
    "/openapi.json": "for programs",
    "/assets/{name}": "a script or a picture",
    "/manifest.webmanifest": "for the browser",
    "/service-worker.js": "for the browser",
    "/results/{report_id}/documents/{document_id}": "the lab's own file",
    "/settings/security/totp/confirm": "after a form; below as its answer",
    "/settings/contact/confirm": "after a form, with a code on its way",
    "/settings/security/phone/confirm": "after a form; below as its answer",
}


def html(name: str, language: str = "en") -> Element:
    """The page without a browser."""
    return Tree(source(name, language)).root


def source(name: str, language: str) -> str:
    sight = SIGHTS[name]
    client, path = sight.opens()
    client.language = language
    return sight.answer(client, path).text
