"""A phone that writes to us, as AWS hands its texts on.

The payload is the example of "Two-way SMS messaging" in the user guide of AWS End User Messaging
SMS, in the envelope that Amazon SNS puts on a queue ("Fanout to Amazon SQS queues").
"""

import itertools
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from functions.privacy import replies
from tests import stores

_numbers = itertools.count(5_559_000)


def a_number() -> str:
    return f"+1555{next(_numbers):07d}"


def payload(phone: str, body: str, **facts: Any) -> dict[str, Any]:
    return {
        "originationNumber": phone,
        "destinationNumber": "+12125550101",
        "messageKeyword": "KEYWORD_012345678901",
        "messageBody": body,
        "inboundMessageId": str(uuid4()),
        "previousPublishedMessageId": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    } | facts


def notification(message: dict[str, Any], at: datetime | None = None) -> dict[str, Any]:
    moment = (at or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "Type": "Notification",
        "MessageId": str(uuid4()),
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:SmsReplyTopic",
        "Message": json.dumps(message),
        "Timestamp": moment,
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/x.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    }


def event(*bodies: str) -> dict[str, Any]:
    """What SQS hands to Lambda."""
    return {
        "Records": [
            {
                "messageId": f"m-{n}",
                "receiptHandle": f"r-{n}",
                "body": body,
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {},
                "md5OfBody": "",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:111122223333:SmsReplies",
                "awsRegion": "us-east-1",
            }
            for n, body in enumerate(bodies)
        ]
    }


def took(*bodies: str) -> list[str]:
    """The messages that are to come again."""
    answer = replies.handler(event(*bodies), None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def texts(phone: str, body: str, at: datetime | None = None, **facts: Any) -> str:
    """The phone sends it, and it arrives. Returns what came on the queue."""
    arrived = json.dumps(notification(payload(phone, body, **facts), at))
    assert took(arrived) == []
    return arrived


def got(phone: str) -> list[str]:
    """The texts that this phone was sent, oldest first."""
    return [each.text for each in stores.sent_to(phone)]
