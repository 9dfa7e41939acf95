"""Two thousand more patients for the load: in a clinic, a day's results are of many people, and a
hundred results of one person within minutes are of nobody.

Each is one of the demo clinic's people under a number of their own. `main` runs as a function
would, in a child process.
"""

import dataclasses
from urllib.parse import urlsplit

from infra.local import seed
from infra.local.clinic.people import Patient, patients
from infra.local.place import ROOT, Place
from infra.local.stack import Stack

HOW_MANY = 2000


def member(number: int) -> Patient:
    """The e-mail address is theirs alone; nobody has a phone."""
    known = patients()[number % len(patients())]
    number %= HOW_MANY
    mrn, email = f"CROWD{number:05d}", f"crowd{number}@example.org"
    return dataclasses.replace(known, mrn=mrn, email=email, phone=None)


def enrolled(stack: Stack) -> None:
    port = urlsplit(stack.endpoint_url).port or 0
    seed.as_function(Place(ROOT, port, mailbox_port=0), "tests.bench.crowd")


def main() -> None:
    for number in range(HOW_MANY):
        seed.enrol(member(number))


if __name__ == "__main__":
    main()
