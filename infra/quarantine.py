"""What waits in quarantine: list it, explain it, put the sender's settings right, replay it.

    python -m infra.quarantine --stack portal-staging                    what waits, and why
    python -m infra.quarantine --stack portal-staging show 3f2a          one message, explained
    python -m infra.quarantine --stack portal-staging show 3f2a --whole  with its text (audited)
    python -m infra.quarantine --stack portal-staging sender lab.toml    edit a sender's settings
    python -m infra.quarantine --stack portal-staging replay 3f2a        again, from the start
    python -m infra.quarantine --stack portal-staging replay all
    python -m infra.quarantine --stack portal-staging dismiss 3f2a       seen, nothing to do

`make quarantine DO="show 3f2a"` does the same to the local run. An id may be cut short.
"""

import argparse
import getpass
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from infra.admin import function_environment

NEW_SENDER = """name = ""
sends_as = [{ application = "*", facility = "" }]   # MSH-3 and MSH-4
# time_zone = "America/New_York"
# default_authority = ""
# [authorities]
# THEIRS = "OURS"
# [codes."99LOCAL".CODE]
# code = "2345-7"
# system = "LN"
"""


class CannotDo(Exception):
    pass


def main(arguments: list[str] | None = None) -> None:
    options = parsed(arguments)
    if options.local:
        os.environ.update(local_environment())
    os.environ.update(function_environment(options.stack))
    from portal.objects import Altered

    try:
        sys.stdout.write(DO[options.what](options) + "\n")
    except (CannotDo, Altered) as reason:
        sys.exit(str(reason))


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    asked = argparse.ArgumentParser(prog="python -m infra.quarantine")
    asked.add_argument("--stack", default="portal", help="name of the CloudFormation stack")
    asked.add_argument("--local", action="store_true", help="the stack of make run")
    what = asked.add_subparsers(dest="what")
    asked.set_defaults(what="list")
    what.add_parser("list", help="what waits, and why")
    show = what.add_parser("show", help="one message, explained")
    show.add_argument("id")
    show.add_argument("--whole", action="store_true", help="with its text; this is audited")
    what.add_parser("replay", help="again, from the start").add_argument("id", help="or: all")
    what.add_parser("dismiss", help="seen, nothing to do").add_argument("id")
    sender = what.add_parser("sender", help="edit a sender's settings")
    sender.add_argument("name", help="such as lab.toml")
    sender.add_argument("--file", type=Path, help="take this file instead of an editor")
    return asked.parse_args(arguments)


def local_environment() -> dict[str, str]:
    from infra.local.stack import Stack

    stack = Stack.read()
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    return keys | {"AWS_ENDPOINT_URL": stack.endpoint_url, "AWS_DEFAULT_REGION": stack.region}


def listed(_options: argparse.Namespace) -> str:
    from portal import quarantine

    rows = quarantine.rows()
    if not rows:
        return "Nothing waits in quarantine."
    return "\n".join(line(row) for row in rows)


def line(row: Any) -> str:
    raw_id = row.pk.removeprefix("arrival#")
    return f"{raw_id[:12]}  {row.received_at}  {row.sender}  {row.reason}: {row.detail}"


def shown(options: argparse.Namespace) -> str:
    from portal import audit, hl7_faults, objects, senders

    row = found(options.id)
    raw_id = row.pk.removeprefix("arrival#")
    event = audit.Event.QUARANTINE_VIEWED
    actor = f"operator:{getpass.getuser()}"
    audit.save(audit.row(event, actor=actor, about=raw_id, why="operations", request_id=raw_id))
    raw, charset = objects.raw(raw_id)
    message, sender = senders.read(raw, charset)
    header = message.first("MSH")
    facts = [
        line(row),
        f"  {len(raw)} bytes, {header.whole(9) or 'no type'} of {header.text(3)} {header.text(4)}",
        f"  settings that apply: {sender.name}",
        *(f"  - {fault}" for fault in hl7_faults.why_refused(raw)),
    ]
    return "\n".join([*facts, *([message.text] if options.whole else [])])


def found(short_id: str) -> Any:
    from portal import quarantine

    rows = quarantine.rows()
    matching = [row for row in rows if row.pk.startswith(f"arrival#{short_id}")]
    if len(matching) != 1:
        raise CannotDo(f"{len(matching)} messages in quarantine have an id beginning {short_id}.")
    return matching[0]


def replayed(options: argparse.Namespace) -> str:
    from portal import quarantine

    rows = quarantine.rows() if options.id == "all" else [found(options.id)]
    return replay(rows)


def replay(rows: list[Any]) -> str:
    from portal import waiting

    for row in rows:
        waiting.requeue(row.pk.removeprefix("arrival#"))
    return f"{len(rows)} on their way again. Look in a minute: what is still wrong comes back."


def dismissed(options: argparse.Namespace) -> str:
    from portal import quarantine

    quarantine.dismiss(found(options.id).pk.removeprefix("arrival#"))
    return "Dismissed. The message stays in the bucket."


def sender_set(options: argparse.Namespace) -> str:
    """Checked before it is stored; what this sender has in quarantine goes on with it."""
    from portal import senders

    if not options.name.endswith(".toml") or "/" in options.name:
        raise CannotDo("Name the file like lab.toml.")
    before = current_text(options.name)
    text = options.file.read_text() if options.file else edited(before)
    try:
        kept = senders.keep(options.name, text)
    except senders.BadSettings as error:
        raise CannotDo(f"Not stored. {error}") from error
    return f"Stored for {kept.name}; it counts within a minute.\n{replay(in_quarantine_of(kept))}"


def current_text(name: str) -> str:
    from portal import objects, senders

    path = f"{senders.PREFIX}{name}"
    return senders.text_of(name) if path in objects.names(path) else NEW_SENDER


def edited(text: str) -> str:
    with tempfile.NamedTemporaryFile("w+", suffix=".toml") as file:
        file.write(text)
        file.flush()
        editor = os.environ.get("EDITOR", "vi")
        subprocess.run([*editor.split(), file.name], check=True)  # noqa: S603
        return Path(file.name).read_text()


def in_quarantine_of(sender: Any) -> list[Any]:
    from portal import objects, quarantine, senders

    found = []
    for row in quarantine.rows():
        raw, charset = objects.raw(row.pk.removeprefix("arrival#"))
        if senders.read(raw, charset)[1] == sender:
            found.append(row)
    return found


DO: dict[str, Callable[[argparse.Namespace], str]] = {
    "list": listed,
    "show": shown,
    "replay": replayed,
    "dismiss": dismissed,
    "sender": sender_set,
}


if __name__ == "__main__":
    main()
