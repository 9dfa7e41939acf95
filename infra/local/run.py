"""`make run`: the portal on this machine until Ctrl-C. `--forget` throws its data away."""

import argparse
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from infra.local.progress import CannotRun
from infra.local.stack import FACTS, STATE, Stack, forget, running_stack


def main() -> None:
    asked = argparse.ArgumentParser(prog="make run", description=__doc__)
    asked.add_argument("--state", type=Path, default=STATE, help="folder of this stack's data")
    asked.add_argument("--port", type=int, default=4566, help="0 for any free one")
    asked.add_argument("--mailbox-port", type=int, default=4567)
    asked.add_argument("--once", action="store_true", help="stop when all is up")
    asked.add_argument("--forget", action="store_true", help="throw the data away, start nothing")
    options = asked.parse_args()
    for stop in (signal.SIGINT, signal.SIGTERM):  # also where the shell had it ignored
        signal.signal(stop, interrupt)
    try:
        if options.forget:
            forget(options.state)
        else:
            run(options)
    except CannotRun as reason:
        sys.exit(str(reason))
    except KeyboardInterrupt:
        sys.exit(130)


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def run(options: argparse.Namespace) -> None:
    facts = FACTS if options.state == STATE else None
    with running_stack(options.state, options.port, options.mailbox_port, facts) as stack:
        print(summary(stack), flush=True)
        if not options.once:
            stay()


def stay() -> None:
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        print()
        # From here one signal more would cut the saving short: the data would be lost.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


def summary(stack: Stack) -> str:
    patient = stack.demo_patients[0]
    return f"""
The portal is up.

  Portal     {stack.portal_url}
  Mailbox    {stack.mailbox_url}   what it e-mails and texts, also your sign-in link and code
  Sign in as {patient["name"]}: {patient["email"]}
  Hospitals  {stack.portal_url}sign-in/with   invented ones, whose sign-in opens the portal

  EHRs push lab results to
    queue    {stack.queue_url}
    HTTPS    {stack.hl7_url}   Authorization: Bearer {stack.ehr_token}

  Try        make lab     in another terminal: a new result, until its card is out
  Stop       Ctrl-C       keeps the data; make reset forgets it
"""


if __name__ == "__main__":
    main()
