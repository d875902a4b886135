"""Pages as trees: a strict reading of HTML, in which every tag is closed and no id comes twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

__all__ = ["Node", "parsed"]

_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)


@dataclass(eq=False)
class Node:
    """An element: its tag, attributes, and what it holds (elements and texts)."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    content: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What it says, white space collapsed."""
        return re.sub(r"\s+", " ", self.raw).strip()

    @property
    def raw(self) -> str:
        """What it says, as it stands."""
        return "".join(part if isinstance(part, str) else part.raw for part in self.content)

    @cached_property
    def classes(self) -> set[str]:
        """Its classes."""
        return set(self.attributes.get("class", "").split())

    def __getitem__(self, name: str) -> str:
        """Return an attribute; raises KeyError where it has none of that name."""
        return self.attributes[name]

    def walk(self) -> Iterator[Node]:
        """Yield it and all elements within it, in the order of the document."""
        return iter(self._elements)

    @cached_property
    def _elements(self) -> list[Node]:
        found, waiting = list[Node](), [self]
        while waiting:
            found.append(node := waiting.pop())
            waiting += [part for part in reversed(node.content) if isinstance(part, Node)]
        return found

    def all(self, tag: str = "", class_: str = "", **attributes: str) -> list[Node]:
        """Return the elements within it of a tag, a class and given attributes (`id="x"`; `_` stands for `-`)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            node
            for node in self.walk()
            if (not tag or node.tag == tag)
            and (not class_ or class_ in node.classes)
            and all(node.attributes.get(name) == value for name, value in wanted.items())
        ]

    def one(self, tag: str = "", class_: str = "", **attributes: str) -> Node:
        """Return the one element that `all` finds; it is a failure where there are more or none."""
        found = self.all(tag, class_, **attributes)
        assert len(found) == 1, f"{len(found)} elements {tag}.{class_} {attributes}"
        return found[0]

    def links(self) -> dict[str, str]:
        """Return the words of all links within it by their targets; the first of several words."""
        found: dict[str, str] = {}
        for node in self.all("a"):
            if "href" in node.attributes:
                found.setdefault(node["href"], node.text)
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("document")
        self.open = [self.root]
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"<{tag}> has an attribute twice: {names}"
        node = Node(tag, {name: value or "" for name, value in attrs})
        if "id" in node.attributes:
            assert node["id"] not in self.ids, f"two elements have the id {node['id']}"
            assert re.fullmatch(r"\S+", node["id"]), f"{node['id']!r} is no id"
            self.ids.add(node["id"])
        self.open[-1].content.append(node)
        if tag not in _VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def parsed(html: str) -> Node:
    """Return a page as a tree; it is a failure where tags are not closed in their order, or an id comes twice."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert builder.open == [builder.root], f"not closed: {[node.tag for node in builder.open[1:]]}"
    for figure in builder.root.all("figure"):
        places = [part.tag for part in figure.content if isinstance(part, Node)]
        assert "figcaption" not in places[1:-1], "a caption stands first or last in its figure"
    return builder.root
