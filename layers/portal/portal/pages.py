"""Pages, e-mails and texts in the reader's language: the only door to Jinja and gettext.

Templates see `view` (what the action answered), `frame` (who is looking, and where), `style` and
`language`.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context

from portal import dates, money, provenance
from portal.assets import asset, templates_root
from portal.display import USUAL, Look
from portal.languages import ENGLISH, LANGUAGES, language
from portal.model import Model
from portal.settings import settings

IDLE_SECONDS = 900  # the stylesheet counts to the same number


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What every page shows around its own content."""

    language: str
    path: str  # of this page: marks the navigation, and where the language switch returns to
    portal_name: str
    signed_in: bool  # as a patient
    is_demo: bool
    is_staff: bool = False  # signed in as staff
    phone: str = ""  # of the clinic, for "whom to call"
    time_zone: str = "America/New_York"
    idle_seconds: int = IDLE_SECONDS
    person: str = ""  # a mark of whose page it is, for a tab that was left open
    acting_for: str = ""  # given name of whose record is open, where it is not one's own
    previews: str = ""  # who would see it so, in a preview
    is_shared: bool = False  # a device that others use, too
    offline: str = ""  # a mark of the session, on a device that keeps pages
    is_kept: bool = False  # this page, too
    shown_at: str = ""  # FHIR instant, where the device keeps pages
    look: Look = USUAL
    scripts: tuple[str, ...] = ()  # names of templates/assets/*.js


class Message(NamedTuple):
    subject: str  # "" for a text message
    body: str


def render(template: str, view: Model, frame: Frame) -> str:
    """`template` is a path below templates/pages: "results/view.html"."""
    page = environment(frame.language).get_template(f"pages/{template}")
    return page.render(
        view=view,
        frame=frame,
        style=style(),
        scripts=[asset(f"{name}.js") for name in frame.scripts],
        language=language(frame.language),
    )


def render_text(template: str, language: str, **facts: str | int) -> Message:
    """`template` is a path below templates: "emails/sign_in.txt", "sms/sign_in.txt"."""
    text = environment(language).get_template(template).render(facts).strip()
    first, _, rest = text.partition("\n")
    if first.startswith("Subject: "):
        return Message(first.removeprefix("Subject: ").strip(), rest.strip() + "\n")
    return Message("", text)


def words(language: str) -> Callable[[str], str]:
    """gettext in this language, for texts that come from data (`N_("...")` in the sources)."""
    translated = catalogue(language).gettext
    return lambda text: translated(text) if text else ""  # gettext("") is the catalogue's header


def content_security_policy(scripts: tuple[str, ...] = ()) -> str:
    """The one stylesheet, and each of the page's scripts by its address; where there are none,
    none may run."""
    allowed = " ".join(settings().portal_url + asset(f"{name}.js").path for name in scripts)
    running = f"script-src {allowed}; connect-src 'self'; worker-src 'self'; " if scripts else ""
    return (
        f"default-src 'none'; style-src '{source_hash(style())}'; {running}manifest-src 'self'; "
        "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


@cache
def source_hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def style() -> str:
    text = (templates_root() / "assets" / "portal.css").read_text("utf-8")
    without_comments = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    tight = re.sub(r"\s*([{};,>])\s*", r"\1", " ".join(without_comments.split()))
    return tight.replace(": ", ":").replace(";}", "}")


@cache
def environment(code: str) -> Environment:
    """One per language: imported macros see an environment's globals, not the page's context."""
    made = Environment(
        loader=FileSystemLoader(templates_root()),
        autoescape=select_autoescape(("html",), ("txt",), default=True),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.policies["ext.i18n.trimmed"] = True
    texts = catalogue(code)
    made.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals |= {"languages": LANGUAGES, "critical": critical_in(code)}
    made.filters |= {"when": when, "day": day, "zone": zone, "money": in_money}
    return made


def critical_in(code: str) -> Callable[[str], list[str]]:
    """`critical("...")` of a template: a text nobody may misread. Until a qualified translator has
    reviewed it, its English is the second of the two (45 CFR 92.201)."""
    translated = catalogue(code).gettext
    return lambda text: [translated(text)] + ([] if is_reviewed(code, text) else [text])


def is_reviewed(code: str, text: str) -> bool:
    """Whether it is the source itself or a qualified translator read what it says here."""
    return code == ENGLISH.code or provenance.is_reviewed(catalogue(code), text)


@cache
def catalogue(code: str) -> NullTranslations:
    folder = templates_root() / "locales" / language(code).code / "LC_MESSAGES"
    if (compiled := folder / "portal.mo").is_file():
        return GNUTranslations(BytesIO(compiled.read_bytes()))
    if (source := folder / "portal.po").is_file():
        return GNUTranslations(BytesIO(compiled_from(source)))
    return NullTranslations()


def compiled_from(source: Path) -> bytes:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    made = BytesIO()
    with source.open("rb") as text:
        write_mo(made, provenance.with_reviews(read_po(text)))
    return made.getvalue()


@pass_context
def when(page: Context, moment: str) -> str:
    return dates.when(moment, page["language"].locale, page["frame"].time_zone)


@pass_context
def day(page: Context, moment: str) -> str:
    return dates.day(moment, page["language"].locale, page["frame"].time_zone)


@pass_context
def in_money(page: Context, amount: str, currency: str) -> str:
    return money.money(amount, currency, page["language"].locale)


@pass_context
def zone(page: Context, time_zone: str) -> str:
    return dates.zone(time_zone, page["language"].locale)
