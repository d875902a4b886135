"""How much of a treatment a heading asks for: strength, quantity, refills, visits, levels of the spine, codes.

Numbers are read where they are printed, in digits or words; a range ("2-3 times a week") is no number. What may be
visits or things ("#6", "times 12") is told apart by the kind of treatment.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cache

from imr_graph.extraction.numbers import NUMBER, FoundNumber, find_numbers, first_number, parse_number
from imr_graph.extraction.text import Findings, Reading, clean
from imr_graph.model import Amounts, Span
from imr_graph.vocabulary.phrases import load_phrases

__all__ = ["read_all_amounts", "read_amounts", "read_topical"]

# "10/325mg", "75-0.2mg", "25mg/ml", "300mg/g", "25 mcg/hr", "5gm"; each of "4%-27.5%" by itself.
_STRENGTH = re.compile(
    r"""(?<![\w.,\#/-])
    (?: \d+(?:\.\d+)?\s?%                                                      # a share
      | \d[\d,]*(?:\.\d+)? (?:\s?(?:mg|mcg)?\s?[/-]\s?\d+(?:\.\d+)?){0,3}      # a number, or those of a combination
        \s?(?:mg|mcg|ug|meq|gm|g|grams?|iu)\b                                  # its unit
        (?:\s?/\s?(?:\d+\s?)?(?:ml|gm?|hr|hour|h|spray|patch|actuation)\b)?    # of what
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SHARES = re.compile(r"(?<![\w.])\d+(?:\.\d+)?\s?%")
_SHARE = re.compile(r"(?<=[/-])\d+(?:\.\d+)?\s?%")
_BULK = re.compile(r"(?<![\w.,/-])(\d{1,4}(?:\.\d+)?)\s?(?:gms?|g|grams?|ml|cc)\b(?!\s?/)", re.IGNORECASE)
_LEAST_BULK = 15  # grams or milliliters; less is the strength of a tablet
_COUNT = re.compile(rf"(?:\#|\bno\.|\b(?:qty|quantity|count)\b\s*(?:of|:|\.|\#|\()*)\s*({NUMBER})", re.IGNORECASE)
_THINGS = re.compile(
    rf"({NUMBER})\s*(?:\(\d+\)\s*)?(?:tablets?|tabs?|capsules?|caps|pills|patches|pads|boxe?s?|bottles?|tubes?|vials?|"
    rf"syringes?|pairs?|sets?|electrodes|leads|batteries|sleeves|(?:\w+\s)?wraps)\b",
    re.IGNORECASE,
)
_REFILLS = re.compile(
    rf"({NUMBER})\s*(?:\(\d+\)\s*)?(?:additional\s+)?refills?\b|\brefills?\s*(?:of|x|times|:|\#)*\s*({NUMBER})",
    re.IGNORECASE,
)
_WEEK = r"(?:weeks?|wks?)\b"
_PER_WEEK = rf"(?:(?:per|a|each|every|/|x)\s*{_WEEK}|weekly\b|wkly\b)"
_OFTEN = re.compile(
    rf"({NUMBER})\s*(?:x|times?|visits?|sessions?|treatments?|days?)?\s*{_PER_WEEK}|\b(daily)\b(?!\s+(?:living|activit))",
    re.IGNORECASE,
)
_WEEKS = re.compile(rf"({NUMBER})\s*(?:\(\d+\)\s*)?-?\s*{_WEEK}(?!\s+(?:ago|status|post|trial))", re.IGNORECASE)
_BY = re.compile(rf"({NUMBER})\s*(?:x|times)\s*({NUMBER})(?!\s*(?:mg|ml))", re.IGNORECASE)
_VISIT = (
    r"(?:visits?|sessions?|treatments?|appointments?|encounters?|injections?)\b"
    r"(?!\s*(?:per|a|each|every|/)\s*(?:week|wk))"
)
_VISITS = re.compile(
    rf"({NUMBER})\s*(?:\(\d+\)\s*)?(?:[a-z][a-z-]*\s+){{0,4}}?{_VISIT}"  # "Ten physical therapy visits"
    rf"|{_VISIT}\s*(?:x|times|:|,|-)\s*({NUMBER})(?!\s*(?:x|times))"  # "office visit times 3"
    rf"|\(({NUMBER})\)",  # "two times four (8)"
    re.IGNORECASE,
)
_TIMES = re.compile(rf"(?:,|\b(?:x|times))\s*({NUMBER})\s*(?:\Z|[,;)])", re.IGNORECASE)
_FIRST = re.compile(rf"({NUMBER})\s+(?=[a-z])", re.IGNORECASE)
_LEVEL = re.compile(r"(?<![\w-])([CTLS])\s?-?(\d{1,2})(?:\s?[-–/]\s?([CTLS])?\s?(\d{1,2}))?(?![\w%]|[.,]\d)")
_VERTEBRAE = {"C": 8, "T": 12, "L": 6, "S": 5}  # C8 is a root
_LABELED_CODES = re.compile(
    r"\b(?:CPT|HCPCS|ICD(?:[\s-]?(?:9|10))?(?:[\s-]?CM)?)\b[^\w]*(?:codes?\b)?[^\w]*", re.IGNORECASE
)
# CPT ("97110", "0232T"), HCPCS ("E0730"), ICD-10 ("M54.5"), ICD-9 ("722.10").
_CODE = re.compile(r"(?:\d{4}[\dA-Z]|[A-Z]\d{4}|[A-Z]\d[\dA-Z]\.[\dA-Z]{1,4}|\d{3}\.\d{1,2})(?!\w)")
_CODES_JOIN = re.compile(r"\s*(?:,|&|/|and)\s*")
_HCPCS = re.compile(r"(?<![\w.-])[AEGJKLQSV]\d{4}(?![\w.-])")

# Categories of treatments that are counted in visits.
_VISITED = frozenset(
    (
        "rehabilitation",
        "psych-services",
        "evaluation-and-management",
        "home-health",
        "therapies",
        "injection",
        "programs",
    )
)
_MOST_VISITS = 400  # more is a number of something else: two visits a week for four years are 400


def read_amounts(words: str, categories: Iterable[str] = ()) -> Reading[Amounts]:
    """Read the amounts of a heading, or of a part of it.

    `categories` are the ids of the request categories of what is requested ("rehabilitation/acupuncture"); spans count
    from the beginning of `words`.

    >>> read = read_amounts("Norco 10/325mg #60 with 2 refills", ["pharmaceuticals/opioids"]).value
    >>> read.strength, read.quantity, read.refills
    (('10/325mg',), 60, 2)
    """
    kinds = {category.partition("/")[0] for category in categories}
    drug = "pharmaceuticals" in kinds
    visited = not drug and not kinds.isdisjoint(_VISITED)
    codes = list(_read_codes(words))
    strength = [] if not drug else list(_read_strengths(words))
    spans: dict[str, Span] = {}
    numbers: dict[str, int | None] = {}

    def keep(name: str, found: FoundNumber | None) -> None:
        numbers[name] = int(found.value) if found else None
        if found:
            spans[f"/{name}"] = found.span

    lower = words.lower()  # most headings say nothing of refills or weeks, which is seen at once
    says_when = "week" in lower or "wk" in lower
    keep("refills", _whole(first_number(words, _REFILLS)) if "refill" in lower else None)
    keep("weeks", _whole(first_number(words, _WEEKS)) if says_when else None)
    often = first_number(words, _OFTEN) if visited and (says_when or "daily" in lower) else None
    by = _read_by(words) if visited else None
    if by and not often:
        often, numbers["weeks"], spans["/weeks"] = by[0], int(by[1].value), by[1].span
    keep("per_week", _whole(often))
    keep("visits", _read_visits(words, numbers, spans, visited))
    keep("quantity", None if visited else _whole(_read_quantity(words, kinds)))
    levels = list(_read_levels(words))
    for name, values in (("strength", strength), ("levels", levels), ("codes", codes)):
        spans.update({f"/{name}/{index}": span for index, (_, span) in enumerate(values)})
    return Reading(
        Amounts(
            strength=tuple(value for value, _ in strength),
            levels=tuple(value for value, _ in levels),
            codes=tuple(value for value, _ in codes),
            **numbers,
        ),
        spans,
    )


def read_all_amounts(
    words: str, requested: Span, authorized: Span | None, categories: Iterable[str] = ()
) -> Reading[Amounts]:
    """Read the amounts of a heading: of what was requested and, of a partial certification, what was authorized.

    `requested` and `authorized` are the places of these parts; `categories` are as in `read_amounts`.
    """
    categories = tuple(categories)
    found = Findings()
    amounts = found.add(read_amounts(words[requested.start : requested.end], categories), at=requested.start)
    if authorized:
        part = read_amounts(words[authorized.start : authorized.end], categories)
        amounts = replace(amounts, authorized_quantity=part.value.quantity, authorized_visits=part.value.visits)
        for name in ("quantity", "visits"):
            if place := part.spans.get(f"/{name}"):
                found.add(Reading(None, {f"/authorized_{name}": place}), at=authorized.start)
    return found.reading(amounts)


def _whole(found: FoundNumber | None) -> FoundNumber | None:
    return found if found and isinstance(found.value, int) else None


def _read_by(words: str) -> tuple[FoundNumber, FoundNumber] | None:
    """Return times a week and weeks of "2 x 4"."""
    match = _BY.search(words)
    if not match:
        return None
    first, second = (FoundNumber(parse_number(match[group]), Span(*match.span(group))) for group in (1, 2))
    return first, second


def _read_visits(
    words: str, numbers: dict[str, int | None], spans: dict[str, Span], visited: bool
) -> FoundNumber | None:
    """Return the total of visits: as printed, else times a week by weeks."""
    if not visited:
        return None
    total = next((f for f in find_numbers(words, _VISITS) if f.value <= _MOST_VISITS and not _is_part(f, spans)), None)
    if total:
        return _whole(total)
    often, weeks = numbers.get("per_week"), numbers.get("weeks")
    if often and weeks:
        places = spans["/per_week"], spans["/weeks"]
        return FoundNumber(often * weeks, Span(min(p.start for p in places), max(p.end for p in places)))
    for pattern in (_COUNT, _TIMES):
        if found := next((f for f in find_numbers(words, pattern) if not _is_part(f, spans)), None):
            return _whole(found)
    return None if often or weeks else _whole(_leading(words))


def _is_part(found: FoundNumber, spans: dict[str, Span]) -> bool:
    return any(span.start <= found.span.start < span.end for span in spans.values())


def _read_quantity(words: str, kinds: Collection[str]) -> FoundNumber | None:
    """Return what is dispensed or supplied; grams count before the number of tubes."""
    if "pharmaceuticals" in kinds and (bulk := _find_bulk(words)):
        return bulk[0]
    if counts := list(find_numbers(words, _COUNT)):
        return counts[-1]  # "Tylenol #3 #60": the first is the product's name
    for pattern in (_THINGS, _TIMES):
        if found := first_number(words, pattern):
            return found
    return _leading(words) if "dmepos" in kinds else None


def _leading(words: str) -> FoundNumber | None:
    """Return the number that a heading begins with."""
    match, found = _FIRST.match(words), first_number(words, _FIRST)
    return found if match and found and found.span.start == match.start(1) else None


def _find_bulk(words: str) -> list[FoundNumber]:
    return [found for found in find_numbers(words, _BULK) if found.value >= _LEAST_BULK]


def _read_strengths(words: str) -> Iterator[tuple[str, Span]]:
    bulk = {found.span.start for found in _find_bulk(words)}
    matches = sorted([*_STRENGTH.finditer(words), *_SHARE.finditer(words)], key=re.Match.start)
    for match in matches:
        if match.start() not in bulk:
            yield clean(match[0]), Span(*match.span())


def _read_levels(words: str) -> Iterator[tuple[str, Span]]:
    """Yield levels of the spine, "L4-L5" as "L4-5"."""
    for match in _LEVEL.finditer(words):
        part, upper, other, lower = match.groups()
        below = other or part
        if int(upper) > _VERTEBRAE[part] or (lower and int(lower) > _VERTEBRAE[below]) or "0" in (upper, lower):
            continue
        level = f"{part}{upper}" + (f"-{'' if below == part else below}{lower}" if lower else "")
        yield level, Span(*match.span())


def _read_codes(words: str) -> Iterator[tuple[str, Span]]:
    """Yield procedure and diagnosis codes: those behind a label, and HCPCS codes, which look like nothing else."""
    labeled: list[tuple[str, Span]] = []
    for label in _LABELED_CODES.finditer(words):
        place = label.end()
        while match := _CODE.match(words, place):
            labeled.append((match[0], Span(*match.span())))
            join = _CODES_JOIN.match(words, match.end())
            if not join:
                break
            place = join.end()
    known = {span.start for _, span in labeled}
    plain = ((m[0], Span(*m.span())) for m in _HCPCS.finditer(words) if m.start() not in known)
    yield from sorted([*labeled, *plain], key=lambda found: found[1].start)


# Forms that are applied to the skin; "pad" and "patch" are no drugs by themselves, so a drug must be requested.
_ON_SKIN = re.compile(
    r"\b(?:creams?|gels?|ointments?|oint|lotions?|patch(?:es)?|pads?|transdermal(?:ly)?|topical(?:ly|s)?|liniments?|balms?|"
    r"salves?|roll[\s-]?on|foam)\b(?!\s*(?:caps|capsules?)\b)",
    re.IGNORECASE,
)
_NOT_ON_SKIN = re.compile(
    r"\b(?:inject\w*|infusions?|ophthalmic|eye|nasal|oral\w*|inhal\w*|nebuli\w*|softgels?|gel\s?caps?|suppositor\w*|"
    r"rectal|vaginal|intravenous|iv|heat\w*|cold|ice|cooling|gel\s+pack)\b",
    re.IGNORECASE,
)


def read_topical(words: str, categories: Iterable[str] = ()) -> Span | None:
    """Return the place of the words that say that a requested drug is applied to the skin, or None.

    A strength in percent says so too, and the name of a product that exists only so (`ontology/phrases.toml`), unless
    the drug is injected, swallowed or dropped. `categories` are as in
    `read_amounts`.

    >>> read_topical("Flurbiprofen 20% cream", ["pharmaceuticals/nsaids"])
    Span(start=17, end=22)
    """
    if not any(category.startswith("pharmaceuticals") for category in categories) or _NOT_ON_SKIN.search(words):
        return None
    match = _ON_SKIN.search(words) or _SHARES.search(words) or _skin_products().search(words)
    return Span(*match.span()) if match else None


@cache
def _skin_products() -> re.Pattern[str]:
    names = sorted(load_phrases().runs["skin.products"], key=lambda run: (-len(run), run))
    patterns = "|".join(r"[\s-]*".join(run) for run in names)
    return re.compile(rf"\b(?:{patterns})\b", re.IGNORECASE)
