"""Each error a person can meet, in words that say what to do."""

import re

from portal import pages
from portal.answers import ProblemView
from portal.errors import (
    AccessEnded,
    ActivationIsSpent,
    BadInput,
    Conflict,
    Forbidden,
    LinkIsSpent,
    NotAcceptable,
    NotFound,
    NotShared,
    OnlyPreview,
    OwnRecordOnly,
    PasskeyRefused,
    RoleNeeded,
    SentBefore,
    SignInNeeded,
    StaffSignInNeeded,
    StaffStepUpNeeded,
    StepUpNeeded,
    TooMany,
    Unavailable,
    UnknownType,
    Unsure,
)

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


WORDS: dict[type[Exception], tuple[int, str, str]] = {
    NotFound: (
        404,
        N_("We could not find that page"),
        N_("The link may be old, or the record may not be yours to see. Go to your home page."),
    ),
    UnknownType: (
        415,
        N_("Something is missing or wrong"),
        N_("Check what you sent and try again."),
    ),
    NotAcceptable: (
        406,
        N_("This version of the app is too old"),
        N_("Update the app, or open the portal in a browser."),
    ),
    BadInput: (400, N_("Something is missing or wrong"), N_("Check what you sent and try again.")),
    ActivationIsSpent: (
        401,
        N_("This link no longer works"),
        N_("It was used, is too old, or there is a newer one. Ask the front desk for a new one."),
    ),
    LinkIsSpent: (
        401,
        N_("This link no longer works"),
        N_("A link works once, for ten minutes. Go to the sign-in page and ask for a new one."),
    ),
    PasskeyRefused: (
        401,
        N_("This passkey did not work"),
        N_("Try again with the passkey of this account, or choose another way."),
    ),
    StaffSignInNeeded: (
        401,
        N_("Please sign in"),
        N_("Sign in as staff: open /staff/sign-in, then try again."),
    ),
    SignInNeeded: (401, N_("Please sign in"), N_("Sign in to see this page.")),
    StaffStepUpNeeded: (
        403,
        N_("One more step"),
        N_("Show once more that it is you: open /staff/sign-in, then try again."),
    ),
    SentBefore: (
        409,
        N_("This form was sent before"),
        N_("It was sent with other answers. Load the page again to see what counts now."),
    ),
    Unsure: (
        409,
        N_("We cannot tell if this was done"),
        N_("We got it once, and our answer was lost. Look if it is there before you send it."),
    ),
    Conflict: (
        409,
        N_("Somebody else was first"),
        N_("Load the page again to see what has changed."),
    ),
    StepUpNeeded: (
        403,
        N_("One more step"),
        N_("Show once more that it is you: open /sign-in/step, then try again."),
    ),
    RoleNeeded: (
        403,
        N_("Your role does not open this page"),
        N_("Ask your privacy officer if it should."),
    ),
    AccessEnded: (
        403,
        N_("You can no longer see this record"),
        N_("Your access to it has ended. Go to your home page to see your own."),
    ),
    OwnRecordOnly: (
        403,
        N_("This page is about your own account"),
        N_("You have another person's record open. Go home, go back to your own, and try again."),
    ),
    NotShared: (
        403,
        N_("This part is not shared with you"),
        N_("Ask the person whose record it is. They choose what you see, on their Family page."),
    ),
    OnlyPreview: (
        403,
        N_("This is only a preview"),
        N_("You see what somebody else sees. Nothing can be changed here. Go home and end it."),
    ),
    Forbidden: (
        403,
        N_("We stopped this request to keep you safe"),
        N_("Open the portal in a new tab and try again from there."),
    ),
    TooMany: (
        429,
        N_("Too many tries"),
        N_("Wait a few minutes, then try again. Nothing is wrong with your record."),
    ),
    Unavailable: (
        503,
        N_("The portal is not available right now"),
        N_("Try again in a few minutes. If you need care today, call your clinic."),
    ),
}
FALLBACK = (
    500,
    N_("Something went wrong on our side"),
    N_("Try again in a few minutes. If it happens again, call your clinic."),
)


def view_of(error: Exception, language: str, request_id: str) -> ProblemView:
    met = next((each for each in WORDS if isinstance(error, each)), None)
    status, title, what_to_do = WORDS[met] if met else FALLBACK
    word = pages.words(language)
    needs = str(details_of(error).get("needs", ""))
    return ProblemView(
        kind=kind_of(met) if met else "fault",
        status=status,
        title=word(title),
        what_to_do=word(what_to_do),
        request_id=request_id,
        needs=needs,
    )


def kind_of(met: type[Exception]) -> str:
    """ "step-up-needed" of StepUpNeeded: the end of a problem's `type`."""
    return _CAPITAL.sub("-", met.__name__).lower()


def details_of(error: Exception) -> dict[str, object]:
    """What a program may need besides the sentence."""
    if isinstance(error, BadInput):
        return {"errors": error.fields}
    if isinstance(error, StaffStepUpNeeded):
        return {"needs": "/staff/sign-in"}
    if isinstance(error, StepUpNeeded):
        return {"needs": "/sign-in/step"}
    if isinstance(error, TooMany):
        return {"retry_after": error.retry_after_seconds}
    return {}
