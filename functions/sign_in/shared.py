"""Signing in on a device that others use, too: it is not remembered, and nothing is left there.

What a person says on the first page goes along in a cookie until the browser closes, and into the
session they open.
"""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from portal import cookies
from portal.access import Visitor

COOKIE = "shared"
Shared = Annotated[str, Field(pattern="^(yes)?$")]


def said(visitor: Visitor, shared: str) -> Visitor:
    """Whoever has said it once need not say it again."""
    return replace(visitor, is_shared=bool(shared) or visitor.is_shared)


def kept(shared: str) -> tuple[str, ...]:
    return (cookies.kept(COOKIE, "yes"),) if shared else ()


def anew(shared: str) -> str:
    """The cookie, as it was chosen now: "yes" or "no"."""
    return cookies.kept(COOKIE, "yes") if shared == "yes" else cookies.gone(COOKIE)
