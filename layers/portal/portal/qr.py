"""QR codes, for a page or a terminal: the only door to segno."""

from html import escape
from io import StringIO

import segno

SIDE = 240  # CSS pixels: a phone reads it from a screen at arm's length
QUIET = 4  # light modules around it (ISO/IEC 18004)


def svg(text: str, name: str = "QR code") -> str:
    """Inline SVG, black on white in the dark theme, too: scanners need it. Mark it safe in a
    template. `name` is what a screen reader says: never the text, which is a secret."""
    drawn = segno.make_qr(text, error="m").svg_inline(
        border=QUIET, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    size = f'width="{SIDE}" height="{SIDE}" shape-rendering="crispEdges"'
    named = f'role="img" aria-label="{escape(name)}" {size}'
    return drawn.replace("<svg ", f"<svg {named} ", 1)


def terminal(text: str) -> str:
    """Half-block characters, for a dark terminal."""
    drawn = StringIO()
    segno.make_qr(text, error="m").terminal(drawn, border=QUIET, compact=True)
    return drawn.getvalue()
