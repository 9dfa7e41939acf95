"""Where MiniStack's policies and API Gateway see less of a request than those of AWS do.

E-mails: whom they are from. Rows: under which keys they are. TLS: the loopback interface stands for
it. Binary media types: escaped as CloudFormation wants them, and no Accept header is any. Answers
are compressed as an API's MinimumCompressionSize says.
"""

import gzip
import json
import re
from typing import Any

from ministack import app  # type: ignore[import-not-found]
from ministack.core import iam_actions, iam_evaluator  # type: ignore[import-not-found]
from ministack.services import apigateway_v1  # type: ignore[import-not-found]


def trust_loopback() -> None:
    """Policies that demand TLS take the loopback interface for it."""
    pin = iam_evaluator.pin_request_origin
    app.pin_request_origin = lambda address, _is_tls: pin(address, True)


def name_senders() -> None:
    """The resource of SendEmail is the identity it sends from, the same as its ses:FromAddress."""
    named, enforce = iam_actions._ses_v2_resource_arn, iam_evaluator.enforce

    def resource(method: str, path: str, body: bytes, region: str, account: str) -> str:
        if path.rstrip("/") != "/v2/email/outbound-emails":
            return str(named(method, path, body, region, account))
        sender = json.loads(body or b"{}").get("FromEmailAddress", "")
        return f"arn:aws:ses:{region}:{account}:identity/{sender}"

    def enforced(key: str, action: str, *others: Any, **about: Any) -> Any:
        if action == "ses:SendEmail":
            sender = about["resource_arn"].partition(":identity/")[2]
            about["service_context"] = {"ses:FromAddress": sender}
        return enforce(key, action, *others, **about)

    iam_actions._ses_v2_resource_arn, iam_evaluator.enforce = resource, enforced


def name_leading_keys() -> None:
    """The condition key dynamodb:LeadingKeys: the values of `pk` that a request names. Those of a
    transaction are held against each of its tables' policies alike, which AWS does one by one."""
    known = iam_actions.dynamodb_service_context

    def context(body: bytes) -> dict[str, Any]:
        found = leading_keys(json.loads(body or b"{}"))
        return {**known(body), **({"dynamodb:LeadingKeys": found} if found else {})}

    iam_actions.dynamodb_service_context = context


def leading_keys(request: dict[str, Any]) -> list[str]:
    parts = [part for each in request.get("TransactItems", ()) for part in each.values()]
    rows = [part.get("Key") or part.get("Item") or {} for part in parts or [request]]
    asked = re.search(r"(#\w+) = (:\w+)", request.get("KeyConditionExpression", ""))
    if asked and request["ExpressionAttributeNames"][asked[1]] == "pk":
        rows.append({"pk": request["ExpressionAttributeValues"][asked[2]]})
    return [row["pk"]["S"] for row in rows if "pk" in row]


def unescape_media_types() -> None:
    matches = apigateway_v1._media_type_matches

    def unescaped(media_type: str | None, binary: list[str] | None) -> bool:
        return bool(
            matches(media_type or "*/*", [each.replace("~1", "/") for each in binary or []])
        )

    apigateway_v1._media_type_matches = unescaped


def compress_answers() -> None:
    answer = apigateway_v1._handle_execute_in_scope

    async def compressed(api_id: str, *about: Any) -> tuple[int, dict[str, Any], bytes]:
        status, headers, body = await answer(api_id, *about)
        accepted = str(about[3].get("accept-encoding", ""))
        least = apigateway_v1._rest_apis.get(api_id, {}).get("minimumCompressionSize")
        if "gzip" not in accepted or least is None or len(body) < int(least):
            return status, headers, body
        return status, {**headers, "Content-Encoding": "gzip"}, gzip.compress(body, 6)

    apigateway_v1._handle_execute_in_scope = compressed
