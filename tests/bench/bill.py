"""The month's bill of one result's profile, line by line."""

from dataclasses import dataclass

from tests.architecture.template import of_type
from tests.bench import prices
from tests.bench.ordinary import Profile
from tests.bench.prices import Price

DAYS = 30
MONTH_SECONDS = DAYS * 86_400
GB = 2**30
WORKFLOW_GB = 64 / 1024  # the smallest chunk that is charged
IDLE_POLLS = 5 * 3 * 60 * 24 * DAYS  # five pollers that wait 20 s each
KMS_OF_STORES = 0.01  # S3 with a bucket key asks at most once in a hundred: an assumption
KMS_FIXED = 500_000  # tables and queues, each few minutes: an assumption
CUSTOM_METRICS = 12  # a metric for each step, and those of app.py and upkeep
LOGS_COMPRESSED = 0.2  # of what came in: an assumption
LOGS_KEPT_MONTHS = 400 / DAYS
TRACED_SHARE, TRACED_PER_SECOND, TRACE_SOURCES = 0.05, 1.0, 2  # X-Ray's default rule


@dataclass(frozen=True)
class Line:
    what: str
    units: float
    price: Price

    @property
    def dollars(self) -> float:
        return self.price.of(self.units)


def lines(profile: Profile, per_day: float) -> list[Line]:
    """Of the month's use. What is kept is charged apart: it grows (`kept`)."""
    results = per_day * DAYS
    hours = results * rounded(profile.workflow_seconds) * WORKFLOW_GB / 3600
    kms = results * (profile.kms + KMS_OF_STORES * (profile.puts + profile.gets)) + KMS_FIXED
    return [
        Line("E-mails", results * profile.emails, prices.EMAILS),
        Line("Table writes", results * profile.write_units, prices.WRITES),
        Line("Table reads", results * profile.read_units, prices.READS),
        Line("Keys unwrapped", kms, prices.KMS_REQUESTS),
        Line("Lambda time", results * profile.gigabyte_seconds, prices.LAMBDA_SECONDS),
        Line("Lambda requests", results * len(profile.steps), prices.LAMBDA_REQUESTS),
        Line("Objects written", results * profile.puts, prices.PUTS),
        Line("Objects read", results * profile.gets, prices.GETS),
        Line("Workflows", results, prices.WORKFLOWS),
        Line("Workflow time", hours, prices.WORKFLOW_HOURS),
        Line("Queue requests", results * 3 + IDLE_POLLS, prices.QUEUE_REQUESTS),
        Line("Logs taken in", results * profile.log_bytes / GB, prices.LOGS),
        Line("Traces", traces(per_day), prices.TRACES),
        Line("Metrics", CUSTOM_METRICS, prices.METRICS),
        Line("Alarms", len(of_type("AWS::CloudWatch::Alarm", "infra/alarms.yaml")), prices.ALARMS),
        Line("Key", 1, prices.KMS_KEY),
    ]


def rounded(seconds: float) -> float:
    """Up to the next tenth of a second, as EXPRESS workflows are charged."""
    return -(-seconds // 0.1) / 10


def traces(per_day: float) -> float:
    rate = per_day / 86_400
    first = min(rate, TRACED_PER_SECOND)
    return (first + TRACED_SHARE * (rate - first)) * MONTH_SECONDS * TRACE_SOURCES


def kept(profile: Profile, per_day: float, months: int) -> list[Line]:
    """The month's bill for what these months have left; nothing is deleted but logs."""
    results = per_day * DAYS * months
    logs = per_day * DAYS * min(months, LOGS_KEPT_MONTHS) * profile.log_bytes * LOGS_COMPRESSED
    return [
        Line("Tables", results * profile.row_bytes / GB, prices.TABLE_STORAGE),
        Line("Tables, point-in-time recovery", results * profile.row_bytes / GB, prices.RECOVERY),
        Line("Objects", results * profile.object_bytes / GB, prices.OBJECT_STORAGE),
        Line("Logs", logs / GB, prices.LOG_STORAGE),
    ]


def total(some: list[Line]) -> float:
    return sum(line.dollars for line in some)
