"""What the family room says in its own words, before translation."""

from portal.granting import Category, GrantKind
from portal.sensitivity import Segment


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    return text


KINDS: dict[GrantKind, str] = {
    GrantKind.PARENT: N_("Parent"),
    GrantKind.PROXY: N_("Helper by invitation"),
    GrantKind.GUARDIAN: N_("Legal guardian"),
    GrantKind.ESTATE: N_("For the estate of somebody who died"),
    GrantKind.APP: N_("App"),
}
CATEGORIES: dict[Category, str] = {
    Category.RESULTS: N_("Test results"),
    Category.RECORDS: N_("Health records"),
    Category.APPOINTMENTS: N_("Appointments"),
    Category.MEDICATIONS: N_("Medicines"),
    Category.MESSAGES: N_("Messages"),
    Category.BILLS: N_("Bills"),
    Category.HEALTH: N_("Goals and device readings"),
}
SEGMENTS: dict[Segment, str] = {
    Segment.REPRODUCTIVE: N_("Pregnancy, birth control and fertility"),
    Segment.SEXUAL_HEALTH: N_("Sexual health, HIV and infections passed on by sex"),
    Segment.MENTAL_HEALTH: N_("Mental health"),
    Segment.SUBSTANCE_USE: N_("Alcohol and drug use"),
    Segment.GENETIC: N_("Tests of your genes"),
}  # psychotherapy notes and abuse are shared with nobody
EVERYTHING = N_("Everything that is not marked sensitive")
WHOLE_RECORD = N_("Your record, but not the parts that you alone may decide about")
CHILDS_RECORD = N_("Their record")
READ_ONLY = N_("Can look, and change nothing")
MAY_CHANGE = N_("Can look and change things")

INVITED = N_("You invited %(name)s.")
JOINED = N_("%(name)s accepted.")
GIVEN = N_("Your clinic gave access to %(name)s.")
CHANGED = N_("You changed what %(name)s sees.")
ENDED = N_("You ended the access of %(name)s.")
GIVEN_BACK = N_("%(name)s gave the access back.")
STOPPED = N_("Your clinic stopped the access of %(name)s.")
ALLOWED_AGAIN = N_("Your clinic allowed the access of %(name)s again.")
RAN_OUT = N_("The access of %(name)s ran out.")
