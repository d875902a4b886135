"""Pages of words: what this is and how it was made, a glossary, help with searching, and where letters come from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from starlette.requests import Request

from imr_graph.analysis.statistics.figures import FIGURES
from imr_graph.labels import format_date
from imr_graph.live_store import StoreSnapshot
from imr_graph.website import urls
from imr_graph.website.citations import STATE_SEARCH
from imr_graph.website.figure_files import span_of_decisions
from imr_graph.website.site import Page, Site
from imr_graph.website.views import Words

__all__ = ["ACCURACY", "show_info"]


class Accuracy(NamedTuple):
    """How well a part of a letter is read, as F1: on real letters, and on generated ones."""

    part: str
    real: str
    generated: str


ACCURACY: Final = (
    Accuracy("Case number, dates, priority, reviewer, patient, outcome, disputed items", "1.000", "1.000"),
    Accuracy("Heading, service, decision, rationale, summary", "1.000", "1.000"),
    Accuracy("Citations of both sides: guideline, chapter, sections, pages, words", "1.000", "1.000"),
    Accuracy("Treatments, body regions, side of the body", "1.000", "0.999"),
    Accuracy("Amounts and forms of drugs", "1.000", "not measured"),
    Accuracy("Reasons for the decision", "0.977", "not measured"),
)
"""The measurements of the README; a test compares the two."""


@dataclass(frozen=True, slots=True)
class InfoView:
    """A page of words; `cases` determinations were decided in `span`, which is empty where no decision has a date."""

    title: str
    cases: int
    span: str
    accuracy: tuple[Accuracy, ...] = ACCURACY
    figures: tuple[Words, ...] = tuple((figure.title, figure.summary) for figure in FIGURES.values())
    state_search: str = STATE_SEARCH


_TEMPLATES: Final = {
    urls.ABOUT: "about.html",
    urls.GLOSSARY: "glossary.html",
    urls.HELP: "help.html",
    urls.GETTING_LETTERS: "letters.html",
}


async def show_info(site: Site, request: Request) -> Page:
    """Show the page of an address of `urls.INFO_PAGES`."""
    path = request.scope["path"]
    title = dict(urls.INFO_PAGES)[path]
    return Page(_TEMPLATES[path], await site.run_in_thread(lambda snapshot: _view(snapshot, title)))


def _view(snapshot: StoreSnapshot, title: str) -> InfoView:
    cases, first, last = span_of_decisions(snapshot)
    return InfoView(title, cases, _words(first, last))


def _words(first: date | None, last: date | None) -> str:
    return f"from {format_date(first)} to {format_date(last)}" if first and last else ""
