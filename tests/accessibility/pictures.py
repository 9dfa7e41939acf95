"""Pictures of pages: made small to be kept, and compared block by block, in Chromium's canvas.

A block is 8 x 8 px. It is as before where its colour lies between those of the blocks around it
in the other picture, give or take: letters may be drawn a little otherwise on another machine,
but what is gone, moved, recoloured or covered leaves a patch of blocks that differ."""

import struct
import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

COLOURS = 16
BLOCK, SLACK = 8, 12  # px; of 255
# Twice what letters with and without hinting differ by, and less than a small word.
MOST_TOGETHER, MOST_SHARE = 6, 0.004
MOST_HIGHER = 0.02
_PIXELS = """
const pixels = async png => {
  const image = new Image();
  image.src = "data:image/png;base64," + png;
  await image.decode();
  const {width, height} = image;
  const pen = Object.assign(document.createElement("canvas"), {width, height})
    .getContext("2d", {willReadFrequently: true});
  pen.drawImage(image, 0, 0);
  return {width, height, data: pen.getImageData(0, 0, width, height).data};
};
"""
# Colours that are frequent, and far from those chosen before; every other becomes the nearest.
_REDUCED = f"""async ([png, most]) => {{ {_PIXELS}
  const {{width, height, data}} = await pixels(png), shades = new Map();
  const shade = at => data[at] << 16 | data[at + 1] << 8 | data[at + 2];
  for (let at = 0; at < data.length; at += 4) {{
    const found = shades.get(shade(at));
    if (found) found.count += 1;
    else shades.set(shade(at), {{count: 1, rgb: [data[at], data[at + 1], data[at + 2]]}});
  }}
  const all = [...shades.values()], kept = [];
  const far = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);
  for (const each of all) each.off = 3 * 255 ** 2;
  while (kept.length < most) {{
    const next = all.reduce((a, b) => b.count * b.off > a.count * a.off ? b : a);
    for (const each of all) if (far(each.rgb, next.rgb) < each.off) {{
      each.off = far(each.rgb, next.rgb);
      each.index = kept.length;
    }}
    kept.push(next);
  }}
  let lines = "";
  for (let at = 0, x = 0; at < data.length; at += 8, x = (x + 2) % width) {{
    if (x === 0) lines += "\\0";
    const [left, right] = [at, at + 4].map(each => shades.get(shade(each)).index);
    lines += String.fromCharCode(left << 4 | right);
  }}
  return {{width, height, palette: kept.flatMap(each => each.rgb), lines: btoa(lines)}};
}}"""
_COMPARED = f"""async ([before, after, block, slack]) => {{ {_PIXELS}
  const blocks = ({{width, height, data}}) => {{
    const across = Math.ceil(width / block), down = Math.ceil(height / block);
    const sums = new Float64Array(across * down * 3), counts = new Float64Array(across * down);
    for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at += 4) {{
      const cell = Math.floor(y / block) * across + Math.floor(x / block);
      counts[cell] += 1;
      for (let c = 0; c < 3; c++) sums[3 * cell + c] += data[at + c];
    }}
    return {{across, down, rgb: sums.map((sum, i) => sum / counts[Math.floor(i / 3)])}};
  }};
  const strange = (one, other, x, y) => {{
    let most = 0;
    for (let c = 0; c < 3; c++) {{
      let low = 255, high = 0;
      for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, other.down - 1); v++)
        for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, other.across - 1); u++) {{
          const value = other.rgb[3 * (v * other.across + u) + c];
          low = Math.min(low, value), high = Math.max(high, value);
        }}
      const value = one.rgb[3 * (y * one.across + x) + c];
      most = Math.max(most, low - value, value - high);
    }}
    return most > slack;
  }};
  const old = await pixels(before), now = await pixels(after), a = blocks(old), b = blocks(now);
  const across = Math.min(a.across, b.across), down = Math.min(a.down, b.down), open = new Set();
  for (let y = 0; y < down; y++) for (let x = 0; x < across; x++)
    if (strange(a, b, x, y) || strange(b, a, x, y)) open.add(y * across + x);
  const differing = open.size, patches = [];
  while (open.size) {{
    const todo = [open.values().next().value], patch = [];
    open.delete(todo[0]);
    while (todo.length) {{
      const at = todo.pop();
      patch.push(at);
      for (const step of [-across - 1, -across, 1 - across, -1, 1, across - 1, across, across + 1])
        if (open.delete(at + step)) todo.push(at + step);
    }}
    patches.push(patch);
  }}
  patches.sort((one, other) => other.length - one.length);
  const columns = (patches[0] ?? [0]).map(at => at % across);
  const rows = (patches[0] ?? [0]).map(at => Math.floor(at / across));
  return {{before: [old.width, old.height], after: [now.width, now.height],
    share: differing / (across * down), patch: patches[0]?.length ?? 0,
    place: [Math.min(...columns), Math.min(...rows), Math.max(...columns) + 1,
      Math.max(...rows) + 1].map(each => each * block)}};
}}"""


@dataclass(frozen=True)
class Difference:
    """`share` of all blocks differs; the largest patch of neighbours has `patch` blocks and lies at
    `place` (left, top, right, bottom in px)."""

    before: tuple[int, int]
    after: tuple[int, int]
    share: float
    patch: int
    place: tuple[int, int, int, int]

    @property
    def is_alike(self) -> bool:
        (width, height), (width_now, height_now) = self.before, self.after
        is_as_big = width == width_now and abs(height - height_now) <= MOST_HIGHER * height
        return is_as_big and self.patch <= MOST_TOGETHER and self.share <= MOST_SHARE

    @property
    def words(self) -> str:
        return (
            f"{self.before} px became {self.after}, {self.share:.2%} of the blocks differ, "
            f"most of them within {self.place}"
        )


def reduced(page: Page, png: bytes) -> bytes:
    """The same picture with few colours, several times smaller."""
    found = page.evaluate(_REDUCED, [_text(png), COLOURS])
    header = struct.pack(">2I5B", found["width"], found["height"], 4, 3, 0, 0, 0)  # 4 bits a pixel
    parts = [(b"IHDR", header), (b"PLTE", bytes(found["palette"]))]
    parts += [(b"IDAT", zlib.compress(b64decode(found["lines"]), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def compared(page: Page, before: bytes, after: bytes, slack: int = SLACK) -> Difference:
    found = page.evaluate(_COMPARED, [_text(before), _text(after), BLOCK, slack])
    sides: dict[str, Any] = {name: tuple(found[name]) for name in ("before", "after", "place")}
    return Difference(share=found["share"], patch=found["patch"], **sides)


def _chunk(name: bytes, body: bytes) -> bytes:
    """RFC 2083, chapter 3.2."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _text(png: bytes) -> str:
    return b64encode(png).decode()
