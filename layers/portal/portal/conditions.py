"""What a refused write means: its condition did not hold, or the store could not take it."""

from typing import NoReturn

from botocore.exceptions import ClientError
from pynamodb.exceptions import PynamoDBException, TransactWriteError

UNMET = "ConditionalCheckFailed"


def is_unmet(error: PynamoDBException) -> bool:
    """Of a single write. A time-out has no answer to look into."""
    cause = error.cause
    return isinstance(cause, ClientError) and cause.response["Error"]["Code"].startswith(UNMET)


def is_cancelled(error: PynamoDBException) -> bool:
    """Of a transaction, for whatever reason."""
    cause = error.cause
    code = cause.response["Error"]["Code"] if isinstance(cause, ClientError) else ""
    return code == "TransactionCanceledException"


def explain(error: TransactWriteError, meaning: type[Exception]) -> NoReturn:
    """Only a failed condition has a meaning; a throttle is tried again."""
    codes = {reason.code for reason in error.cancellation_reasons if reason}
    if UNMET in codes:
        raise meaning from error
    raise error
