"""What the portal "sent": e-mails and texts that the local AWS kept instead of delivering."""

import json
import urllib.request
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from infra.local.place import Place


@dataclass(frozen=True)
class Sent:
    channel: str  # "email", "sms" or "push"
    to: str
    subject: str
    text: str
    at: str  # ISO 8601, UTC

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def sent(place: Place) -> list[Sent]:
    """Newest first."""
    mails = _asked(place, "ses/messages")["messages"].values()
    texts = _asked(place, "sns/sms-messages")["sms_messages"].items()
    found = [_mail(mail) for account in mails for mail in account]
    found += [_text(phone, each) for phone, messages in texts for each in messages]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _asked(place: Place, what: str) -> Any:
    with urllib.request.urlopen(f"{place.endpoint_url}/_ministack/{what}", timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


def _mail(mail: dict[str, Any]) -> Sent:
    to = ", ".join(mail["To"])
    return Sent("email", to, mail["Subject"], mail["BodyText"], _instant(mail["Timestamp"]))


def _text(phone: str, message: dict[str, Any]) -> Sent:
    return Sent("sms", phone, "", str(message["Message"]), _instant(message["Timestamp"]))


def _instant(at: str | float) -> str:
    if isinstance(at, int | float):
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return datetime.fromisoformat(at).astimezone(UTC).isoformat(timespec="milliseconds")
