"""A whole local stack: `with running_stack(...) as stack` starts, deploys, seeds and stops one."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from infra.local import hospitals, mailbox, ministack, seed
from infra.local.deploy import STACK, client, deployed, parameters
from infra.local.ehr_sign_in import EhrSignIn
from infra.local.place import REGION, ROOT, Place, place
from infra.local.progress import CannotRun

from infra import push_keys

STATE = ROOT / ".local" / "state"
FACTS = ROOT / ".local" / "stack.json"


@dataclass(frozen=True)
class Stack:
    """What a person or a script needs to know of a running stack; the content of stack.json."""

    portal_url: str
    mailbox_url: str
    mailbox_api: str
    queue_url: str
    hl7_url: str
    ehr_token: str
    region: str
    endpoint_url: str
    demo_patients: list[dict[str, str]]
    outputs: dict[str, str]  # of template.yaml: names of tables, queues, bucket, key

    @classmethod
    def read(cls, facts: Path = FACTS) -> "Stack":
        if not facts.exists():
            raise CannotRun("Nothing is running. Start it with: make run")
        return cls(**json.loads(facts.read_text()))

    def write(self, facts: Path) -> None:
        facts.write_text(json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n")

    def client(self, service: str) -> Any:
        """A boto3 client of the operator, who may do everything here."""
        return client(self.endpoint_url, service)


@contextmanager
def running_stack(
    state: Path = STATE, port: int = 0, mailbox_port: int = 0, facts: Path | None = None
) -> Iterator[Stack]:
    """Port 0 is any free one. The facts are written to `facts`, else into the state folder."""
    state.mkdir(parents=True, exist_ok=True)
    facts = facts or state / "stack.json"
    with only_one(state):
        here = place(state, port, mailbox_port)
        with ministack.running(here), mailbox.serving(here), hospitals.serving(here) as ehr:
            stack = ready(here, ehr)
            stack.write(facts)
            try:
                yield stack
            finally:
                facts.unlink(missing_ok=True)


def ready(here: Place, ehr: EhrSignIn) -> Stack:
    outputs = deployed(here)
    verify_sender(here)
    set_up_push(here)
    hospitals.introduce(here, outputs["RawBucket"], ehr)
    token = seed.seeded(here, outputs)
    return Stack(
        portal_url=here.portal_url + "/",
        mailbox_url=here.mailbox_url,
        mailbox_api=here.mailbox_url + "messages.json",
        queue_url=outputs["LabQueueUrl"],
        hl7_url=outputs["Hl7Url"],
        ehr_token=token,
        region=REGION,
        endpoint_url=here.endpoint_url,
        demo_patients=seed.demo_patients(),
        outputs=outputs,
    )


def verify_sender(here: Place) -> None:
    """SES refuses mail from an address nobody has verified; on AWS its domain is."""
    sender = parameters(here)["MailFrom"]
    client(here.endpoint_url, "ses").verify_email_identity(EmailAddress=sender)


def set_up_push(here: Place) -> None:
    """The keys that push services know us by, and an app of ours at SNS."""
    push_keys.keep(client(here.endpoint_url, "ssm"), f"/portal/{STACK}/push")
    client(here.endpoint_url, "sns").create_platform_application(
        Name="portal", Platform="GCM", Attributes={"PlatformCredential": "a stand-in"}
    )


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotRun(f"{say(state)} is running already. Stop it first (Ctrl-C).") from None
        yield


def say(state: Path) -> str:
    return "make run" if state == STATE else f"The stack in {state}"


def forget(state: Path = STATE) -> None:
    """All data of a stack; what was installed stays."""
    state.mkdir(parents=True, exist_ok=True)
    with only_one(state):
        shutil.rmtree(state)
