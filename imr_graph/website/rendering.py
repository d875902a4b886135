"""Templates to HTML: everything is escaped, and a name that a template does not get is a fault, not a blank.

The head of a page speaks to those who list or preview it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from typing import Any, Final
from urllib.parse import unquote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.values import Value, qualified_label
from imr_graph.labels import format_date
from imr_graph.website import urls
from imr_graph.website.citations import cite_figure
from imr_graph.website.urls import RDF_TYPES

__all__ = [
    "GENERAL",
    "PageHead",
    "environment_for",
    "percent",
    "plain",
    "points",
    "preload_templates",
    "render_template",
]

_DECISIONS: Final = {"upheld": "Upheld", "overturned": "Overturned", "partially overturned": "Partially overturned"}
# What letters must not bring onto a page: control characters, which HTML forbids, and those that turn the direction
# of what is read after them, so that words seem to say something else.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


GENERAL: Final = (
    "Published California Independent Medical Review decisions of disputed medical treatment in workers’ compensation: "
    "how they ended, what they cite and why, each fact with the words of the letter."
)
"""What pages say that have no description of their own."""


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


def render_template(template: str, values: Mapping[str, Any], base: str = terms.BASE) -> str:
    """Return a template of `templates/` with its values; `base` starts the IRIs of the data.

    Besides the values a template has the addresses of the site as `urls`, and a general head where it is given none.
    """
    general = {"page_head": PageHead(), "canonical": "", "made": None}
    return environment_for(base).get_template(template).render({**general, **values})


def preload_templates(base: str) -> None:
    """Compile every template: that of a page takes longer than the page."""
    environment = environment_for(base)
    for name in environment.list_templates():
        environment.get_template(name)


def percent(share: float) -> str:
    """Return a share as people read it.

    >>> percent(0.0849)
    '8.5%'
    """
    return f"{share:.1%}"


def points(difference: float) -> str:
    """Return a difference of shares in percentage points, with its sign.

    >>> points(-0.0849), points(0.0001)
    ('−8.5', '0.0')
    """
    written = f"{100 * difference:+.1f}"
    return "0.0" if written in ("+0.0", "-0.0") else written.replace("-", "−")


def plain(value: Any) -> Any:
    r"""Return a text with a replacement character for each one that a page must not hold; other values as they are.

    It has as many characters as before, so that places in a letter's text stay where they are.

    >>> plain("exe.\u202egnp\x00")
    'exe.�gnp�'
    """
    # What is markup already came through here, piece by piece.
    if isinstance(value, str) and not isinstance(value, Markup) and _UNSEEN.search(value):
        return _UNSEEN.sub("\ufffd", value)
    return value


def _day(value: date | str | None) -> str:
    """Return a date in words; what is missing is said."""
    if not value:
        return "not stated"
    return format_date(value if isinstance(value, date) else date.fromisoformat(value))


def _label_within(value: Value, context: str) -> str:
    """Return a value's name without what the title around it says already."""
    label = qualified_label(value)
    rest = label.removeprefix(context)
    return f"{rest[2:3].upper()}{rest[3:]}" if context and rest[:2] in (": ", ", ") else label


def _number(value: int) -> str:
    return f"{value:,}"


def _decision(value: str) -> str:
    return _DECISIONS.get(value, value)


def _place(percent: float) -> str:
    """Return a place across a drawing."""
    return f"{percent:.2f}"


def _part(name: str) -> str:
    """Return the id that a part of a case has on the page, by its name: `correction-1`."""
    return "-".join(name.rsplit("-", 2)[1:])


def _words_of_name(name: str) -> str:
    """Return the name of a case as people read it."""
    return unquote(name.removeprefix("case-"))


def _embed_json(value: Mapping[str, Any], public: str) -> Markup:
    r"""Return JSON-LD of schema.org for a script element, with whole addresses; nothing in it can end the element.

    >>> print(_embed_json({"@type": "Dataset", "url": "/", "name": "</script>"}, "https://imr.example.org"))
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


@cache
def environment_for(base: str) -> Environment:
    """Return the environment of the templates, with its filters; `base` starts the IRIs of the data."""
    found = Environment(
        loader=PackageLoader("imr_graph.website"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each page looks at the files of all its templates
        finalize=plain,
    )
    found.filters |= {
        "day": _day,
        "decision": _decision,
        "full_label": qualified_label,
        "label_within": _label_within,
        "link": partial(urls.resource, base=base),
        "number": _number,
        "percent": percent,
        "points": points,
        "part": _part,
        "place": _place,
        "structured": _embed_json,
        "words_of_name": _words_of_name,
    }
    found.globals |= {"urls": urls, "RDF_TYPES": RDF_TYPES, "cite_figure": cite_figure}
    return found
