"""A message's way to the portal: few at once, again while the portal is down, and what it said."""

import asyncio
from collections.abc import Awaitable, Callable
from secrets import SystemRandom
from time import monotonic

from infra.mllp.framing import is_framable
from infra.mllp.journal import Journal
from infra.mllp.posting import Answer, NoAnswer
from infra.mllp.refusals import is_acknowledgement, refusal

FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 10.0
TRY_AGAIN = {408, 425, 429}  # the portal is busy; the message is not at fault
OURS_TO_MEND = {401, 403}

type Post = Callable[[bytes], Awaitable[Answer]]


class Unanswerable(Exception):
    """No acknowledgement may be given: close the connection, and the sender keeps its message."""


class Forwarder:
    def __init__(
        self, post: Post, journal: Journal, *, at_once: int = 8, patience_seconds: float = 60
    ) -> None:
        self._post = post
        self._journal = journal
        self._slots = asyncio.Semaphore(at_once)
        self._patience_seconds = patience_seconds

    async def room(self) -> None:
        """Returns when a message would not have to wait."""
        async with self._slots:
            return

    async def reply(self, message: bytes, peer: str) -> bytes:
        """What to send back; empty for nothing. Raises Unanswerable."""
        async with self._slots:
            answer = await self._answer(message, peer)
        if 200 <= answer.status < 300:
            return answer.body
        level = "error" if answer.status in OURS_TO_MEND else "warning"
        self._journal.write("refused", level, peer=peer, status=answer.status)
        reply = refusal(message, words_of(answer))
        if reply is None:
            raise Unanswerable
        return reply

    async def _answer(self, message: bytes, peer: str) -> Answer:
        ends_at, pause = monotonic() + self._patience_seconds, FIRST_PAUSE_SECONDS
        while True:
            try:
                return usable(await self._post(message))
            except NoAnswer as error:
                jittered = pause * SystemRandom().uniform(0.5, 1)
                self._journal.write("no-answer", "warning", peer=peer, why=str(error))
            if monotonic() + jittered > ends_at:
                self._journal.write("gave-up", "error", peer=peer)
                raise Unanswerable
            await asyncio.sleep(jittered)
            self._journal.counts["retry"] += 1
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def usable(answer: Answer) -> Answer:
    """Raises NoAnswer when the portal, or something before it, could not do its work."""
    if answer.status >= 500 or answer.status in TRY_AGAIN:
        raise NoAnswer(f"http-{answer.status}")
    is_taken, body = 200 <= answer.status < 300, answer.body
    if is_taken and body and not (is_acknowledgement(body) and is_framable(body)):
        raise NoAnswer("no-acknowledgement")
    return answer


def words_of(answer: Answer) -> str:
    """For the sender's staff, in ERR-8. The portal's own sentence, never a proxy's page."""
    said = f"The portal refused the message with HTTP status {answer.status}."
    if not answer.content_type.startswith("text/plain"):
        return said
    return f"{said} {answer.body[:200].decode(errors='replace')}"
