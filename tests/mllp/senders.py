"""A lab that speaks MLLP over a real socket, and the invented messages it sends."""

import socket
import time
from collections.abc import Callable

VT, END = b"\x0b", b"\x1c\x0d"
PATIENCE_SECONDS = 20


def a_message(control_id: str = "1", accept: str = "", note: str = "") -> bytes:
    header = f"MSH|^~\\&|LAB|MAINLAB|PORTAL|CLINIC|20261121||ORU^R01|{control_id}|P|2.5.1"
    return f"{header}|||{accept}\rPID|1||MRN-Q7^^^LAB||Testcase^Zora\rNTE|1||{note}\r".encode()


def frame(message: bytes) -> bytes:
    return VT + message + END


def fields(message: bytes) -> dict[str, list[str]]:
    lines = message.decode().strip("\r").split("\r")
    return {line[:3]: line.split("|") for line in lines}


def until(is_so: Callable[[], object]) -> None:
    ends_at = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < ends_at, "it never came about"
        time.sleep(0.005)


class Sender:
    def __init__(self, address: tuple[str, int], connection: socket.socket | None = None) -> None:
        self.socket = connection or socket.create_connection(address, PATIENCE_SECONDS)
        self.received = b""

    def __enter__(self) -> "Sender":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *messages: bytes) -> None:
        self.send_bytes(b"".join(frame(message) for message in messages))

    def send_bytes(self, data: bytes) -> None:
        self.socket.sendall(data)

    def answer(self) -> bytes:
        """The next acknowledgement, in exactly VT ... FS CR."""
        while END not in self.received:
            chunk = self.socket.recv(65_536)
            assert chunk, "the connection was closed without an answer"
            self.received += chunk
        assert self.received.startswith(VT)
        message, self.received = self.received[1:].split(END, 1)
        return message

    def msa(self) -> list[str]:
        return fields(self.answer())["MSA"][1:3]

    def is_closed_without_an_answer(self) -> bool:
        try:
            return self.received + self.socket.recv(65_536) == b""
        except ConnectionResetError:
            return not self.received
