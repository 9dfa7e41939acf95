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
    has_record: bool = True  # false for somebody who only helps others with theirs
    has_results: bool = True  # false for somebody acting who was not given them
    is_demo: bool
    latest: list[NewResult]  # at most three, newest first
