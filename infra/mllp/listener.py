"""The listening socket, the conversations it opened, and their orderly end."""

import asyncio
import ssl
from typing import NamedTuple

from infra.mllp.conversation import CHUNK_BYTES, Conversation, Limits
from infra.mllp.forwarding import Forwarder
from infra.mllp.journal import Fact, Journal


class Address(NamedTuple):
    host: str
    port: int


class Listener:
    def __init__(self, forwarder: Forwarder, journal: Journal, limits: Limits) -> None:
        self._forwarder = forwarder
        self._journal = journal
        self._limits = limits
        self._open: set[Conversation] = set()

    async def serve(
        self, address: Address, stop: asyncio.Event, tls: ssl.SSLContext | None = None
    ) -> None:
        """Until `stop` is set; then what is under way is finished, within the grace."""
        server = await asyncio.start_server(self._accept, *address, ssl=tls, limit=CHUNK_BYTES)
        for listening in server.sockets:
            host, port = listening.getsockname()[:2]
            self._journal.write("listening", host=host, port=port, tls=bool(tls))
        heartbeat = asyncio.create_task(self._beat())
        await stop.wait()
        heartbeat.cancel()
        server.close()
        self._journal.write("stopping", open=len(self._open))
        unfinished = await self._ended()
        await self._closed(server)
        self._journal.write("stopped", unfinished=unfinished)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= self._limits.connections:
            self._journal.write("turned-away", "warning", open=len(self._open))
            writer.transport.abort()
            return
        conversation = Conversation((reader, writer), self._forwarder, self._journal, self._limits)
        self._open.add(conversation)
        try:
            await conversation.run()
        finally:
            self._open.discard(conversation)

    async def _ended(self) -> int:
        """How many conversations had to be cut off."""
        tasks = {conversation.task for conversation in self._open if conversation.task}
        for conversation in self._open:
            conversation.end()
        if not tasks:
            return 0
        _, late = await asyncio.wait(tasks, timeout=self._limits.grace_seconds)
        for task in late:
            task.cancel()
        await asyncio.wait(tasks)
        return len(late)

    async def _closed(self, server: asyncio.Server) -> None:
        """The last answers have left, unless a sender does not take them."""
        try:
            async with asyncio.timeout(self._limits.linger_seconds):
                await server.wait_closed()
        except TimeoutError:
            server.abort_clients()
            await asyncio.sleep(0)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._limits.heartbeat_seconds)
            facts: dict[str, Fact] = {**self._journal.counts, "open": len(self._open)}
            self._journal.write("heartbeat", "info", **facts)
