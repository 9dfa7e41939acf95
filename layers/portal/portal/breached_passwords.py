"""Asking a service that knows leaked passwords, without telling it the password (k-anonymity).

The protocol of Have I Been Pwned: `GET <base>/range/<first 5 of the 40 hexadecimal digits of
SHA-1>` answers lines of `<the other 35>:<times seen>`, padded on request with lines that were seen
0 times, so that the length tells nothing either. The template names that service; a clinic may
name its own, or none. A service that fails blocks nobody: the embedded list stands.
"""

import hashlib

from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError

from portal import failures
from portal.settings import settings

TOLD = 5  # hexadecimal digits
MOST_BYTES = 500_000
HEADERS = {"Add-Padding": "true", "User-Agent": "patient-portal", "Accept": "text/plain"}


class NotAnswered(HTTPError):
    pass


def is_leaked(password: str) -> bool:
    base = settings().breached_passwords_url
    if not base:
        return False
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    try:
        answer = _range(f"{base}/range/{digest[:TOLD]}")
    except HTTPError as error:
        failures.log("breached-passwords-not-asked", error)
        return False
    return any(_is_seen(line, digest[TOLD:]) for line in answer.splitlines())


def _range(url: str) -> str:
    with PoolManager(retries=False, timeout=Timeout(connect=1, read=2)) as pool:
        answer = pool.request("GET", url, headers=HEADERS, redirect=False, preload_content=False)
        body = answer.read(MOST_BYTES, decode_content=True)
        answer.drain_conn()
    if answer.status != 200:
        raise NotAnswered
    return body.decode("ascii", "replace")


def _is_seen(line: str, rest: str) -> bool:
    suffix, _, times = line.strip().partition(":")
    return suffix.upper() == rest and times.strip() != "0"
