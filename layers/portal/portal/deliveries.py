"""What each reader of the outbox is sent. False: nobody could be told. By which ways, and when:
`portal.reaching`.

No message says what it is about (law 1): that is in the portal.
"""

from collections.abc import Sequence

from portal import notices, notify, outbox, pages, patients, reaching
from portal.preferences import Channel, Topic
from portal.reaching import News
from portal.settings import settings
from portal.tables import CareRow

VIEWERS = "python -m infra.admin viewers"  # an operator's command


def new_result(owed: Sequence[CareRow]) -> bool:
    """To the patient."""
    to = reaching.reader(owed[0].pk)
    if to is None:
        return False
    facts = _facts("/results")
    return reaching.tell(to, News(Topic.RESULTS, "new_result", facts, "results"), owed)


def account_change(owed: Sequence[CareRow]) -> bool:
    """To the patient, each event once. All are of one topic."""
    to = reaching.reader(owed[0].pk)
    if to is None:
        return False
    is_everywhere = any(notices.event_of(row.sk) in notices.EVERYWHERE for row in owed)
    topic, facts = notices.topic_of(owed[0].sk), _happened(to.language, owed)
    return reaching.tell(to, News(topic, "account", facts, everywhere=is_everywhere), owed)


def former_address(owed: Sequence[CareRow]) -> bool:
    """To an address that the patient gave up, or that somebody took from them: at once."""
    patient = patients.current(owed[0].pk)
    if patient is None:
        return False
    language = reaching.of(patient).language
    news = News(Topic.SECURITY, "account", _happened(language, owed))
    told = [_to_former(outbox.former_of(row), language, news) for row in owed]
    return any(told)


def _to_former(address: str, language: str, news: News) -> bool:
    channel = Channel.EMAIL if "@" in address else Channel.SMS
    return reaching.send(channel, address, language, news)


def opened_record(owed: Sequence[CareRow]) -> bool:
    """To the patient. Not even that it was an emergency: others read messages, too."""
    to = reaching.reader(owed[0].pk)
    if to is None:
        return False
    facts: dict[str, str | int] = {"portal_name": settings().portal_name}
    return reaching.tell(to, News(Topic.SECURITY, "opened_record", facts), owed)


def wrong_patient(owed: Sequence[CareRow]) -> bool:
    """To the privacy officer: that there is something in the audit trail, and where; who it is
    about stays in there."""
    commands = (f"{VIEWERS} {row.pk} {row.sk.rpartition('#')[2]}" for row in owed)
    return _to_privacy_officer("wrong_patient", {"commands": "\n".join(commands)})


def break_glass(_owed: Sequence[CareRow]) -> bool:
    """To the privacy officer: who, whose and why stay in the portal."""
    return _to_privacy_officer("break_glass", {"link": f"{settings().portal_url}/staff"})


def _facts(path: str) -> dict[str, str | int]:
    return {"portal_name": settings().portal_name, "link": f"{settings().portal_url}{path}"}


def _happened(language: str, owed: Sequence[CareRow]) -> dict[str, str | int]:
    word = pages.words(language)
    happened = dict.fromkeys(word(notices.words_of(row.sk)) for row in owed)
    return _facts("/settings/security") | {"happened": " ".join(happened)}


def _to_privacy_officer(template: str, facts: dict[str, str]) -> bool:
    address = settings().privacy_email
    if address:
        named = {"portal_name": settings().portal_name} | facts
        subject, body = pages.render_text(f"emails/{template}.txt", "en", **named)
        notify.send_email(address, subject, body)
    return bool(address)
