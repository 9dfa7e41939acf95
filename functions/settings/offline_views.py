"""What the pages about this device answer."""

from portal.model import Model


class OfflineView(Model):
    """`is_on`: this person's pages are kept on this device. `is_shared`: they signed in as on a
    device that others use, where nothing is kept."""

    is_on: bool
    is_shared: bool
    hours: int  # how long after signing in they can be read, at most
    done: str = ""


class OfflineChangedView(Model):
    is_on: bool
    next: str


class KeyView(Model):
    """The session's half of the key. `until`: epoch seconds."""

    half: str
    until: float


class WaitingView(Model):
    """The list itself is the browser's: the portal has not seen what waits there."""
