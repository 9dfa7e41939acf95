"""What the log is told of an error: its kind and where, never its text, for texts quote values."""

from aws_lambda_powertools import Logger

logger = Logger(service="portal", log_uncaught_exceptions=False)


def log(what: str, error: Exception, request_id: str = "") -> None:
    """`what` is a constant name: "request-failed"."""
    facts = {"request_id": request_id, "error": type(error).__name__, "where": place_of(error)}
    logger.error("failure", extra={"what": what, **facts})


def place_of(error: Exception) -> str:
    """Function and line where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
