"""A phone's line as a TCP proxy on loopback: WebPageTest's 3G (1.6 Mbps down, 768 kbps up, 300 ms).

Chromium's own throttling counts per request and makes connections for nothing. Here a connection
costs its round trips (TCP, then TLS 1.3; or QUIC's one) before the first byte gets through, packets
wait half a round trip each way, and TCP begins with a window of ten segments that doubles each
round trip (RFC 6928). No packet is lost, and names are known. Times until the server's first byte
are kept.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

ROUND_TRIP = 0.3
DOWN_BYTES = 1_600_000 / 8  # a second
UP_BYTES = 768_000 / 8
WINDOW_BYTES = 14_600
PIECE_BYTES = 1_460
SET_UP_ROUND_TRIPS = 2  # TCP and TLS 1.3
HTTP3_SET_UP_ROUND_TRIPS = 1  # QUIC does both at once


@dataclass
class Line:
    port: int
    upstream: int
    loop: asyncio.AbstractEventLoop
    waits: list[float] = field(default_factory=list)  # ms until the server's first byte
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    set_up_round_trips: int = SET_UP_ROUND_TRIPS  # of the next connection
    free_at: float = 0.0  # when the shared line down has sent what it was given

    def drop(self) -> None:
        """As after a pause: the next request opens a connection anew."""
        for writer in list(self.writers):
            self.loop.call_soon_threadsafe(writer.close)
        time.sleep(0.05)

    async def serve(self, down: asyncio.StreamReader, up: asyncio.StreamWriter) -> None:
        opened = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        self.writers |= {up, writer}
        asked = [0.0]
        ready = opened + self.set_up_round_trips * ROUND_TRIP
        try:
            await asyncio.gather(
                self._up(down, writer, ready, asked), self._down(reader, up, asked)
            )
        except (ConnectionError, OSError):
            pass
        finally:
            for each in (up, writer):
                each.close()
            self.writers -= {up, writer}

    async def _up(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        ready: float,
        asked: list[float],
    ) -> None:
        while piece := await reader.read(65_536):
            await asyncio.sleep(max(0.0, ready - time.monotonic()))
            await asyncio.sleep(ROUND_TRIP / 2 + len(piece) / UP_BYTES)
            writer.write(piece)
            asked[0] = time.monotonic()
            await writer.drain()
        writer.close()

    async def _down(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[float]
    ) -> None:
        window, left, flight = WINDOW_BYTES, WINDOW_BYTES, 0.0
        while piece := await reader.read(PIECE_BYTES):
            now = time.monotonic()
            if asked[0]:
                self.waits.append((now - asked[0]) * 1000)
                asked[0], left, flight = 0.0, window, now
            if left < len(piece):  # the window is out: it doubles with the acknowledgement
                await asyncio.sleep(max(0.0, flight + ROUND_TRIP - time.monotonic()))
                window, flight = window * 2, time.monotonic()
                left = window
            left -= len(piece)
            self.free_at = max(self.free_at, time.monotonic()) + len(piece) / DOWN_BYTES
            asyncio.get_running_loop().call_later(
                self.free_at + ROUND_TRIP / 2 - time.monotonic(), _passed, writer, piece
            )
        await asyncio.sleep(ROUND_TRIP)
        writer.close()


def _passed(writer: asyncio.StreamWriter, piece: bytes) -> None:
    if not writer.is_closing():
        writer.write(piece)


async def _ended(server: asyncio.Server, line: Line) -> None:
    server.close()
    for writer in list(line.writers):
        writer.close()
    await asyncio.sleep(2 * ROUND_TRIP)  # what is on its way ends by itself


@contextmanager
def slow_line(upstream: int) -> Iterator[Line]:
    """`upstream` is the port of the stack; the line's own is any free one."""
    loop = asyncio.new_event_loop()
    line = Line(0, upstream, loop)
    server = loop.run_until_complete(asyncio.start_server(line.serve, "127.0.0.1", 0))
    line.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield line
    finally:
        asyncio.run_coroutine_threadsafe(_ended(server, line), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def floor_ms(set_up_round_trips: int, page_bytes: float) -> float:
    """What no page of this size can be faster than: round trips, then the bytes of one window."""
    return ((set_up_round_trips + 1) * ROUND_TRIP + page_bytes / DOWN_BYTES) * 1000
