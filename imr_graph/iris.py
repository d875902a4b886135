"""The names of the graph: the only place that mints IRIs.

All IRIs are flat (`case-CM16-9990007-item-2`, no nested paths) and there are no blank nodes. The vocabulary's
concepts keep the published base whatever base the data uses, so that two collections agree on what they cite.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from urllib.parse import quote

__all__ = [
    "BASE",
    "DCTERMS",
    "IMR",
    "PREFIXES",
    "PROV",
    "RDF",
    "RDFS",
    "SKOS",
    "XSD",
    "case_iri",
    "category_iri",
    "citation_iri",
    "fold_name",
    "guideline_iri",
    "item_iri",
    "letter_iri",
    "local_name",
    "page_iri",
    "product_iri",
    "reason_iri",
    "reason_type_iri",
    "region_iri",
    "reviewer_iri",
    "second_key",
    "section_iri",
    "slug",
    "specialty_iri",
    "state_iri",
    "term",
    "treatment_iri",
]

IMR = "https://w3id.org/imr-graph/ontology#"
BASE = "https://w3id.org/imr-graph/id/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
PROV = "http://www.w3.org/ns/prov#"
DCTERMS = "http://purl.org/dc/terms/"

PREFIXES = {
    "dcterms": DCTERMS,
    "id": BASE,
    "imr": IMR,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "skos": SKOS,
    "xsd": XSD,
}

_LONGEST_SLUG = 80
_DIGEST_DIGITS = 8
# A run of anything that a slug does not keep becomes one hyphen.
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_NOT_IN_NAME = re.compile(r"[\W_]+")
_NEEDLESS_END = re.compile("X(?![0-9])")


@lru_cache(maxsize=65_536)
def fold_name(name: str) -> str:
    """Return a name as it is told from others: its letters and digits in lower case, joined by single hyphens.

    Names that differ in case, white space, accents or punctuation alone are one name.

    >>> fold_name("NSAIDs,  GI symptoms & cardiovascular risk")
    'nsaids-gi-symptoms-cardiovascular-risk'
    """
    decomposed = unicodedata.normalize("NFKD", name)
    ascii_only = decomposed.encode("ascii", "ignore").decode().lower()
    if not any(character.isalnum() for character in decomposed if not character.isascii()):
        return _NOT_IN_SLUG.sub("-", ascii_only).strip("-")
    folded = "".join(c for c in decomposed.casefold() if c.isascii() or c.isalnum())
    return _NOT_IN_NAME.sub("-", folded).strip("-")


@lru_cache(maxsize=65_536)
def slug(name: str) -> str:
    """Return a name as a piece of an IRI: ASCII letters, digits and single hyphens.

    Different names (`fold_name`) have different slugs. Letters outside ASCII are spelled by their code points, in upper
    case, which nothing else has. Up to 80 characters a slug is the whole name; of a longer name it has the beginning
    and a digest of the whole, and then it is always longer than 80.

    >>> slug("NSAIDs, GI symptoms & cardiovascular risk")
    'nsaids-gi-symptoms-cardiovascular-risk'
    >>> slug("Screening for risk " * 5)
    'screening-for-risk-screening-for-risk-screening-for-risk-screening-for-risk-scre-0880f66d'
    """
    folded = fold_name(name)
    spelled = folded if folded.isascii() else _spell_code_points(folded)
    if len(spelled) <= _LONGEST_SLUG:
        return spelled or "unnamed"
    digest = hashlib.sha256(folded.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_DIGITS]
    return f"{spelled[:_LONGEST_SLUG].rstrip('-')}-{digest}"


def _spell_code_points(folded: str) -> str:
    """Spell letters outside ASCII; an X parts a code point from a digit, which would be read as one of its own."""
    spelled = "".join(c if c.isascii() else f"U{ord(c):X}X" for c in folded)
    return _NEEDLESS_END.sub("", spelled)


@lru_cache(maxsize=65_536)
def _safe(identifier: str) -> str:
    """Percent-encode what may not stand in an IRI; identifiers of this domain never need it."""
    return quote(identifier, safe="", errors="replace")


def term(name: str) -> str:
    """Return the IRI of an ontology term.

    >>> term("Case")
    'https://w3id.org/imr-graph/ontology#Case'
    """
    return IMR + name


def local_name(iri: str) -> str:
    """Return what follows the last `/` or `#` of an IRI.

    >>> local_name(case_iri("CM16-9990007"))
    'case-CM16-9990007'
    """
    return iri[max(iri.rfind("/"), iri.rfind("#")) + 1 :]


def second_key(case_number: str, sha256: str) -> str:
    """Return the key of a letter that is kept beside another of the same case number."""
    return f"{case_number}-{sha256[:8]}"


def case_iri(key: str, base: str = BASE) -> str:
    """Return the IRI of a case; `key` is its number or what stands in for it (`Determination.key`)."""
    return f"{base}case-{_safe(key)}"


def item_iri(case: str, position: int) -> str:
    """Return the IRI of a disputed item; `position` counts from 1."""
    return f"{case}-item-{position}"


def citation_iri(item: str, position: int) -> str:
    """Return the IRI of a citation; `position` counts from 1, the claims administrator's citations first."""
    return f"{item}-citation-{position}"


def reason_iri(item: str, position: int) -> str:
    """Return the IRI of a disputed item's reason; positions count from 1."""
    return f"{item}-reason-{position}"


def reviewer_iri(case: str) -> str:
    """Return the IRI of a case's expert reviewer: a profile of this case alone."""
    return f"{case}-reviewer"


def letter_iri(sha256: str, base: str = BASE) -> str:
    """Return the IRI of a letter; `sha256` is the digest of its text."""
    return f"{base}letter-{_safe(sha256[:16])}"


def page_iri(guideline: str, number: int, base: str = BASE) -> str:
    """Return the IRI of a guideline's page; `guideline` is an id of the guideline scheme."""
    return f"{base}page-{_safe(guideline)}-{number}"


def section_iri(guideline: str, label: str, chapter: str | None = None, base: str = BASE) -> str:
    """Return the IRI of a section that a letter names and the vocabulary does not know.

    `chapter` is given for the Official Disability Guidelines only, where one topic stands in several chapters. A topic
    that is printed after its chapter without being told from it is the same section.
    """
    parts = (_safe(guideline), *((slug(chapter),) if chapter else ()), slug(label))
    return f"{base}section-{'-'.join(parts)}"


def guideline_iri(identifier: str, base: str = BASE) -> str:
    """Return the IRI of a guideline by its id; one that the vocabulary does not list gets the data's base."""
    return f"{base}guideline-{_safe(identifier)}"


def treatment_iri(identifier: str) -> str:
    """Return the IRI of a procedure or drug ingredient of the vocabulary."""
    return f"{BASE}treatment-{_safe(identifier)}"


def product_iri(identifier: str) -> str:
    """Return the IRI of a drug product of two or more ingredients."""
    return f"{BASE}product-{_safe(identifier)}"


def category_iri(identifier: str) -> str:
    """Return the IRI of a treatment category; its id's levels are parted by `/`."""
    return f"{BASE}category-{_safe(identifier.replace('/', '-'))}"


def specialty_iri(label: str, base: str = BASE) -> str:
    """Return the IRI of a specialty by its label; one that the vocabulary does not know gets the data's base."""
    return f"{base}specialty-{slug(label)}"


def state_iri(code: str) -> str:
    """Return the IRI of a state by its ISO 3166-2 code."""
    return f"{BASE}state-{_safe(code)}"


def reason_type_iri(identifier: str) -> str:
    """Return the IRI of a type of reason by its id."""
    return f"{BASE}reason-{_safe(identifier)}"


def region_iri(identifier: str) -> str:
    """Return the IRI of a body region of the vocabulary."""
    return f"{BASE}region-{_safe(identifier)}"
