"""Words of searches: their singulars and plurals, and those that say nothing by themselves."""

from __future__ import annotations

from typing import Final

from imr_graph.vocabulary import split

__all__ = ["AMOUNT_WORDS", "EMPTY_WORDS", "number_forms"]

EMPTY_WORDS: Final = frozenset(
    split(
        "a an and are as at be because been but by can decision decisions denial denials did do does for from has had "
        "have he her his how i if in is it its many me more much my of often on or our out over per she should so than "
        "that the their then there these they this to under up upon was we were what when where which while who why "
        "will with you your"
    ).words
)
"""Words of grammar, and those that any search of decisions could have."""

AMOUNT_WORDS: Final = frozenset(
    split(
        "cap caps capsule capsules day days dose mcg mg ml month months qty quantity refill refills session sessions "
        "tab tablet tablets tabs time times unit units visit visits week weekly weeks x"
    ).words
)
"""Words that say how much is asked for, which letters write in many ways."""

_VOWELS = "aeiou"


def number_forms(word: str) -> tuple[str, ...]:
    """Return the singulars that a plural may have, or the plural of a singular; none for "status" or "diagnosis".

    >>> number_forms("therapies"), number_forms("patches"), number_forms("box"), number_forms("status")
    (('therapy',), ('patch', 'patche'), ('boxes',), ())
    """
    lower = word.lower()
    if lower.endswith("ies") and len(word) > 4:
        return (f"{word[:-3]}y",)
    if lower.endswith(("ses", "xes", "ches", "shes")):  # "doses" is of "dose", "patches" of "patch"
        return word[:-2], word[:-1]
    if lower.endswith("s"):
        return () if lower.endswith(("ss", "us", "is")) else (word[:-1],)
    if lower.endswith("y") and lower[-2:-1] not in _VOWELS:
        return (f"{word[:-1]}ies",)
    return (word + ("es" if lower.endswith(("x", "ch", "sh")) else "s"),)
