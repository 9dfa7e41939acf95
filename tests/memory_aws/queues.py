"""SQS: what waits on each queue, oldest first; what was received waits until it is deleted."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.memory_aws.refusals import Answer


@dataclass
class Waiting:
    message_id: str
    body: str
    attributes: dict[str, Answer] = field(default_factory=dict)
    receives: int = 0
    is_in_flight: bool = False


class SQS:
    def __init__(self) -> None:
        self.queues: dict[str, list[Waiting]] = {}
        self._sent = 0

    def queue(self, url_or_name: str) -> list[Waiting]:
        return self.queues.setdefault(url_or_name.rpartition("/")[2], [])

    def snapshot(self) -> dict[str, list[str]]:
        return {name: [each.body for each in self.queues[name]] for name in sorted(self.queues)}

    def send_message(self, request: Answer) -> Answer:
        self._sent += 1
        body = request["MessageBody"]
        made = Waiting(f"message-{self._sent}", body, dict(request.get("MessageAttributes", {})))
        self.queue(request["QueueUrl"]).append(made)
        digest = hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()
        return {"MessageId": made.message_id, "MD5OfMessageBody": digest}

    def send_message_batch(self, request: Answer) -> Answer:
        url = {"QueueUrl": request["QueueUrl"]}
        sent = [{"Id": one["Id"]} | self.send_message(one | url) for one in request["Entries"]]
        return {"Successful": sent, "Failed": []}

    def receive_message(self, request: Answer) -> Answer:
        waiting = [each for each in self.queue(request["QueueUrl"]) if not each.is_in_flight]
        taken = waiting[: request.get("MaxNumberOfMessages", 1)]
        for each in taken:
            each.is_in_flight, each.receives = True, each.receives + 1
        return {"Messages": list(_received(taken))} if taken else {}

    def delete_message(self, request: Answer) -> Answer:
        queue = self.queue(request["QueueUrl"])
        queue[:] = [each for each in queue if each.message_id != request["ReceiptHandle"]]
        return {}

    def delete_message_batch(self, request: Answer) -> Answer:
        for one in request["Entries"]:
            self.delete_message({"QueueUrl": request["QueueUrl"]} | one)
        return {"Successful": [{"Id": one["Id"]} for one in request["Entries"]], "Failed": []}


def _received(taken: Iterable[Waiting]) -> Iterable[Answer]:
    for each in taken:
        answer = {
            "MessageId": each.message_id,
            "ReceiptHandle": each.message_id,
            "Body": each.body,
            "Attributes": {"ApproximateReceiveCount": str(each.receives)},
        }
        yield answer | ({"MessageAttributes": each.attributes} if each.attributes else {})
