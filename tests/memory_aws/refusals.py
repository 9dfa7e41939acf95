"""How AWS says no: a code, a status and, for transactions, a reason for each item."""

from typing import Any

from botocore.client import BaseClient

type Answer = dict[str, Any]


class Refused(Exception):
    def __init__(self, code: str, message: str = "", status: int = 400, **more: Any) -> None:
        super().__init__(code)
        self.code, self.message, self.status, self.more = code, message or code, status, more

    def raised_by(self, client: BaseClient, operation: str) -> Exception:
        """botocore's own error class of this code, with the answer it would have parsed."""
        answer = {
            "Error": {"Code": self.code, "Message": self.message},
            "ResponseMetadata": {"HTTPStatusCode": self.status, "HTTPHeaders": {}},
        }
        kind: Any = client.exceptions.from_code(self.code)
        made: Exception = kind(answer | self.more, operation)
        return made


class NotInMemory(BaseException):
    """The product called what this AWS does not have. No `except Exception` may hide that."""


def invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


def condition_failed(item: Answer | None = None) -> Refused:
    message = "The conditional request failed"
    more: Answer = {"Item": item} if item is not None else {}
    return Refused("ConditionalCheckFailedException", message, **more)


def cancelled(reasons: list[Answer]) -> Refused:
    codes = ", ".join(reason["Code"] for reason in reasons)
    message = (
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"
    )
    return Refused("TransactionCanceledException", message, CancellationReasons=reasons)
