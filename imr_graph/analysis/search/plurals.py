"""Singular and plural: the one rule by which a word finds its other number."""

from __future__ import annotations

__all__ = ["number_forms"]

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
