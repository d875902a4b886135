"""Ranking by the words that a request shares with rationales."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.store_facts import literals_of
from imr_graph.analysis.precedents.similarity import ScoredItem, with_term_scores
from imr_graph.analysis.precedents.tiers import TIERS
from imr_graph.store.graph_store import GraphStore

__all__ = ["ranked_by_words", "stem"]

_RATIONALE = terms.term("rationale")


def ranked_by_words(store: GraphStore, words: Sequence[str], found: Sequence[ScoredItem]) -> list[ScoredItem]:
    """Return decisions in the order of their points, the points for shared words of the rationale included.

    A word weighs as much as it is rare among the rationales given: the logarithm of the share that has it (inverse
    document frequency); singular and plural are one word. Equals keep their order.
    """
    if not words:
        return list(found)
    stems = {stem(word): word for word in words}
    pattern = _pattern(stems)
    shared = [_shared(store, one, pattern) for one in found]
    weights = {each: math.log((1 + len(found)) / (1 + sum(each in has for has in shared))) for each in stems}
    all_weight = sum(weights.values())
    ranked = []
    for one, has in zip(found, shared, strict=True):
        given = {stems[each]: weights[each] / all_weight for each in stems if each in has and weights[each] > 0}
        ranked.append(with_term_scores(one, given))
    steps = list(TIERS)
    return sorted(ranked, key=lambda one: (steps.index(one.step), -one.score))


def stem(word: str) -> str:
    """Return a word without its plural ending.

    >>> stem("sessions"), stem("therapies"), stem("diagnosis")
    ('session', 'therapy', 'diagnosis')
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def _pattern(stems: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of any of the words, singular or plural."""
    forms = [form for each in stems for form in (each, f"{each}s", f"{each[:-1]}ies" if each.endswith("y") else each)]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b")


def _shared(store: GraphStore, one: ScoredItem, pattern: re.Pattern[str]) -> frozenset[str]:
    item = terms.item_iri(terms.case_iri(one.case, store.base), one.position)
    texts = literals_of(store.graph, item, _RATIONALE)
    return frozenset(stem(word) for text in texts for word in pattern.findall(text.lower()))
