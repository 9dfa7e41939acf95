"""The square picture: what a camera reads, and what a page may hold."""

import re

import pytest
import segno

from portal import qr

LINK = "https://portal.example.org/activate/abcdefghijklmnopqrstuv"


def modules(svg: str) -> set[tuple[int, int]]:
    """Dark ones, read back from the path: each `m dx dy h n` is a run in a row."""
    found = set()
    x, y = 0, 0.0
    path = re.findall(r'<path stroke="#000" d="([^"]+)"', svg)[0]
    for move, dx, dy, run in re.findall(r"([Mm])(-?\d+) (-?[\d.]+)h(\d+)", path):
        x, y = (int(dx), float(dy)) if move == "M" else (x + int(dx), y + float(dy))
        found |= {(x + n, int(y)) for n in range(int(run))}
        x += int(run)
    return found


def test_the_picture_holds_the_link() -> None:
    wanted = segno.make_qr(LINK, error="m")
    dark = {
        (x + qr.QUIET, y + qr.QUIET)
        for y, row in enumerate(wanted.matrix)
        for x, module in enumerate(row)
        if module
    }

    assert modules(qr.svg(LINK)) == dark


def test_it_is_an_image_with_a_name_and_without_styles_or_scripts() -> None:
    svg = qr.svg(LINK, 'Code "for" <you>')

    assert svg.startswith('<svg role="img" aria-label="Code &quot;for&quot; &lt;you&gt;"')
    assert "style" not in svg
    assert "script" not in svg
    assert "abcdefghijkl" not in svg, "the name is not the secret"


@pytest.mark.parametrize("length", [1, 60, 400])
def test_it_keeps_four_light_modules_around(length: int) -> None:
    svg = qr.svg("x" * length)
    (side,) = re.findall(r'viewBox="0 0 (\d+) ', svg)

    xs, ys = zip(*modules(svg), strict=True)

    assert min(xs) == min(ys) == qr.QUIET
    assert max(xs) == max(ys) == int(side) - qr.QUIET - 1


def test_a_terminal_shows_the_same_modules() -> None:
    lines = qr.terminal(LINK).splitlines()
    dark = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    found = {
        (x, 2 * row + half)
        for row, line in enumerate(lines)
        for x, block in enumerate(line)
        for half in (0, 1)
        if dark[block][half]
    }
    side = len(lines[0])

    assert {(x, y) for x, y in found if y < side} == modules(qr.svg(LINK))
