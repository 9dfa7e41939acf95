"""SNS platform endpoints: push to phone apps through Apple's and Google's services."""

import json
from dataclasses import asdict

from botocore.exceptions import ClientError

from portal.aws import client
from portal.push import Note
from portal.push_devices import Kind
from portal.settings import settings

GONE = {"EndpointDisabled", "EndpointDisabledException", "NotFound", "NotFoundException"}


def application(kind: Kind) -> str:
    """ARN of the platform application; "" where none is set up."""
    return {Kind.APNS: settings().apns_application, Kind.FCM: settings().fcm_application}[kind]


def endpoint(kind: Kind, token: str) -> str:
    """ARN of the endpoint of this token, switched on. The same token is the same endpoint."""
    made = client("sns").create_platform_endpoint(
        PlatformApplicationArn=application(kind), Token=token
    )
    arn = str(made["EndpointArn"])
    attributes = {"Enabled": "true", "Token": token}
    client("sns").set_endpoint_attributes(EndpointArn=arn, Attributes=attributes)
    return arn


def remove(arn: str) -> None:
    client("sns").delete_endpoint(EndpointArn=arn)


def send(arn: str, kind: Kind, note: Note) -> bool:
    """False when the device is gone for good."""
    message = json.dumps(said(kind, note))
    try:
        client("sns").publish(TargetArn=arn, Message=message, MessageStructure="json")
    except ClientError as error:
        if error.response["Error"]["Code"] not in GONE:
            raise
        return False
    return True


def said(kind: Kind, note: Note) -> dict[str, str]:
    """Per platform, as SNS takes it: each platform's own JSON as text (Apple's "aps" dictionary,
    Firebase's HTTP v1 message)."""
    if kind is Kind.APNS:
        alert = {"title": note.title, "body": note.body}
        aps = {"aps": {"alert": alert, "thread-id": "news"}, "link": note.link}
        return {"default": note.body, "APNS": json.dumps(aps), "APNS_SANDBOX": json.dumps(aps)}
    shown = {"title": note.title, "body": note.body}
    data = {"link": asdict(note)["link"], "topic": note.topic}
    message = {"notification": shown, "data": data, "android": {"collapse_key": "news"}}
    return {"default": note.body, "GCM": json.dumps({"fcmV1Message": {"message": message}})}
