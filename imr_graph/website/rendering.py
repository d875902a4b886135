"""Templates to HTML: everything is escaped, and a name that a template does not get is a fault, not a blank."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache, partial
from typing import Any, Final
from urllib.parse import unquote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.values import qualified_label
from imr_graph.labels import format_date
from imr_graph.website import urls
from imr_graph.website.citations import PageHead, cite_figure, embed_json
from imr_graph.website.urls import RDF_TYPES

__all__ = ["environment_for", "percent", "plain", "points", "preload_templates", "render_template"]

_DECISIONS: Final = {"upheld": "Upheld", "overturned": "Overturned", "partially overturned": "Partially overturned"}
# What letters must not bring onto a page: control characters, which HTML forbids, and those that turn the direction
# of what is read after them, so that words seem to say something else.
_UNSEEN: Final = re.compile(
    r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


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
        "link": partial(urls.resource, base=base),
        "number": _number,
        "percent": percent,
        "points": points,
        "part": _part,
        "place": _place,
        "structured": embed_json,
        "words_of_name": _words_of_name,
    }
    found.globals |= {"urls": urls, "RDF_TYPES": RDF_TYPES, "cite_figure": cite_figure}
    return found
