"""Cookies: read strictly, set for this host only."""

from portal.settings import settings


def name_of(name: str) -> str:
    """`__Host-` needs https; the local run is plain http on localhost and drops the prefix."""
    return f"__Host-{name}" if settings().is_https else name


def read(header: str) -> dict[str, str]:
    """The pairs of RFC 6265, and nothing cleverer, because neighbours can plant cookies here:
    a quote opened in one does not swallow the next, and only spaces and tabs are trimmed, so that
    no look-alike of `__Host-session` is taken for it."""
    found: dict[str, str] = {}
    for pair in header.split(";"):
        name, equals, value = pair.strip(" \t").partition("=")
        if equals and value.isascii():
            found.setdefault(name, value)
    return found


def kept(name: str, value: str, *, max_age: int | None = None) -> str:
    """A Set-Cookie text; `max_age` 0 removes it, None keeps it until the browser closes."""
    parts = [f"{name_of(name)}={value}", "Path=/", "SameSite=Lax", "HttpOnly"]
    parts += ["Secure"] if settings().is_https else []
    parts += [] if max_age is None else [f"Max-Age={max_age}"]
    return "; ".join(parts)


def gone(name: str) -> str:
    return kept(name, "", max_age=0)
