"""The five DynamoDB tables, as `infra/data.yaml` makes them (a test compares the two).

Rooms never touch these, but modules with verbs. What is about a patient is sealed.
"""

from functools import cache
from typing import Any, Self

from pynamodb.attributes import (
    BinaryAttribute,
    MapAttribute,
    NumberAttribute,
    TTLAttribute,
    UnicodeAttribute,
)
from pynamodb.connection import Connection
from pynamodb.exceptions import DoesNotExist
from pynamodb.indexes import (
    GlobalSecondaryIndex,
    IncludeProjection,
    KeysOnlyProjection,
    LocalSecondaryIndex,
)
from pynamodb.models import Model

from portal.settings import settings


class Row(Model):
    """What the tables share: explicit timeouts, and reading one row that may be missing."""

    @classmethod
    def find(cls, pk: str, sk: str) -> Self | None:
        """Strongly consistent: a revoked right or a spent link must not be served again."""
        try:
            return cls.get(pk, sk, consistent_read=True)
        except DoesNotExist:
            return None


class Timeouts:
    region = settings().region
    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_retry_attempts = 3
    billing_mode = "PAY_PER_REQUEST"


@cache
def connection() -> Connection:
    """Of transactions: one for all of a process, with the same patience as single writes."""
    return Connection(
        region=Timeouts.region,
        connect_timeout_seconds=Timeouts.connect_timeout_seconds,
        read_timeout_seconds=Timeouts.read_timeout_seconds,
        max_retry_attempts=Timeouts.max_retry_attempts,
    )


class CardsByTime(LocalSecondaryIndex["ChartRow"]):  # type: ignore[no-untyped-call]
    """A patient's cards, newest first. Only card rows carry `listed_at`."""

    class Meta:
        index_name = "cards-by-time"
        projection = IncludeProjection(["summary"])

    pk = UnicodeAttribute(hash_key=True)
    listed_at = UnicodeAttribute(range_key=True)


class ChartRow(Row):
    """FHIR R4 resources by patient, every version kept; cards; wrapped keys; blind indexes."""

    class Meta(Timeouts):
        table_name = settings().chart_table

    pk = UnicodeAttribute(hash_key=True)  # patient id | identifier#<blind> | contact#<blind>
    sk = UnicodeAttribute(range_key=True)  # key | patient | record#... | report#... | card#...
    listed_at = UnicodeAttribute(null=True)
    summary = BinaryAttribute(null=True, legacy_encoding=False)
    sealed = BinaryAttribute(null=True, legacy_encoding=False)
    sealed_at = UnicodeAttribute(null=True)  # S3 key of a body too large for a row
    patient_id = UnicodeAttribute(null=True)  # of a blind index row
    revision = NumberAttribute(null=True)
    fingerprint = UnicodeAttribute(null=True)
    cards_by_time = CardsByTime()


class SessionRow(Row):
    """Sessions, sign-in links, throttles, senders' credentials. Secrets only as hashes; TTL."""

    class Meta(Timeouts):
        table_name = settings().sessions_table

    pk = UnicodeAttribute(hash_key=True)  # session#<hash> | link#<hash> | account#<patient id>...
    sk = UnicodeAttribute(range_key=True)  # of an account: account | session# | device# | factor#
    patient_id = UnicodeAttribute(null=True)
    browser = UnicodeAttribute(null=True)  # hash of the asking browser's cookie
    code = UnicodeAttribute(null=True)  # hash of the short code
    contact = UnicodeAttribute(null=True)  # blind index of where it was sent
    newest = UnicodeAttribute(null=True)  # the account's newest link
    name = UnicodeAttribute(null=True)  # a sender's name, a browser's, or a factor's
    facilities = UnicodeAttribute(null=True)  # MSH-4 values a sender may use, "|" between
    methods = UnicodeAttribute(null=True)  # portal.methods, "|" between
    country = UnicodeAttribute(null=True)
    place = UnicodeAttribute(null=True)
    sealed = BinaryAttribute(null=True, legacy_encoding=False)  # a factor's secret
    counter = NumberAttribute(null=True)  # the last one used of a factor that counts
    tries = NumberAttribute(null=True)
    generation = NumberAttribute(null=True)  # of the account; sessions of an earlier one are void
    confidence = NumberAttribute(null=True)
    factors = NumberAttribute(null=True)  # how many second factors the account has
    created_at = NumberAttribute(null=True)  # epoch seconds, as all times of this table
    seen_at = NumberAttribute(null=True)
    proven_at = NumberAttribute(null=True)  # when a factor was last shown
    proofed_at = NumberAttribute(null=True)  # when the identity was last shown
    subject_id = UnicodeAttribute(null=True)  # of staff, as the next three
    roles = UnicodeAttribute(null=True)  # portal.staff_access, "|" between
    acr = UnicodeAttribute(null=True)  # how their provider says that they signed in
    grant = UnicodeAttribute(null=True)  # id of the one it stands on: break-glass, or acting
    acting_for = UnicodeAttribute(null=True)  # patient whose record a session is at: portal.acting
    is_preview = NumberAttribute(null=True)  # 1: through a grant of their own
    is_shared = NumberAttribute(null=True)  # 1: a session on a device that others use, too
    offline_half = UnicodeAttribute(null=True)  # of a session: portal.offline
    display = UnicodeAttribute(null=True)  # of an account: portal.display, "|" between
    ends_at = TTLAttribute(null=True)


class ConsentRow(Row):
    """Consents, proxy grants and preferences; each earlier decision kept, so append-only."""

    class Meta(Timeouts):
        table_name = settings().consents_table

    pk = UnicodeAttribute(hash_key=True)  # patient id | holder#<person>
    sk = UnicodeAttribute(range_key=True)  # grant#<grant id>#<version> | preferences#<number>...
    sealed = BinaryAttribute(null=True, legacy_encoding=False)


class AuditRow(Row):
    """Who, acting for whom, what, which record, why, outcome. PutItem only, in IAM too."""

    class Meta(Timeouts):
        table_name = settings().audit_table

    pk = UnicodeAttribute(hash_key=True)  # patient id | nobody#<day>
    sk = UnicodeAttribute(range_key=True)  # <time>#<id>
    event = UnicodeAttribute()
    actor = UnicodeAttribute()
    acting_for = UnicodeAttribute(null=True)
    about = UnicodeAttribute(null=True)
    why = UnicodeAttribute()
    outcome = UnicodeAttribute()
    request_id = UnicodeAttribute()
    source = UnicodeAttribute(null=True)
    grant = UnicodeAttribute(null=True)  # the one it was seen under: portal.break_glass


class DueWork(GlobalSecondaryIndex["CareRow"]):  # type: ignore[no-untyped-call]
    """Work with a deadline, by kind. A finished row loses `kind` and leaves the index."""

    class Meta:
        index_name = "due-work"
        projection = KeysOnlyProjection()

    kind = UnicodeAttribute(hash_key=True)
    due_at = UnicodeAttribute(range_key=True)


class CareRow(Row):
    """What is asked of the clinic or of us, with state and deadline: arrivals, outbox."""

    class Meta(Timeouts):
        table_name = settings().care_table

    pk = UnicodeAttribute(hash_key=True)  # arrival#<raw id> | patient id | waiting#<index key>
    sk = UnicodeAttribute(
        range_key=True
    )  # arrival | outbox#<what> | review#<event> | seen#... | raw id
    state = UnicodeAttribute()
    kind = UnicodeAttribute(null=True)
    due_at = UnicodeAttribute(null=True)
    due_work = DueWork()
    waits_for = UnicodeAttribute(null=True)  # index keys of patients who are not here yet
    audience = UnicodeAttribute(null=True)  # whom an outbox row is for
    sender = UnicodeAttribute(null=True)
    part_of = UnicodeAttribute(null=True)  # raw id of the batch it came in
    received_at = UnicodeAttribute(null=True)
    signed_off_at = UnicodeAttribute(null=True)
    steps = MapAttribute[str, Any](default=dict)  # type: ignore[no-untyped-call]
    reason = UnicodeAttribute(null=True)
    detail = UnicodeAttribute(null=True)
    tries = NumberAttribute(null=True)
    rounds = NumberAttribute(null=True)  # how often it was let go on from quarantine
    owner = UnicodeAttribute(null=True)  # who of staff took a review
    staff_id = UnicodeAttribute(null=True)  # whose deed it is about
    sealed = BinaryAttribute(null=True, legacy_encoding=False)


ALL = (SessionRow, ConsentRow, AuditRow, ChartRow, CareRow)
