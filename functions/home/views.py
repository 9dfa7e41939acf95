"""What the home room answers."""

from pydantic import BaseModel


class NewResult(BaseModel):
    report_id: str
    title: str
    status_words: str
    released_at: str
    outside: int


class HomeView(BaseModel):
    """The patient's front page. Rooms not yet built add their own block here."""

    given_name: str
    is_locked: bool = False  # signed in by a link only: nothing clinical until the next step
    is_demo: bool
    latest: list[NewResult]  # at most three, newest first
