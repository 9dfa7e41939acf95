"""What a person chose for themselves, as it is kept: the only door to it. Each change is one more
row, and the newest says what holds.

<patient id> / preferences#<number>    sealed; never changed: each earlier choice stays

They belong to the person, whatever record they have open. What every page needs of them also
stands in the account's row (`portal.display`), written in the same transaction.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pydantic import Field
from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from portal import keys, user_accounts
from portal.conditions import is_cancelled
from portal.display import USUAL, Display, Look
from portal.errors import Conflict
from portal.model import Frozen
from portal.moments import instant
from portal.settings import settings
from portal.tables import AuditRow, CareRow, ConsentRow, connection
from portal.topics import Channel as Channel  # known by that name everywhere
from portal.topics import Topic as Topic

PREFIX = "preferences#"
TRIES = 5  # against others who save at the same moment
USUALLY = frozenset({Channel.EMAIL, Channel.PUSH})


class Preferences(Frozen):
    """Texts are "" where nothing was chosen. `quiet_from` and `quiet_to` are "22:00" and "07:00" of
    the person's clock. `widgets`: of home, in their order; those not named come after."""

    patient_id: str
    number: int = 0
    preferred_name: str = ""
    pronouns: str = ""
    language: str = ""
    time_zone: str = ""
    look: Look = USUAL
    chosen: dict[Topic, tuple[Channel, ...]] = Field(default_factory=dict)
    quiet_from: str = ""
    quiet_to: str = ""
    widgets: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    is_guided: bool = False  # the first-visit guide was closed
    written_at: str = ""  # FHIR instant

    @property
    def display(self) -> Display:
        return Display(self.language, self.time_zone, self.look)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone or settings().clinic_time_zone)

    def is_chosen(self, topic: Topic) -> bool:
        return topic in self.chosen

    def channels(self, topic: Topic) -> frozenset[Channel]:
        """Security goes everywhere until somebody says otherwise."""
        usual = frozenset(Channel) if topic is Topic.SECURITY else USUALLY
        return frozenset(self.chosen.get(topic, usual))

    def quiet_until(self, moment: datetime) -> datetime | None:
        """When the quiet hours that it lies in are over, in UTC; None outside of them."""
        if self.quiet_from == self.quiet_to:
            return None
        here = moment.astimezone(self.zone)
        begins, ends = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_to)
        clock = here.time().replace(tzinfo=None)
        is_over_night = begins > ends
        is_evening = clock >= begins and (is_over_night or clock < ends)
        if not is_evening and not (is_over_night and clock < ends):
            return None
        day = here.date() + timedelta(days=1 if is_evening and is_over_night else 0)
        until = max(_at(day, ends, self.zone, fold) for fold in (0, 1))
        return until if until > moment else None


type Choose = Callable[[Preferences], dict[str, object]]


def of(patient_id: str) -> Preferences:
    newest = ConsentRow.query(
        patient_id,
        ConsentRow.sk.startswith(PREFIX),
        scan_index_forward=False,
        consistent_read=True,
        limit=1,
    )
    return next(map(_preferences, newest), Preferences(patient_id=patient_id))


def versions(patient_id: str) -> list[Preferences]:
    """Oldest first."""
    rows = ConsentRow.query(patient_id, ConsentRow.sk.startswith(PREFIX), consistent_read=True)
    return list(map(_preferences, rows))


def change(
    patient_id: str, entry: AuditRow, choose: Choose, owed: Iterable[CareRow] = ()
) -> Preferences:
    """One more version with its audit row and what it owes: all or none. Whoever saves at the same
    moment keeps what they chose: `choose` is asked again. Raises Conflict."""
    for _ in range(TRIES):
        last = of(patient_id)
        number = {"number": last.number + 1, "written_at": instant()}
        changed = Preferences.model_validate(last.model_dump() | choose(last) | number)
        if _is_kept(changed, entry, owed):
            return changed
    raise Conflict


def _is_kept(changed: Preferences, entry: AuditRow, owed: Iterable[CareRow]) -> bool:
    """False when somebody else was first."""
    try:
        with TransactWrite(connection=connection()) as write:
            write.save(_row(changed), condition=ConsentRow.pk.does_not_exist())
            write.save(entry, condition=AuditRow.pk.does_not_exist())
            for row in owed:
                write.save(row, condition=CareRow.pk.does_not_exist())
            user_accounts.show(write, changed.patient_id, changed.display)
    except TransactWriteError as error:
        if not is_cancelled(error):
            raise
        return False
    return True


def _row(changed: Preferences) -> ConsentRow:
    sk = f"{PREFIX}{changed.number:06d}"
    sealed = keys.seal(changed.patient_id, _address(sk), changed.model_dump(mode="json"))
    return ConsentRow(changed.patient_id, sk, sealed=sealed)


def _preferences(row: ConsentRow) -> Preferences:
    return Preferences.model_validate(keys.unseal(row.pk, _address(row.sk), row.sealed or b""))


def _address(sk: str) -> str:
    return f"consents#{sk}"


def _at(day: date, clock: time, zone: ZoneInfo, fold: int) -> datetime:
    """Where the clock is set back, an hour comes twice: the later one is meant."""
    return datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC)
