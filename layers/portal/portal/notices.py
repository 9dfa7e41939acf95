"""What a patient is told about signing in, by every channel the clinic knows: e-mail and text.

`outbox.tell_account` owes it; `upkeep` delivers it within a minute or two, where it was not handed
on to go at once. It names the event, never what is in the record.
"""

from portal import topics
from portal.audit import Event
from portal.topics import Topic


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate"
    """Marks a text for the catalogue; it is translated when it is sent."""
    return text


WORDS: dict[Event, str] = {
    Event.NEW_DEVICE: N_("Somebody signed in with your account on a device we do not know."),
    Event.NEW_COUNTRY: N_("Somebody signed in with your account from a country that is new to us."),
    Event.IMPOSSIBLE_TRAVEL: N_(
        "Somebody signed in with your account from two places too far apart to travel between."
    ),
    Event.MANY_REFUSALS: N_("Somebody tried many times to sign in with your account and failed."),
    Event.FACTOR_ADDED: N_("A way to sign in was added to your account."),
    Event.ACCOUNT_RECOVERED: N_(
        "Your clinic removed ways to sign in from your account, and signed it out everywhere."
    ),
    Event.FACTOR_REMOVED: N_("A way to sign in was removed from your account."),
    Event.PASSWORD_CHANGED: N_("The password of your account was changed."),
    Event.RECOVERY_CODES_MADE: N_("New recovery codes were made for your account."),
    Event.PASSKEY_COPIED: N_(
        "Somebody may have a copy of your passkey and tried to sign in with it. We stopped them."
    ),
    Event.RECOVERY_CODE_USED: N_("A recovery code was used to sign in to your account."),
    Event.FACTOR_CLOSED: N_(
        "Somebody typed a wrong code a hundred times in a row. We switched off that way to sign in "
        "to your account."
    ),
    Event.SSO_CONNECTED: N_("A hospital's sign-in now opens your account, too."),
    Event.SSO_REMOVED: N_("A hospital's sign-in no longer opens your account."),
    Event.ACCOUNT_ACTIVATED: N_("Your account was opened."),
    Event.ACCOUNT_ACTIVATED_AGAIN: N_(
        "Your account was opened once more, with a code or link from your clinic. "
        "Every other device was signed out."
    ),
    Event.PROXY_JOINED: N_(
        "Somebody accepted your invitation and can open your record now. "
        "You see on your Family page who it is, and can end it there."
    ),
    Event.PROXY_GIVEN_BACK: N_("Somebody who could open your record gave that up."),
    Event.PROXY_GIVEN: N_(
        "Your clinic gave somebody access to your record. You see who on your Family page."
    ),
    Event.PROXY_APPROVED: N_(
        "Your clinic said yes: you can open the record that you asked for. "
        "It is on your Family page."
    ),
    Event.PROXY_DENIED: N_(
        "Your clinic could not give you the access that you asked for. Your Family page says why."
    ),
    Event.CONTACT_CHANGED: N_("The e-mail address or phone of your account was changed."),
    Event.NOTICES_NARROWED: N_(
        "Somebody changed by which ways we tell you about the safety of your account."
    ),
    Event.CONTACTS_CORRECTED: N_("The e-mail address or phone of your account was changed."),
}


EVERYWHERE = frozenset(  # told by every way there is: it may be a thief who closes the others
    {Event.CONTACT_CHANGED, Event.CONTACTS_CORRECTED, Event.NOTICES_NARROWED}
)


def words_of(key: str) -> str:
    """`key` is an outbox row's, as in the next two."""
    return WORDS[event_of(key)]


def event_of(key: str) -> Event:
    return Event(key.split("#")[1])


def topic_of(key: str) -> Topic:
    return topics.of_event(event_of(key))
