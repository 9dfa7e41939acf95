"""What leaves for the world: e-mails, text messages, and workflows asked for."""

from dataclasses import dataclass, field

from tests.memory_aws.refusals import Answer


@dataclass(frozen=True)
class Sent:
    channel: str  # "email" or "sms"
    to: str
    subject: str
    text: str


@dataclass(frozen=True)
class Execution:
    state_machine: str
    name: str
    input: str


@dataclass
class SES:
    sent: list[Sent]

    def send_email(self, request: Answer) -> Answer:
        simple = request["Content"]["Simple"]
        subject, text = simple["Subject"]["Data"], simple["Body"]["Text"]["Data"]
        for address in request["Destination"]["ToAddresses"]:
            self.sent.append(Sent("email", address, subject, text))
        return {"MessageId": f"mail-{len(self.sent)}"}


@dataclass
class SNS:
    sent: list[Sent]

    def publish(self, request: Answer) -> Answer:
        self.sent.append(Sent("sms", request["PhoneNumber"], "", request["Message"]))
        return {"MessageId": f"text-{len(self.sent)}"}


@dataclass
class EndUserMessaging:
    sent: list[Sent]

    def send_text_message(self, request: Answer) -> Answer:
        to, text = request["DestinationPhoneNumber"], request["MessageBody"]
        self.sent.append(Sent("sms", to, "", text))
        return {"MessageId": f"text-{len(self.sent)}"}


@dataclass
class StepFunctions:
    """EXPRESS workflows: one name may be started often. `started` wait to be run."""

    started: list[Execution] = field(default_factory=list)
    history: list[Execution] = field(default_factory=list)

    def start_execution(self, request: Answer) -> Answer:
        machine, name = request["stateMachineArn"], request.get("name", "")
        made = Execution(machine, name, request.get("input", "{}"))
        self.started.append(made)
        self.history.append(made)
        return {"executionArn": f"{machine}:{name}:{len(self.history)}"}
