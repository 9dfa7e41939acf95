"""A room's routes: Chalice finds the action, this module does the rest in one order.

origin check, who is it, policy, the Ask, the action (which writes its audit row), the answer.
Every error becomes a page or a problem here and nowhere else.
"""

import base64
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Chalice, Response
from pydantic import BaseModel, ValidationError
from pynamodb.exceptions import PynamoDBException

from portal import access, answers, audit, problems, requests, sessions
from portal.access import Caller, Scope, Visitor
from portal.answers import Answer, Bytes
from portal.errors import BadInput, Forbidden, NotFound, PortalError, SignInNeeded, Unavailable
from portal.settings import settings

FORM_TYPES = ["application/x-www-form-urlencoded", "application/json"]

logger = Logger(service="portal", log_uncaught_exceptions=False)


class NoAsk(BaseModel):
    pass


@dataclass(frozen=True)
class Action:
    """One route. `again` rebuilds a form's page from what was sent, with advice at the fields."""

    method: str
    path: str
    run: Callable[[Any, Any], Answer | Bytes]
    ask: type[BaseModel]
    view: type[BaseModel] | None
    needs: Scope | None
    again: Callable[[dict[str, Any], dict[str, str]], Answer] | None = None
    raw_body: bool = False  # the ask is (headers, body) of another protocol


class Room(Chalice):
    """`app = Room("results")`. Chalice matches the path; API Gateway's list must equal ours."""

    def __init__(self, name: str) -> None:
        super().__init__(app_name=name)
        self.actions: list[Action] = []

    def action[F: Callable[..., Answer | Bytes]](
        self,
        method: str,
        path: str,
        *,
        ask: type[BaseModel] = NoAsk,
        view: type[BaseModel] | None = None,
        needs: Scope | None,
        again: Callable[[dict[str, Any], dict[str, str]], Answer] | None = None,
        content_types: list[str] | None = None,
    ) -> Callable[[F], F]:
        """`needs=None` opens the route to visitors without a session; a test lists those."""

        def add(run: F) -> F:
            action = Action(method, path, run, ask, view, needs, again, bool(content_types))
            self.actions.append(action)
            types = content_types or (FORM_TYPES if method != "GET" else ["*/*"])
            self.route(path, methods=[method], content_types=types, name=run.__name__)(
                lambda **_path: self._answered(action)
            )
            return run

        return add

    def __call__(self, event: Any, context: Any) -> Any:
        """Lambda's entry. Bytes travel as base64 through API Gateway."""
        result = super().__call__(event, context)
        if isinstance(result["body"], bytes):
            result["body"] = base64.b64encode(result["body"]).decode()
            result["isBase64Encoded"] = True
        return result

    def _answered(self, action: Action) -> Response:
        if self.current_request is None:
            raise RuntimeError("Chalice calls an action only for a request")
        try:
            request = requests.request_of(self.current_request.to_original_event())
        except BadInput:
            return Response("Send the body again: it did not arrive whole.", status_code=400)
        return answered(action, request)


def answered(action: Action, request: requests.Request) -> Response:
    visitor = request.visitor
    try:
        _refuse_foreign_origin(request)
        if action.needs is not None:
            visitor = _caller(visitor, action.needs)
        answer = action.run(visitor, _ask(action, request))
        return answers.response(request, visitor, answer)
    except BadInput as error:
        if action.again is None or request.wants_json:
            return _problem(request, visitor, error)
        again = action.again(requests.fields_of(request), error.fields)
        return answers.response(request, visitor, again)
    except PortalError as error:
        return _problem(request, visitor, error)
    except (PynamoDBException, BotoCoreError, ClientError) as error:
        _log(request, error)
        return _problem(request, visitor, Unavailable())
    except Exception as error:
        _log(request, error)
        return _problem(request, visitor, error)


def _refuse_foreign_origin(request: requests.Request) -> None:
    """Forms of another site must not act here: Origin first, Sec-Fetch-Site where it is missing."""
    if request.method == "GET":
        return
    origin = request.headers.get("origin")
    if origin is None:
        ours = request.headers.get("sec-fetch-site", "none") in {"none", "same-origin"}
    else:
        ours = origin == settings().portal_url
    if not ours:
        audit.record(
            audit.Event.ACCESS_REFUSED,
            request.visitor,
            why="foreign-origin",
            outcome=audit.Outcome.REFUSED,
        )
        raise Forbidden


def _caller(visitor: Visitor, scope: Scope) -> Caller:
    session = sessions.live(visitor.session_cookie)
    if session is None:
        raise SignInNeeded
    caller = Caller(
        **asdict(visitor),
        patient_id=session.patient_id,
        subject_id=session.patient_id,
        assurance=session.assurance,
    )
    if not access.allows(caller.relation, caller.assurance, scope):
        audit.record(
            audit.Event.ACCESS_REFUSED, caller, about=scope.value, outcome=audit.Outcome.REFUSED
        )
        raise Forbidden
    return caller


def _ask(action: Action, request: requests.Request) -> BaseModel:
    """A malformed id in the path is a record that does not exist, not a complaint about it."""
    if action.raw_body:
        return action.ask.model_validate({"headers": request.headers, "body": request.body})
    try:
        return action.ask.model_validate(requests.fields_of(request))
    except ValidationError as error:
        fields = {str(e["loc"][0]) if e["loc"] else "body": e["msg"] for e in error.errors()}
        if fields.keys() & request.path_fields.keys():
            raise NotFound from None
        raise BadInput(fields) from None


def _problem(request: requests.Request, visitor: Visitor, error: Exception) -> Response:
    if isinstance(error, SignInNeeded) and not request.wants_json and request.method == "GET":
        because = "idle" if visitor.session_cookie else "needed"
        location = f"/sign-in?because={because}"
        return answers.response(request, visitor, Answer(NoAsk(), location=location))
    view = problems.view_of(error, visitor.language, visitor.request_id)
    return answers.problem(request, visitor, view, problems.details_of(error))


def _log(request: requests.Request, error: Exception) -> None:
    """The kind of error and where, never its text: texts quote values."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}" if trace else ""
    logger.error(
        "request-failed",
        extra={
            "request_id": request.visitor.request_id,
            "error": type(error).__name__,
            "where": where,
        },
    )
