"""E-mail through SES, text messages through SNS or AWS End User Messaging (a setting)."""

from botocore.exceptions import ClientError

from portal import text_stops
from portal.aws import client
from portal.settings import settings

OPTED_OUT = "DESTINATION_PHONE_NUMBER_OPTED_OUT"  # ConflictExceptionReason


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


def send_sms(to: str, text: str) -> bool:
    """`to` is E.164. False, and nothing sent, to a phone that said STOP. Raises when that cannot be
    known."""
    return not text_stops.is_stopped(to) and answer_sms(to, text)


def answer_sms(to: str, text: str) -> bool:
    """Only what a phone's own message is answered with: it may go to one that just said STOP.
    Transactional: a sign-in code must not wait behind marketing."""
    if settings().sms_door == "end-user-messaging":
        return _by_end_user_messaging(to, text)
    kind = {"DataType": "String", "StringValue": "Transactional"}
    client("sns").publish(
        PhoneNumber=to, Message=text, MessageAttributes={"AWS.SNS.SMS.SMSType": kind}
    )
    return True


def _by_end_user_messaging(to: str, text: str) -> bool:
    """False for a phone on the service's own list of those that said STOP."""
    try:
        client("pinpoint-sms-voice-v2").send_text_message(
            DestinationPhoneNumber=to,
            OriginationIdentity=settings().sms_origin,
            MessageBody=text,
            MessageType="TRANSACTIONAL",
        )
    except ClientError as error:
        if error.response.get("Reason") != OPTED_OUT:
            raise
        return False
    return True
