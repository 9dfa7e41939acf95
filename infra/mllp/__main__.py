"""The MLLP listener: takes HL7 v2 from labs that speak nothing else and gives it to the portal.

    MLLP_TOKEN=ehr_... python -m infra.mllp --listen 0.0.0.0:2575 \\
        --forward https://portal.example.org/ehr/hl7
"""

import argparse
import asyncio
import os
import signal
import ssl
import sys
from functools import partial
from pathlib import Path

from infra.mllp.conversation import Limits
from infra.mllp.forwarding import Forwarder
from infra.mllp.journal import Journal
from infra.mllp.listener import Address, Listener
from infra.mllp.posting import Destination, destination, posted
from infra.mllp.refusals import refusal


def main() -> None:
    asked = parser()
    options = asked.parse_args()
    try:
        to = destination(options.forward, token_of(options.token_file))
        tls = tls_of(options.certificate, options.key, options.client_ca)
    except (ValueError, OSError) as error:
        asked.error(str(error))
    refusal(b"MSH|^~\\&|", "")  # loads hl7apy: if it is missing, that must show at the start
    asyncio.run(run(options, to, tls))


def parser() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(prog="python -m infra.mllp")
    add = asked.add_argument
    add("--listen", type=address, default="0.0.0.0:2575", metavar="HOST:PORT")
    add("--forward", required=True, metavar="URL", help="the portal's /ehr/hl7")
    add("--token-file", type=Path, help="instead of the environment's MLLP_TOKEN")
    add("--certificate", type=Path, help="PEM; with --key the listener speaks TLS")
    add("--key", type=Path)
    add("--client-ca", type=Path, help="PEM; senders must show a certificate of it")
    add("--connections", type=at_least_one, default=64)
    add("--in-flight", type=at_least_one, default=8, help="messages under way at once")
    add("--patience", type=float, default=60, help="seconds to try again while the portal is down")
    add("--timeout", type=float, default=30, help="seconds for one attempt")
    add("--stall", type=float, default=60, help="seconds a frame may stand still half way")
    add("--grace", type=float, default=20, help="seconds to finish after SIGTERM")
    return asked


def address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    return Address(host.strip("[]"), int(port))


def at_least_one(text: str) -> int:
    if int(text) < 1:
        raise ValueError(text)
    return int(text)


def token_of(file: Path | None) -> str:
    return (file.read_text() if file else os.environ.get("MLLP_TOKEN", "")).strip()


def tls_of(
    certificate: Path | None, key: Path | None, client_ca: Path | None
) -> ssl.SSLContext | None:
    if not certificate:
        if key or client_ca:
            raise ValueError("--key and --client-ca need --certificate")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client_ca)
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


async def run(options: argparse.Namespace, to: Destination, tls: ssl.SSLContext | None) -> None:
    journal, stop, loop = Journal(sys.stdout), asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.set_exception_handler(partial(unexpected, journal))
    post = partial(posted, to, timeout_seconds=options.timeout)
    sizes = {"at_once": options.in_flight, "patience_seconds": options.patience}
    limits = Limits(options.connections, stall_seconds=options.stall, grace_seconds=options.grace)
    listener = Listener(Forwarder(post, journal, **sizes), journal, limits)
    await listener.serve(options.listen, stop, tls)


def unexpected(
    journal: Journal, _loop: asyncio.AbstractEventLoop, context: dict[str, object]
) -> None:
    """An error's text may quote a message: only its class is told."""
    journal.write("unexpected", "error", why=type(context.get("exception")).__name__)


if __name__ == "__main__":
    main()
