"""E-mail through SES, text messages through SNS or AWS End User Messaging (a setting)."""

from portal.aws import client
from portal.settings import settings


def send_email(to: str, subject: str, body: str) -> None:
    client("sesv2").send_email(
        FromEmailAddress=settings().mail_from,
        Destination={"ToAddresses": [to]},
        Content={
            "Simple": {
                "Subject": {"Data": subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": body, "Charset": "UTF-8"}},
            }
        },
    )


def send_sms(to: str, text: str) -> None:
    """`to` is E.164. Transactional: a sign-in code must not wait behind marketing."""
    if settings().sms_door == "end-user-messaging":
        client("pinpoint-sms-voice-v2").send_text_message(
            DestinationPhoneNumber=to,
            OriginationIdentity=settings().sms_origin,
            MessageBody=text,
            MessageType="TRANSACTIONAL",
        )
    else:
        kind = {"DataType": "String", "StringValue": "Transactional"}
        client("sns").publish(
            PhoneNumber=to, Message=text, MessageAttributes={"AWS.SNS.SMS.SMSType": kind}
        )
