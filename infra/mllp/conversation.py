"""One sender's connection: its messages go to the portal one after the other, answered in order."""

import asyncio
import socket
from dataclasses import dataclass

from infra.mllp.forwarding import Forwarder, Unanswerable
from infra.mllp.framing import Broken, Decoder, Fault, Found, framed
from infra.mllp.journal import Journal
from infra.mllp.refusals import ack_codes, refusal, whole_segments

CHUNK_BYTES = 65_536
KEEP_ALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 4}


@dataclass(frozen=True)
class Limits:
    """`stall_seconds`: how long a frame may stand still half way, or an answer unread."""

    connections: int = 64
    message_bytes: int = 5_000_000
    stall_seconds: float = 60
    grace_seconds: float = 20
    linger_seconds: float = 5
    heartbeat_seconds: float = 60


class Conversation:
    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        forwarder: Forwarder,
        journal: Journal,
        limits: Limits,
    ) -> None:
        self._reader, self._writer = streams
        self._forwarder = forwarder
        self._journal = journal
        self._limits = limits
        self._decoder = Decoder(limits.message_bytes, journal.counts)
        self._is_ending = False
        self._is_waiting = True
        self.peer = "{}:{}".format(*self._writer.get_extra_info("peername") or ("gone", 0))
        self.task = asyncio.current_task()

    async def run(self) -> None:
        """Until the sender, a fault or `end` ends it."""
        self._journal.write("connected", peer=self.peer)
        try:
            stay_alive(self._writer.get_extra_info("socket"))
            await self._talk()
        except Unanswerable:
            self._journal.write("closed-unanswered", "warning", peer=self.peer)
        except OSError as error:
            self._journal.write("lost", "warning", peer=self.peer, why=type(error).__name__)
        finally:
            if cut := self._decoder.end():
                self._note(cut)
            self._writer.close()
            self._journal.write("disconnected", peer=self.peer)

    def end(self) -> None:
        """At once when it waits for the sender, else after the answer under way."""
        self._is_ending = True
        if self._is_waiting and self.task:
            self.task.cancel()

    async def _talk(self) -> None:
        while chunk := await self._chunk():
            self._journal.counts["received-bytes"] += len(chunk)
            for found in self._decoder.feed(chunk):
                await self._answer(found)
                if self._is_ending:
                    return

    async def _chunk(self) -> bytes:
        """While the portal has no room the bytes stay in the sender's hands (TCP flow control)."""
        self._is_waiting = True
        await self._forwarder.room()
        allowed = self._limits.stall_seconds if self._decoder.is_in_frame else None
        async with asyncio.timeout(allowed):
            chunk = await self._reader.read(CHUNK_BYTES)
        self._is_waiting = False
        return chunk

    async def _answer(self, found: Found) -> None:
        if isinstance(found, bytes):
            await self._send(await self._forwarder.reply(found, self.peer))
            return
        self._note(found)
        if found.fault is Fault.TOO_LARGE:
            await self._turn_away(found.head)

    async def _send(self, reply: bytes) -> None:
        codes = [code.value for code in ack_codes(reply)] or ["none"]
        self._journal.counts.update(f"ack-{code}" for code in codes)
        self._journal.write("answered", peer=self.peer, ack=" ".join(sorted(set(codes))))
        if reply:
            self._writer.write(framed(reply))
            async with asyncio.timeout(self._limits.stall_seconds):
                await self._writer.drain()

    def _note(self, broken: Broken) -> None:
        self._journal.write("bad-frame", "warning", peer=self.peer, why=broken.fault)

    async def _turn_away(self, head: bytes) -> None:
        words = f"A message may have at most {self._limits.message_bytes} bytes."
        reply = refusal(whole_segments(head), words)
        if reply:
            await self._send(reply)
            await self._let_it_read()
        raise Unanswerable

    async def _let_it_read(self) -> None:
        """Closing over unread bytes resets a connection, and the sender would lose the answer."""
        if self._writer.can_write_eof():
            self._writer.write_eof()
        try:
            async with asyncio.timeout(self._limits.linger_seconds):
                while await self._reader.read(CHUNK_BYTES):
                    pass
        except TimeoutError:
            return


def stay_alive(connection: socket.socket) -> None:
    """Labs keep idle connections open for days; a dead one is noticed after two minutes."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        if hasattr(socket, name):  # macOS has not all of them
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
