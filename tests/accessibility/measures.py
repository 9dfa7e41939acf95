"""Measurements that run in the page. Each answers a list of what is wrong there."""

_SEEN = """
const seen = each => {
  const box = each.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && each.checkVisibility({visibilityProperty: true});
};
const named = each => each.outerHTML.slice(0, 120);
"""
SIDEWAYS = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll("body *")]
    .filter(each => each.getBoundingClientRect().right > root.clientWidth + 1
      || each.getBoundingClientRect().left < -1)
    .map(each => each.outerHTML.slice(0, 100)).slice(0, 5);
}"""
CLIPPED = f"""() => {{ {_SEEN}
  return [...document.querySelectorAll("body *")].filter(seen)
    .filter(each => getComputedStyle(each).overflowX === "hidden"
      || getComputedStyle(each).overflowX === "clip")
    .filter(each => each.scrollWidth > each.clientWidth + 1
      || each.scrollHeight > each.clientHeight + 1)
    .filter(each => !each.closest(".unseen, .skip, svg")).map(named);
}}"""
# Closed parts open, so that their text is measured, too.
UNFOLD = """() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  for (const each of document.querySelectorAll("[hidden]")) each.hidden = false;
  for (const each of document.querySelectorAll("[popover]")) {
    each.popover = "manual";
    each.showPopover();
  }
}"""
# Text beyond the edge of its own box, or of the window where nothing scrolls.
SPILLED = f"""() => {{ {_SEEN}
  const boxOf = each => {{
    while (/^inline$|contents/.test(getComputedStyle(each).display)) each = each.parentElement;
    return each.getBoundingClientRect();
  }};
  const scrolls = each => each && (/auto|scroll/.test(getComputedStyle(each).overflowX)
    || scrolls(each.parentElement));
  const spills = text => {{
    const own = text.parentElement, range = document.createRange(), box = boxOf(own);
    range.selectNodeContents(text);
    const [from, to] = scrolls(own) ? [-Infinity, Infinity]
      : [0, document.documentElement.clientWidth];
    return [...range.getClientRects()].some(each => each.left < Math.max(box.left, from) - 1
      || each.right > Math.min(box.right, to) + 1
      || each.top < box.top - 1 || each.bottom > box.bottom + 1);
  }};
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {{
    const text = texts.currentNode, own = text.parentElement;
    if (text.data.trim() && seen(own) && !own.closest(".unseen, .skip, svg, option")
      && spills(text)) found.push(named(own));
  }}
  return found;
}}"""
# A word that goes on in the next line, though a line has room for one of that many letters.
BROKEN = f"""(most = 12) => {{ {_SEEN}
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {{
    const text = texts.currentNode, range = document.createRange();
    if (!seen(text.parentElement) || text.parentElement.closest(".unseen, .skip, svg, :lang(zh)"))
      continue;
    for (const word of text.data.matchAll(/[\\p{{Letter}}\\p{{Mark}}]+/gu)) {{
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map(each => Math.round(each.bottom)));
      if (word[0].length <= most && lines.size > 1) found.push(word[0]);
    }}
  }}
  return found;
}}"""
# WCAG 1.4.12, word for word.
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important; } p { margin-block-end: 2em !important; }"""
# A link within a sentence shares its line with other words.
SMALL_TARGETS = f"""() => {{ {_SEEN}
  const inSentence = each => each.tagName === "A"
    && getComputedStyle(each).display === "inline"
    && [...each.parentElement.childNodes].some(
      other => other.nodeType === Node.TEXT_NODE && other.textContent.trim().length > 1);
  const box = each => {{
    const own = each.getBoundingClientRect();
    const label = each.labels && each.labels[0];
    if (!label) return own;
    const more = label.getBoundingClientRect();
    return {{width: Math.max(own.width, more.width), height: Math.max(own.height, more.height)}};
  }};
  const covering = each => {{
    const after = getComputedStyle(each, "::after");
    return after.position === "absolute" && after.content !== "none";
  }};
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(each => each.type !== "hidden" && seen(each) && !inSentence(each) && !covering(each))
    .filter(each => !each.closest(".skip"))
    .map(each => [box(each), each])
    .filter(([size]) => size.width < 43.5 || size.height < 43.5)
    .map(([size, each]) => `${{Math.round(size.width)}} x ${{Math.round(size.height)}} `
      + named(each));
}}"""
LONG_LINES = f"""() => {{ {_SEEN}
  const ruler = document.createElement("canvas").getContext("2d");
  return [...document.querySelectorAll("main p, main li, main dd")].filter(seen)
    .filter(each => [...each.childNodes].some(
      part => part.nodeType === Node.TEXT_NODE && part.textContent.trim().length > 80))
    .filter(each => {{
      const style = getComputedStyle(each);
      ruler.font = style.font;
      const letter = ruler.measureText("the quick brown fox jumps over it ").width / 34;
      return each.clientWidth / letter > 84 || style.textAlign === "justify";
    }}).map(named);
}}"""
TIGHT_LINES = f"""() => {{ {_SEEN}
  return [...document.querySelectorAll("main p, main li, main dd")].filter(seen)
    .filter(each => {{
      const style = getComputedStyle(each);
      return parseFloat(style.lineHeight) < 1.49 * parseFloat(style.fontSize)
        && each.textContent.trim().length > 80;
    }}).map(named);
}}"""
CROWDED = f"""() => {{ {_SEEN}
  return [...document.querySelectorAll("main p + p")].filter(seen)
    .filter(each => each.textContent.trim().length > 80
      && each.previousElementSibling.textContent.trim().length > 80)
    .filter(each => {{
      const before = each.previousElementSibling.getBoundingClientRect();
      return each.getBoundingClientRect().top - before.bottom < 8;
    }}).map(named);
}}"""
OUT_OF_ORDER = f"""() => {{ {_SEEN}
  const parts = [...document.querySelectorAll("main :is(h1, h2, h3, p, li, label, legend, table)")]
    .filter(seen).filter(each => !each.querySelector("p, li, label") && !each.closest("svg"));
  return parts.filter((each, place) => place > 0
    && each.getBoundingClientRect().bottom
      < parts[place - 1].getBoundingClientRect().top - 1).map(named);
}}"""
FAINT_EDGES = f"""() => {{ {_SEEN}
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => {{
    const [r, g, b] = numbers(text).map(each => each / 255)
      .map(each => each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  }};
  const behind = each => {{
    for (let at = each.parentElement; at; at = at.parentElement) {{
      const colour = getComputedStyle(at).backgroundColor;
      if ((numbers(colour)[3] ?? 1) > 0) return colour;
    }}
    return "rgb(255, 255, 255)";
  }};
  return [...document.querySelectorAll(
    "main input:not([type=hidden], [type=checkbox], [type=radio]), main textarea, main select, "
      + "main .button")]
    .filter(seen).filter(each => {{
      const pair = [light(getComputedStyle(each).borderTopColor), light(behind(each))];
      return (Math.max(...pair) + .05) / (Math.min(...pair) + .05) < 3;
    }}).map(named);
}}"""
MOVING = """() => document.getAnimations()
  .filter(each => !["show", "hide"].includes(each.animationName))
  .map(each => each.animationName || each.transitionProperty)"""
_STOPS = """[...document.querySelectorAll(
  "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter(each => !each.disabled && each.checkVisibility({visibilityProperty: true})
    && (each.type !== "radio" || each.checked
      || ![...document.getElementsByName(each.name)].some(other => other.checked)
        && document.getElementsByName(each.name)[0] === each))"""
FOCUSED = {
    "reachable": f"{_STOPS}.length",
    "now": f"""() => {{
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const style = getComputedStyle(each), box = each.getBoundingClientRect(), problems = [];
  if (parseFloat(style.outlineWidth) < 2 || style.outlineStyle === "none")
    problems.push("no outline of 2 px");
  if (box.bottom > innerHeight + 1 || box.top < -1)
    if (box.height < innerHeight) problems.push("outside the window");
  for (const [x, y] of [[box.left + 2, box.top + 2], [box.right - 2, box.bottom - 2]]) {{
    const top = document.elementFromPoint(
      Math.min(Math.max(x, 0), innerWidth - 1), Math.min(Math.max(y, 0), innerHeight - 1));
    if (top && !each.contains(top) && !top.contains(each) && top.closest("nav, .idle, header"))
      problems.push("covered by " + top.outerHTML.slice(0, 80));
  }}
  return {{index: {_STOPS}.indexOf(each), problems, what: each.outerHTML.slice(0, 120)}};
}}""",
    "without_edge": f"""() => {{ {_SEEN}
  return [...document.querySelectorAll("main .button, main input:not([type=hidden]), main .card")]
    .filter(seen)
    .filter(each => parseFloat(getComputedStyle(each).borderTopWidth) < 1
      && each.type !== "checkbox" && each.type !== "radio")
    .map(named);
}}""",
}
