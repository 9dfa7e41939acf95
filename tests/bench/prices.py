"""Public list prices of us-east-1 and the quotas that matter, as data.

No free tier is counted. `is_read` is False where the figure is known from memory only and was not
found written: confirm it in the AWS Pricing Calculator or Service Quotas before relying on it.
"""

from dataclasses import dataclass
from typing import NamedTuple

READ_ON = "2026-11-21"  # stored copies of the pages, some of them months older
MILLION = 1e6
ANY = float("inf")


class Tier(NamedTuple):
    up_to: float  # units a month
    dollars: float  # for one unit


@dataclass(frozen=True)
class Price:
    service: str
    unit: str
    tiers: tuple[Tier, ...]
    source: str
    is_read: bool = True

    def of(self, units: float) -> float:
        spent, below = 0.0, 0.0
        for tier in self.tiers:
            spent += max(0.0, min(units, tier.up_to) - below) * tier.dollars
            below = tier.up_to
        return spent

    @property
    def said(self) -> str:
        return ", then ".join(f"${tier.dollars * self._scale:,.4g}" for tier in self.tiers)

    @property
    def _scale(self) -> float:
        return MILLION if self.unit.startswith("million") else 1.0


def flat(service: str, unit: str, dollars: float, source: str, is_read: bool = True) -> Price:
    """`dollars` is for the unit as it is named: for a million where it says so."""
    one = dollars / MILLION if unit.startswith("million") else dollars
    return Price(service, unit, (Tier(ANY, one),), source, is_read)


LAMBDA_REQUESTS = flat("Lambda", "million requests", 0.20, "aws.amazon.com/lambda/pricing")
LAMBDA_SECONDS = Price(
    "Lambda, arm64",
    "GB-second",
    (Tier(7.5e9, 0.0000133334), Tier(18.75e9, 0.0000120001), Tier(ANY, 0.0000106667)),
    "aws.amazon.com/lambda/pricing",
)
WORKFLOWS = flat(
    "Step Functions EXPRESS", "million requests", 1.00, "aws.amazon.com/step-functions/pricing"
)
WORKFLOW_HOURS = Price(
    "Step Functions EXPRESS",
    "GB-hour",
    (Tier(1_000, 0.06), Tier(5_000, 0.03), Tier(ANY, 0.01642)),
    "aws.amazon.com/step-functions/pricing",
)
WRITES = flat("DynamoDB on demand", "million write units", 0.625, "aws.amazon.com/dynamodb/pricing")
READS = flat("DynamoDB on demand", "million read units", 0.125, "aws.amazon.com/dynamodb/pricing")
TABLE_STORAGE = flat("DynamoDB", "GB-month", 0.25, "aws.amazon.com/dynamodb/pricing")
RECOVERY = flat("DynamoDB recovery", "GB-month", 0.20, "aws.amazon.com/dynamodb/pricing")
QUEUE_REQUESTS = flat("SQS standard", "million requests", 0.40, "aws.amazon.com/sqs/pricing")
PUTS = flat("S3", "million PUT, LIST", 5.00, "aws.amazon.com/s3/pricing")
GETS = flat("S3", "million GET", 0.40, "aws.amazon.com/s3/pricing")
OBJECT_STORAGE = flat("S3 Standard", "GB-month", 0.023, "aws.amazon.com/s3/pricing")
KMS_REQUESTS = flat("KMS", "million requests", 3.00, "aws.amazon.com/kms/pricing")
KMS_KEY = flat("KMS", "key-month", 1.00, "aws.amazon.com/kms/pricing")
EMAILS = flat("SES", "million e-mails", 100.00, "aws.amazon.com/ses/pricing")
TEXTS = flat(
    "SMS to the US, carrier's fee included", "message", 0.0100, "aws.amazon.com/sns/sms-pricing",
    is_read=False,
)  # fmt: skip
LOGS = Price(
    "CloudWatch Logs of Lambda",
    "GB taken in",
    (Tier(10_240, 0.50), Tier(30_720, 0.25), Tier(51_200, 0.10), Tier(ANY, 0.05)),
    "aws.amazon.com/cloudwatch/pricing",
)
LOG_STORAGE = flat("CloudWatch Logs", "GB-month", 0.03, "aws.amazon.com/cloudwatch/pricing")
METRICS = flat("CloudWatch", "metric-month", 0.30, "aws.amazon.com/cloudwatch/pricing")
ALARMS = flat("CloudWatch", "alarm-month", 0.10, "aws.amazon.com/cloudwatch/pricing")
TRACES = flat("X-Ray", "million traces", 5.00, "aws.amazon.com/xray/pricing")

API = Price(
    "API Gateway, REST",
    "million requests",
    (Tier(333e6, 3.50 / MILLION), Tier(1e9, 2.80 / MILLION), Tier(20e9, 2.38 / MILLION)),
    "aws.amazon.com/api-gateway/pricing",
)
EDGE = flat(
    "CloudFront", "million requests", 1.00, "aws.amazon.com/cloudfront/pricing", is_read=False
)
EDGE_BYTES = Price(
    "CloudFront to North America and Europe",
    "GB sent",
    (Tier(10_240, 0.085), Tier(51_200, 0.080), Tier(ANY, 0.060)),
    "aws.amazon.com/cloudfront/pricing",
)
WALL = flat("WAF", "million requests", 0.60, "aws.amazon.com/waf/pricing", is_read=False)

ALL = (
    EMAILS, TEXTS, WRITES, READS, TABLE_STORAGE, RECOVERY, KMS_REQUESTS, KMS_KEY, LAMBDA_SECONDS,
    LAMBDA_REQUESTS, PUTS, GETS, OBJECT_STORAGE, WORKFLOWS, WORKFLOW_HOURS, QUEUE_REQUESTS, LOGS,
    LOG_STORAGE, METRICS, ALARMS, TRACES, API, EDGE, EDGE_BYTES, WALL,
)  # fmt: skip


@dataclass(frozen=True)
class Quota:
    what: str
    limit: float
    note: str
    is_read: bool = True


CONCURRENCY = Quota("Lambda, concurrent executions", 1_000, "adjustable; 10 in a new account")
REQUESTS = Quota("Lambda, requests/s", 10_000, "ten times the concurrency")
SCALING = Quota("Lambda, new environments of a function in 10 s", 1_000, "fixed")
POLLED = Quota("SQS poller, batches at once", 1_000, "starts at 5, 300 more a minute")
KMS_RATE = Quota("KMS, requests/s", 100_000, "20,000 or 10,000 in other regions; adjustable")
STARTS = Quota("Step Functions, StartExecution/s", 6_000, "adjustable", is_read=False)
TABLE_WRITES = Quota("DynamoDB, write units/s of a table", 40_000, "adjustable")
NEW_TABLE_WRITES = Quota("DynamoDB, write units/s of a new table", 4_000, "warm throughput")
PARTITION_WRITES = Quota("DynamoDB, write units/s of one partition key", 1_000, "fixed")
PUT_RATE = Quota("S3, PUT/s of a prefix", 3_500, "grows by itself")
