"""A page as a tree that tests can ask, read strictly with the standard library."""

from html.parser import HTMLParser

VOID = frozenset(
    ("area", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


class Element:
    def __init__(self, tag: str, attributes: dict[str, str], parent: "Element | None") -> None:
        self.tag = tag
        self.attributes = attributes
        self.parent = parent
        self.children: list[Element] = []
        self.own_text = ""

    def __getitem__(self, name: str) -> str:
        return self.attributes.get(name, "")

    def text(self) -> str:
        return " ".join([self.own_text, *(each.text() for each in self.children)]).strip()

    def within(self, tag: str) -> bool:
        return self.parent is not None and (self.parent.tag == tag or self.parent.within(tag))

    def within_main(self, *tags: str) -> list["Element"]:
        return [each for each in self.all(*tags) if each.within("main")]

    def all(self, *tags: str) -> list["Element"]:
        found = [self] if not tags or self.tag in tags else []
        return found + [each for child in self.children for each in child.all(*tags)]


class Tree(HTMLParser):
    """Strict: every element is closed by its own tag, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = self.open = Element("", {}, None)
        self.feed(html)
        self.close()
        assert self.open is self.root, f"<{self.open.tag}> is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        made = Element(tag, {name: value or "" for name, value in attrs}, self.open)
        self.open.children.append(made)
        self.open = self.open if tag in VOID else made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.tag == tag, f"</{tag}> closes <{self.open.tag}>"
        assert self.open.parent is not None
        self.open = self.open.parent

    def handle_data(self, data: str) -> None:
        self.open.own_text += data
