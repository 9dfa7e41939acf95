"""By which ways a person is told of something, and when: as they chose (`portal.preferences`).

What can wait is held back in their quiet hours (`NotYet`, for the outbox). Who never chose gets an
e-mail where there is an address, else a text; news of security goes everywhere, and never nowhere.
Each way that took a message is noted in its rows, so that a second try uses the others only.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal import care_texts, notify, pages, patients, preferences
from portal.care_texts import NotYet
from portal.moments import instant, now
from portal.patients import Patient
from portal.preferences import Channel, Preferences, Topic
from portal.tables import CareRow
from portal.topics import CAN_WAIT


@dataclass(frozen=True)
class Reader:
    patient: Patient
    chosen: Preferences

    @property
    def language(self) -> str:
        return self.chosen.language or self.patient.language

    def address(self, channel: Channel) -> str:
        """ "" where there is none."""
        return {Channel.EMAIL: self.patient.email, Channel.SMS: self.patient.phone}.get(channel, "")


@dataclass(frozen=True)
class News:
    """`template` is in emails and sms alike. `care_use` where it is about care: texts of that kind
    are counted (`portal.care_texts`). `everywhere`: by every way, whatever was chosen."""

    topic: Topic
    template: str
    facts: dict[str, str | int]
    care_use: str = ""
    everywhere: bool = False


def reader(patient_id: str) -> Reader | None:
    """None for who cannot sign in (any more)."""
    patient = patients.current(patient_id)
    return of(patient) if patient and patient.may_sign_in else None


def of(patient: Patient) -> Reader:
    return Reader(patient, preferences.of(patient.patient_id))


def tell(to: Reader, news: News, owed: Sequence[CareRow]) -> bool:
    """False when nobody could be told. Raises NotYet."""
    until = to.chosen.quiet_until(now()) if news.topic in CAN_WAIT else None
    if until:
        raise NotYet(until)
    wanted, others = _ways(to, news)
    wanted = _permitted(to, wanted, news, owed)
    is_told = [_is_sent(to, each, news, owed) for each in wanted]
    if not any(is_told) and news.topic not in CAN_WAIT:
        is_told = [_is_sent(to, each, news, owed) for each in others]
    return any(is_told)


def _ways(to: Reader, news: News) -> tuple[list[Channel], list[Channel]]:
    """Those to use, and the rest of those that reach."""
    reaching = [each for each in Channel if to.address(each)]
    chosen = to.chosen.channels(news.topic)
    wanted = [each for each in reaching if news.everywhere or each in chosen]
    if not wanted and not to.chosen.is_chosen(news.topic):
        wanted = reaching
    return wanted, [each for each in reaching if each not in wanted]


def _permitted(
    to: Reader, wanted: list[Channel], news: News, owed: Sequence[CareRow]
) -> list[Channel]:
    """Where a text must wait and another way is open, that one tells. Raises NotYet."""
    if Channel.SMS not in wanted or not news.care_use:
        return wanted
    rest: list[Channel] = [each for each in wanted if each is not Channel.SMS]
    try:
        is_open = care_texts.may_send(to.patient, news.care_use, [row.sk for row in owed])
    except NotYet:
        if not rest:
            raise
        return rest
    return wanted if is_open else rest


def _is_sent(to: Reader, channel: Channel, news: News, owed: Sequence[CareRow]) -> bool:
    """False for a number that said STOP."""
    if all(channel in (row.steps or {}) for row in owed):
        return True
    if not send(channel, to.address(channel), to.language, news):
        return False
    for row in owed:
        row.update([CareRow.steps[channel.value].set(instant())])
    return True


def send(channel: Channel, address: str, language: str, news: News) -> bool:
    if channel is Channel.EMAIL:
        mail = pages.render_text(f"emails/{news.template}.txt", language, **news.facts)
        notify.send_email(address, mail.subject, mail.body)
        return True
    text = pages.render_text(f"sms/{news.template}.txt", language, **news.facts)
    return notify.send_sms(address, text.body)
