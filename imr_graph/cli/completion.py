"""What a shell completes: names of questions, dimensions, figures, networks, and the concepts of the vocabulary.

click writes the script of a shell (`_IMR_GRAPH_COMPLETE=bash_source imr-graph`) and asks these functions. No store is
opened: what letters bring (sections, pages, cases) is not completed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Final, TypeAlias

import click
from click.shell_completion import CompletionItem

__all__ = [
    "complete_dimensions",
    "complete_figures",
    "complete_filters",
    "complete_networks",
    "complete_parameters",
    "complete_questions",
    "complete_tags",
    "complete_treatments",
    "matching_items",
]

Names: TypeAlias = Mapping[str, str]
Completion: TypeAlias = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def matching_items(names: Iterable[str] | Names, incomplete: str, before: str = "") -> list[CompletionItem]:
    """Return the names that begin with what is typed, whatever its case, behind `before`; with their titles."""
    titles = names if isinstance(names, Mapping) else dict.fromkeys(names, "")
    wanted = incomplete.casefold()
    return [
        CompletionItem(f"{before}{name}", help=title)
        for name, title in titles.items()
        if name.casefold().startswith(wanted)
    ]


def _complete(names: Callable[[], Iterable[str] | Names]) -> Completion:
    return lambda _context, _parameter, incomplete: matching_items(names(), incomplete)


def _questions() -> Names:
    from imr_graph.analysis.queries.library import list_questions

    return {question.name: question.title for question in list_questions()}


def _tags() -> Iterable[str]:
    from imr_graph.analysis.queries.library import list_tags

    return list_tags()


def _titles(module: str, registry: str, title: str) -> Callable[[], Names]:
    """Return what gives the names of a registry, which is imported then, with an attribute of what they name."""
    return lambda: {name: getattr(each, title) for name, each in getattr(import_module(module), registry).items()}


_dimensions: Final = _titles("imr_graph.table.dimensions", "DIMENSIONS", "title")

complete_questions: Final = _complete(_questions)
complete_tags: Final = _complete(_tags)
complete_dimensions: Final = _complete(_dimensions)
complete_figures: Final = _complete(_titles("imr_graph.analysis.statistics.figures", "FIGURES", "summary"))
complete_networks: Final = _complete(_titles("imr_graph.analysis.networks.projections", "PROJECTIONS", "title"))
complete_treatments: Final = _complete(lambda: _concepts("treatment"))


def complete_filters(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete NAME=VALUE: the name of a dimension, then its values."""
    from imr_graph.table.dimensions import DIMENSIONS

    name, mark, value = incomplete.partition("=")
    if not mark:
        return [CompletionItem(f"{item.value}=", help=item.help) for item in matching_items(_dimensions(), name)]
    dimension = DIMENSIONS.get(name)
    if dimension is None:
        return []
    return matching_items(dimension.choices or _concepts(dimension.kind), value, f"{name}=")


def complete_parameters(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the parameters of a question that is named before: --NAME, then a value by its type."""
    from imr_graph.analysis.queries.library import list_questions
    from imr_graph.analysis.queries.parameters import CHOICES

    asked = next((q for q in list_questions() if q.name == context.params.get("question")), None)
    if asked is None:
        return []
    words: tuple[str, ...] = context.params.get("more") or ()
    waiting = words[-1] if len(words) % 2 else ""
    if not waiting:
        return matching_items({f"--{p.name}": p.description for p in asked.parameters}, incomplete)
    kind = next((p.type for p in asked.parameters if f"--{p.name}" == waiting), None)
    return matching_items(CHOICES.get(kind or "") or _concepts(kind), incomplete)


def _concepts(kind: str | None) -> Names:
    """Return the ids and names of the vocabulary's concepts of a kind; none where only letters bring them."""
    from imr_graph.analysis.dimensions.kinds import KINDS

    found = KINDS.get(kind or "")
    return {concept.id: concept.label for concept in found.concepts()} if found else {}
