"""The frame of the small pictures: inline SVG for a page with a strict Content-Security-Policy.

No script and no `style`: presentation attributes and class names only. Lines and shapes are in
`currentColor`, so dark and high-contrast pages need nothing more. Numbers run from left to right in
every language.
"""

from html import escape

WIDTH = 240
EDGE = 12  # a mark stays this far from the ends


def drawing(height: int, text_alternative: str, parts: str) -> str:
    """Without a text alternative it is decoration, beside a table that says the same."""
    told = f'role="img"><title>{escape(text_alternative)}</title>'
    return (
        f'<svg class="rp" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
        ' direction="ltr" fill="none" stroke="currentColor" '
        f"{told if text_alternative else 'aria-hidden="true">'}{parts}</svg>"
    )
