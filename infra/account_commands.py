"""What an operator does to one patient's account: see infra.admin for the commands."""

import argparse
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

COMMANDS = ("activation", "contacts", "state", "close", "reopen", "reindex")
UNKNOWN = "No patient has this identifier."
TOO_YOUNG = "A child under 12 has no account. Open a parent's own account and give it access."


def describe(what: Any) -> None:
    """`what` is argparse's list of commands."""
    activation = _about_one(what, "activation", "open an account: link, code and QR code")
    kinds = activation.add_mutually_exclusive_group()
    kinds.add_argument("--paper", action="store_true", help="printed for somebody at the desk")
    kinds.add_argument("--letter", action="store_true", help="by post; no identity card seen")
    kinds.add_argument("--invite", action="store_true", help="send it to the contact on file")
    contacts = _about_one(what, "contacts", "correct where a patient is reached")
    contacts.add_argument("--email", default="")
    contacts.add_argument("--phone", default="", help="E.164")
    state = _about_one(what, "state", "correct in which US state a patient lives")
    state.add_argument("state", help='postal code, such as NY; "" for nobody knows')
    _about_one(what, "close", "close an account: nobody signs in any more")
    _about_one(what, "reopen", "take that back")
    what.add_parser("reindex", help="write the indexes of all patients anew")


def done(options: argparse.Namespace) -> str:
    from portal import patients

    if options.what == "reindex":
        return reindexed()
    patient_id = patients.id_by_identifier(options.authority, options.record_number)
    if patient_id is None:
        return UNKNOWN
    commands: dict[str, Callable[[argparse.Namespace, str], str]] = {
        "activation": activated,
        "contacts": corrected,
        "state": moved,
        "close": closed,
        "reopen": reopened,
    }
    return commands[options.what](options, patient_id)


def _about_one(what: Any, name: str, help_text: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = what.add_parser(name, help=help_text)
    command.add_argument("authority", help="assigning authority of the record number")
    command.add_argument("record_number")
    return command


def activated(options: argparse.Namespace, patient_id: str) -> str:
    from portal import activations, invitations, qr
    from portal.activations import Kind

    try:
        if options.invite:
            return f"Invited by {invitations.send(patient_id, options.by)}."
        kind = Kind.PAPER if options.paper else Kind.LETTER if options.letter else Kind.DESK
        made = activations.new(patient_id, kind, options.by)
    except activations.TooYoung:
        return TOO_YOUNG
    except activations.CannotActivate:
        return "This patient cannot sign in: deceased, or closed."
    except invitations.NoContact:
        return "There is no e-mail address or phone on file. Use --letter."
    until = made.ends_at.strftime("%Y-%m-%d %H:%M UTC")
    return f"{qr.terminal(made.link)}\n{made.link}\nCode: {made.code}\nWorks once, until {until}."


def corrected(options: argparse.Namespace, patient_id: str) -> str:
    from portal import desk

    desk.correct_contacts(patient_id, options.email, options.phone, options.by)
    return "Corrected. The old and the new address were told."


def moved(options: argparse.Namespace, patient_id: str) -> str:
    from portal import desk, us_states

    state = us_states.code(options.state)
    if options.state and not state:
        return "There is no such US state."
    desk.correct_state(patient_id, state, options.by)
    return f"Lives in {us_states.NAMES[state]}." if state else "No state is known."


def closed(options: argparse.Namespace, patient_id: str) -> str:
    from portal import desk

    desk.close(patient_id, options.by)
    return "Closed, and signed out everywhere."


def reopened(options: argparse.Namespace, patient_id: str) -> str:
    from portal import desk

    desk.reopen(patient_id, options.by)
    return "The account can be used again."


def reindexed() -> str:
    """Patients who change meanwhile index themselves. One whose row or key is damaged holds up
    nobody."""
    from portal.tables import ChartRow

    is_patient = (ChartRow.sk == "patient") & ChartRow.revision.exists()
    outcomes = [_reindexed(row.pk) for row in ChartRow.scan(is_patient)]
    unread = outcomes.count(None)
    said = f"{outcomes.count(True)} patients indexed."
    return f"{said} {unread} cannot be read: their key or their row is damaged." if unread else said


def _reindexed(patient_id: str) -> bool | None:
    """None for one that cannot be read."""
    from portal import keys, patients

    try:
        patient = patients.with_id(patient_id)
        if patient is not None:
            patients.rewrite(patient)
    except patients.Changed:
        return False
    except keys.UNREADABLE:
        return None
    except ClientError as error:
        if error.response["Error"]["Code"] != "InvalidCiphertextException":
            raise
        return None
    return patient is not None
