"""The words of a heading as they are compared with the vocabulary: misspelt names mended, short names written out."""

from __future__ import annotations

from functools import cache, lru_cache

from imr_graph import vocabulary
from imr_graph.vocabulary import Concept, Treatment, Words, normalise, split, split_words
from imr_graph.vocabulary.phrases import load_phrases
from imr_graph.vocabulary.spelling import Speller, respell

__all__ = ["read_words"]


def read_words(heading: str) -> Words:
    """Return the words of a heading; their places are those in the heading as it is printed.

    >>> read_words("Cevical MRI, Keto 10%/Lido 5% cream").words[:4]
    ('cervical', 'mri', 'ketoprofen', '10')
    """
    words = split(heading)
    if not load_phrases().written_out.keys().isdisjoint(words.words):
        words = respell(words, lambda word: load_phrases().written_out.get(word, word))
    words = respell(words, _correct)
    return _expand_short_names(words)


def _expand_short_names(words: Words) -> Words:
    """Write out the short names of drugs ("Keto 10%/Lido 5% cream") where a heading is about a compound."""
    phrases = load_phrases()
    if phrases.short_names.keys().isdisjoint(words.words):
        return words
    in_parts = "%" in words.text
    several = sum(word in phrases.short_names for word in words.words) > 1
    if in_parts or (several and not phrases.words["compound.words"].isdisjoint(words.words)):
        return respell(words, lambda word: phrases.short_names.get(word, word))
    return words


@lru_cache(maxsize=65_536)
def _correct(word: str) -> str:
    """Return a word of treatments, drugs and regions with its slip mended.

    A word that only misspelt names have is mended where each of these names then is a right one of its concept.
    """
    mended = _speller().correct(word)
    return word if mended != word and not all(_is_name(*each) for each in _misspelt().get(word, ())) else mended


def _is_name(concept: Concept, label: str) -> bool:
    """Tell whether a misspelt name of a concept, with the slips of its words mended, is another name of it."""
    mended = " ".join(map(_speller().correct, split_words(label)))
    return any(normalise(name) == mended for name in (*_right_labels(concept), *concept.hidden))


@cache
def _misspelt() -> dict[str, list[tuple[Concept, str]]]:
    """Return the misspelt names that each word is in, with their concepts."""
    found: dict[str, list[tuple[Concept, str]]] = {}
    for concept in _concepts():
        for label in concept.hidden:
            for word in split_words(label):
                found.setdefault(word, []).append((concept, label))
    return found


@cache
def _speller() -> Speller:
    right = {word for concept in _concepts() for label in _right_labels(concept) for word in split_words(label)}
    phrases = load_phrases()
    plain = {word for words in phrases.words.values() for word in words}
    plain |= {word for runs in phrases.runs.values() for run in runs for word in run}
    return Speller(right, plain)


def _concepts() -> list[Concept]:
    known = vocabulary.load()
    schemes = (known.treatments, known.products, known.body_regions, known.phrases, known.lateralities)
    return [concept for scheme in schemes for concept in scheme]


def _right_labels(concept: Concept) -> tuple[str, ...]:
    broad = (*concept.fallbacks, *concept.fields) if isinstance(concept, Treatment) else ()
    return (concept.label, *concept.alternatives, *broad)
