"""A room's routes, and what happens to each request in one order: edge, origin, session, policy,
the Ask, the action (which writes its audit row), the answer. Every error becomes a page or a
problem here and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Chalice, Response
from pydantic import ValidationError
from pynamodb.exceptions import PynamoDBException

from portal import answers, failures, gate, once, problems, requests, staff, versions
from portal.access import Caller, Visitor
from portal.answers import Answer, Bytes
from portal.errors import (
    BadInput,
    NotFound,
    PortalError,
    SignInNeeded,
    StaffSignInNeeded,
    StaffStepUpNeeded,
    StepUpNeeded,
    Unavailable,
    UnknownType,
)
from portal.model import Model
from portal.requests import Request
from portal.scopes import Scope
from portal.staff_access import StaffScope

STORE_ERRORS = (PynamoDBException, BotoCoreError, ClientError)

type Again = Callable[[Any, dict[str, Any], dict[str, str]], Answer]


class NoAsk(Model):
    pass


@dataclass(frozen=True)
class Action:
    """One route. `again` rebuilds a form's page from what was sent, with advice at the fields."""

    method: str
    path: str
    run: Callable[[Any, Any], Answer | Bytes]
    ask: type[Model]
    view: type[Model] | None
    needs: Scope | StaffScope | None
    again: Again | None = None
    greets: bool = False  # open to all, and who is signed in stays so
    content_types: tuple[str, ...] = (requests.FORM, requests.JSON)
    raw_body: bool = False  # the ask is (headers, body) of another protocol


class Room(Chalice):
    """`app = Room("results")`. Chalice keeps the routes; API Gateway's list must equal ours. Its
    dispatcher is not used: that logs paths with tracebacks, and answers in words of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(app_name=name, configure_logs=False)
        self.actions: list[Action] = []

    def action[F: Callable[..., Answer | Bytes]](
        self,
        method: str,
        path: str,
        *,
        ask: type[Model] = NoAsk,
        view: type[Model] | None = None,
        needs: Scope | StaffScope | None,
        again: Again | None = None,
        greets: bool = False,
        content_types: list[str] | None = None,
    ) -> Callable[[F], F]:
        """`needs=None` opens the route to visitors without a session; a test lists those.
        With `greets` it still knows who is signed in. `content_types` hands the action another
        protocol's headers and body."""

        def add(run: F) -> F:
            types = tuple(content_types or Action.content_types)
            action = Action(
                method, path, run, ask, view, needs, again, greets, types, bool(content_types)
            )
            self.actions.append(action)
            self.route(path, methods=[method], content_types=list(types), name=run.__name__)(
                lambda request: answered(action, request)
            )
            return run

        return add

    def __call__(self, event: Any, _context: Any) -> Any:
        """Lambda's entry. Bytes travel as base64 through API Gateway."""
        request = requests.request_of(event)
        route = self.routes.get(event["requestContext"]["resourcePath"], {}).get(request.method)
        response: Response = route.view_function(request) if route else missing(request)
        result = response.to_dict()
        if isinstance(result["body"], bytes):
            result["body"], result["isBase64Encoded"] = answers.carried(result)
        return result


def missing(request: Request) -> Response:
    return _failed(request, request.visitor, NotFound())


def answered(action: Action, request: Request) -> Response:
    visitor = request.visitor
    try:
        gate.refuse_way_around(request)
        gate.refuse_foreign_origin(request)
        versions.refuse_unknown(request)
        if action.needs is not None:
            visitor = gate.caller(visitor, action.needs)
        elif action.greets:
            visitor = gate.known(visitor)
        answer = _acted(action, request, visitor)
        return answers.response(request, visitor, answer)
    except Exception as error:
        return _failed(request, visitor, error)


def _acted(action: Action, request: Request, visitor: Visitor) -> Answer | Bytes:
    try:
        ask = _ask(action, request)
        sent = None if action.raw_body else once.sending(request, action.path)
        if sent is None or action.view is None or not isinstance(visitor, Caller):
            return action.run(visitor, ask)
        return once.answered(visitor, sent, action.view, lambda: action.run(visitor, ask))
    except BadInput as error:
        if action.again is None or request.wants_json:
            raise
        return action.again(visitor, requests.fields_of(request), error.fields)


def _ask(action: Action, request: Request) -> Model:
    """Attempts to get around what a route takes are logged (ASVS 16.3.3)."""
    try:
        return _checked(action, request)
    except PortalError as error:
        failures.refused(error, f"{action.method} {action.path}", request.visitor)
        raise


def _checked(action: Action, request: Request) -> Model:
    """A malformed id in the path is a record that does not exist, not a complaint about it."""
    if (
        request.method != "GET"
        and request.sent
        and request.content_type not in action.content_types
    ):
        raise UnknownType
    if action.raw_body:
        body = requests.body_of(request)
        return action.ask.model_validate({"headers": request.headers, "body": body})
    try:
        return action.ask.model_validate(requests.fields_of(request))
    except ValidationError as error:
        fields = {str(e["loc"][0]) if e["loc"] else "body": e["msg"] for e in error.errors()}
        if fields.keys() & request.path_fields.keys():
            raise NotFound from None
        raise BadInput(fields) from None


def _failed(request: Request, visitor: Visitor, error: Exception) -> Response:
    if not isinstance(error, PortalError):
        failures.log("request-failed", error, request.visitor.request_id)
    if isinstance(error, STORE_ERRORS):
        error = Unavailable()
    if not request.wants_json and (way := _way_in(request, error)):
        is_over = isinstance(error, SignInNeeded) and visitor.is_shared
        answer = Answer(NoAsk(), location=way, is_farewell=is_over)
        return answers.response(request, visitor, answer)
    view = problems.view_of(error, visitor.language, visitor.request_id)
    return answers.problem(request, visitor, view, problems.details_of(error))


def _way_in(request: Request, error: Exception) -> str:
    """Where a person shows who they are, and comes back from."""
    visitor = request.visitor
    if isinstance(error, StaffSignInNeeded | StaffStepUpNeeded):
        return staff.way_in(request, error)
    if request.method != "GET":
        return ""
    if isinstance(error, SignInNeeded):
        return f"/sign-in?because={'idle' if visitor.session_cookie else 'needed'}"
    if isinstance(error, StepUpNeeded):
        return f"/sign-in/step?{urlencode({'return_to': visitor.path})}"
    return ""
