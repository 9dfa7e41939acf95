"""What the log is told of an error, or of a request that is none of ours: its kind and where, never
its text, for texts quote values.
"""

from aws_lambda_powertools import Logger

from portal.access import Visitor

logger = Logger(service="portal", log_uncaught_exceptions=False)


def log(what: str, error: Exception, request_id: str = "") -> None:
    """`what` is a constant name: "request-failed"."""
    facts = {"request_id": request_id, "error": type(error).__name__, "where": place_of(error)}
    logger.error("failure", extra={"what": what, **facts})


def refused(error: Exception, route: str, visitor: Visitor) -> None:
    """A line and no row of the trail: strangers may send as many of these as they like, a log ends,
    and nobody is kept from correcting a form while the trail is down. `route` is as we name it."""
    facts = {"request_id": visitor.request_id, "source": visitor.source, "route": route}
    what, outcome = type(error).__name__, "refused"
    logger.warning("input-refused", extra={"what": what, "outcome": outcome, **facts})


def place_of(error: Exception) -> str:
    """Function and line where it was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
