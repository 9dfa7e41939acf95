"""A third party that proofs identities at a distance, where the clinic has hired one.

    POST <PROOFING_URL>
    Authorization: Bearer <SSM parameter PROOFING_TOKEN_PARAMETER>
    Idempotency-Key: <request id>
    {"given": "Ana", "family": "Rivera", "birth_date": "1980-02-03", "address": "ana@example.org"}

    200 {"decision": "proofed"} | {"decision": "refused"}

It is told what the person typed, and nothing that the clinic knows: no record number either. An
adapter in front of a vendor's own API speaks this shape. Any other answer is no answer.
"""

import json

from portal import fetching
from portal.aws import client
from portal.errors import Unavailable
from portal.proofing import Claim
from portal.settings import settings

DECISIONS = {"proofed": True, "refused": False}


def confirms(claim: Claim, request_id: str) -> bool:
    """Raises Unavailable: whoever asks tries again."""
    body = {
        "given": claim.given,
        "family": claim.family,
        "birth_date": claim.born_on.isoformat(),
        "address": claim.address,
    }
    headers = {"Content-Type": "application/json", "Idempotency-Key": request_id}
    if token := _token():
        headers["Authorization"] = f"Bearer {token}"
    try:
        reply = fetching.post(settings().proofing_url, json.dumps(body), headers)
    except (fetching.BadAddress, fetching.Unreachable) as error:
        raise Unavailable from error
    decision = DECISIONS.get(str(reply.document.get("decision", "")))
    if reply.status != 200 or decision is None:
        raise Unavailable
    return decision


def _token() -> str:
    name = settings().proofing_token_parameter
    if not name:
        return ""
    found = client("ssm").get_parameter(Name=name, WithDecryption=True)
    return str(found["Parameter"]["Value"])
