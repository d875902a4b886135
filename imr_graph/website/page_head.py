"""What the head of a page says for those who list, preview or cite it: address, description, feed, structured data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

__all__ = ["GENERAL", "PageHead", "embed_json", "shorten"]

GENERAL: Final = (
    "Published California Independent Medical Review decisions of disputed medical treatment in workers’ compensation: "
    "how they ended, what they cite and why, each fact with the words of the letter."
)
"""What pages say that have no description of their own."""

_LONGEST: Final = 300  # characters of a description; previews show fewer


@dataclass(frozen=True, slots=True)
class PageHead:
    """The head of a page.

    `canonical` is the address under which it is cited, empty for its path without parameters. `feed` is the address of
    what is new on it, as Atom. `structured` is what it is about in the terms of schema.org; addresses in it that begin
    with a slash are on this server. Pages that are not `indexed` are made anew for each who asks.
    """

    description: str = GENERAL
    canonical: str = ""
    feed: str = ""
    structured: Mapping[str, Any] | None = None
    indexed: bool = True


def shorten(text: str, most: int = _LONGEST) -> str:
    """Return a text with single spaces, cut at a word where it is longer than a description.

    >>> shorten("MRI of the left knee", 12)
    'MRI of the …'
    """
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1].rsplit(' ', 1)[0]} …"


def embed_json(value: Mapping[str, Any], public: str) -> Markup:
    r"""Return JSON-LD of schema.org for a script element, with whole addresses; nothing in it can end the element.

    >>> print(embed_json({"@type": "Dataset", "url": "/", "name": "</script>"}, "https://imr.example.org"))
    {"@context": "https://schema.org", "@type": "Dataset", "url": "https://imr.example.org/", \
"name": "\u003c/script>"}
    """
    text = json.dumps({"@context": "https://schema.org", **_whole(value, public)})
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))


def _whole(value: Any, public: str) -> Any:
    if isinstance(value, Mapping):
        return {name: _whole(each, public) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(each, public) for each in value]
    return f"{public}{value}" if isinstance(value, str) and value.startswith("/") else value
