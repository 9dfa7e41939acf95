"""Where one local stack lives: its folder, its ports, its addresses."""

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from infra.local.progress import CannotRun

ROOT = Path(__file__).resolve().parents[2]
REGION = "us-east-1"


@dataclass(frozen=True)
class Place:
    state: Path
    port: int
    mailbox_port: int

    @property
    def endpoint_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def portal_url(self) -> str:
        return f"http://portal.localhost:{self.port}"

    @property
    def mailbox_url(self) -> str:
        return f"http://127.0.0.1:{self.mailbox_port}/"

    @property
    def log(self) -> Path:
        return self.state / "ministack.log"


def place(state: Path, port: int, mailbox_port: int) -> Place:
    """Port 0 is any free one, the same again as long as the state is kept."""
    return Place(
        state.resolve(),
        _free(port, state / "port"),
        _free(mailbox_port, state / "mailbox-port"),
    )


def _free(port: int, kept: Path) -> int:
    if port:
        if not _is_free(port):
            raise CannotRun(_in_use(port))
        return port
    earlier = int(kept.read_text()) if kept.exists() else 0
    chosen = earlier if earlier and _is_free(earlier) else _any_free()
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(str(chosen))
    return chosen


def _in_use(port: int) -> str:
    return (
        f"Port {port} is in use by another program. Stop that one, or choose other ports: "
        f"make run PORT={port + 100} MAILBOX_PORT={port + 101}"
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _any_free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def aws_environment(place: Place) -> dict[str, str]:
    """For the SAM CLI: the local AWS only, whatever account this machine is signed in to."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**kept, **nothing, **operator(place)}


def operator(place: Place) -> dict[str, str]:
    """MiniStack takes the key "test" for the account's root user, also when it enforces IAM."""
    return {
        "AWS_ENDPOINT_URL": place.endpoint_url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }
