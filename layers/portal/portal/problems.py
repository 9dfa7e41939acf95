"""Each error a person can meet, in words that say what to do."""

from portal import pages
from portal.answers import ProblemView
from portal.errors import (
    BadInput,
    Forbidden,
    NotFound,
    PortalError,
    SignInNeeded,
    TooMany,
    Unavailable,
)


def _(text: str) -> str:
    """Marks a text for the catalogue; it is translated when it is shown."""
    return text


WORDS: dict[type[Exception], tuple[int, str, str]] = {
    NotFound: (
        404,
        _("We could not find that page"),
        _("The link may be old, or the record may not be yours to see. Go to your home page."),
    ),
    BadInput: (400, _("Something is missing or wrong"), _("Check what you sent and try again.")),
    SignInNeeded: (401, _("Please sign in"), _("Sign in to see this page.")),
    Forbidden: (
        403,
        _("We stopped this request to keep you safe"),
        _("Open the portal in a new tab and try again from there."),
    ),
    TooMany: (
        429,
        _("Too many tries"),
        _("Wait a few minutes, then try again. Nothing is wrong with your record."),
    ),
    Unavailable: (
        503,
        _("The portal is not available right now"),
        _("Try again in a few minutes. If you need care today, call your clinic."),
    ),
}
FALLBACK = (
    500,
    _("Something went wrong on our side"),
    _("Try again in a few minutes. If it happens again, call your clinic."),
)


def view_of(error: Exception, language: str, request_id: str) -> ProblemView:
    status, title, what_to_do = next(
        (words for kind, words in WORDS.items() if isinstance(error, kind)), FALLBACK
    )
    word = pages.words(language)
    return ProblemView(
        status=status, title=word(title), what_to_do=word(what_to_do), request_id=request_id
    )


def details_of(error: Exception) -> dict[str, object]:
    """What a program may need besides the sentence."""
    if isinstance(error, BadInput):
        return {"errors": error.fields}
    if isinstance(error, TooMany):
        return {"retry_after": error.retry_after_seconds}
    return {}


__all__ = ["PortalError", "details_of", "view_of"]
