"""The kinds of concepts that decisions refer to: treatments, guidelines and their pages, specialties, states, regions.

A kind is one row of `KINDS`, and beside it the row of its dimension in `table.dimensions`. Everything that lists,
names, looks up or shows concepts reads these rows when it is asked:

- statistics, search and profiles take the values of the dimension of the same name (`make_value`, `parse_value`);
- a parameter of a ready-made query may have the kind's name as its type, and its form offers the names in the store;
- searches that are being typed are completed by the names of kinds that are `suggested`;
- the site's page of a concept (`/id/NAME-ID`) takes its title, its sentences and its tables from the row; what stands
  above, below and beside a concept is the one function that a kind may have in the site's own table;
- the site's list of a kind is at `list_page.path`; kinds without a list stand in that of another (`listed_with`), and
  the navigation of the lists, the links of the first page and the sitemap go by `LISTED`;
- the sitemap has the pages of the concepts of kinds that are `in_sitemap`.

>>> KINDS["category"].id_of("category-diagnostic-testing-imaging")
'diagnostic-testing/imaging'
>>> KINDS["treatment"].iri("mri")
'https://w3id.org/imr-graph/id/treatment-mri'
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from imr_graph import iris, vocabulary
from imr_graph.table.dimensions import DIMENSIONS, Dimension
from imr_graph.vocabulary import Concept, Scheme

__all__ = ["KINDS", "LISTED", "ConceptKind", "ListPage", "PageTable"]


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table of a concept's page: the dimension that its rows are values of, its heading, its first column's name."""

    dimension: str
    heading: str
    column: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """The page that lists all concepts of a kind.

    `short` is its title in a navigation, `lead` what stands under the title; `group` is the heading of its one part
    where nothing divides the list.
    """

    path: str
    title: str
    short: str
    lead: str
    group: str = "By number of decisions"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptKind:
    """A kind of concept.

    `name` is what the names of its resources begin with (`treatment-mri`), its dimension and its type as a parameter.
    `title` names one of it, `plural` several in running text. `scheme` is the attribute of `vocabulary.Vocabulary`
    that holds its concepts. `minted_class` is the class of the ontology that letters bring further nodes of (None where
    the vocabulary has all). `unique_names` says that a name means one of them at most.

    `clause` follows a number of disputed items ("rest on it"), `clause_of_none` follows "No disputed item of these
    letters". `tables` count the items that refer to it, or whose review rests on it; `denial_tables` those whose denial
    rests on it, where both sides cite it. A profile counts by the dimensions of these tables and by `counted_by`.
    `network` is the projection that readers can walk in. `list_page` is its list, `listed_with` the kind in whose list
    it stands instead.
    """

    name: str
    title: str
    plural: str
    scheme: str | None = None
    minted_class: str | None = None
    unique_names: bool = True
    clause: str = "rest on it"
    clause_of_none: str = "rests on it"
    tables: tuple[PageTable, ...] = ()
    denial_tables: tuple[PageTable, ...] = ()
    counted_by: tuple[str, ...] = ()
    network: str | None = None
    list_page: ListPage | None = None
    listed_with: str | None = None
    suggested: bool = False
    in_sitemap: bool = True

    @property
    def dimension(self) -> Dimension:
        """The dimension whose values are these concepts."""
        return DIMENSIONS[self.name]

    @property
    def both_sides(self) -> bool:
        """Whether the expert reviewer and the claims administrator can both rest on it."""
        return f"denial-{self.name}" in DIMENSIONS

    @property
    def listing(self) -> ListPage:
        """The list that it stands in: its own, or that of the kind it is listed with."""
        page = self.list_page or (KINDS[self.listed_with].list_page if self.listed_with else None)
        if page is None:
            raise ValueError(f"the kind {self.name!r} has no list_page and is listed with no kind that has one")
        return page

    def concepts(self) -> Scheme[Any]:
        """Return its concepts in the vocabulary, none where all come from letters."""
        return getattr(vocabulary.load(), self.scheme) if self.scheme else Scheme(self.title.lower(), ())

    def iri(self, id: str, base: str = iris.BASE) -> str:
        """Return the IRI of a concept by its id; `base` starts the IRIs of what letters bring.

        >>> KINDS["section"].iri("odg-mris", "https://example.org/id/")
        'https://example.org/id/section-odg-mris'
        """
        if self.minted_class is None:  # the levels of a category's id are parted by slashes
            return f"{iris.BASE}{self.name}-{quote(id.replace('/', '-'), safe='')}"
        known = f"{iris.BASE}{self.name}-{id}"
        return known if vocabulary.load().concept(known) else f"{base}{self.name}-{id}"

    def concept(self, name: str) -> Concept | None:
        """Return the concept of the vocabulary with an IRI, or with the name that the IRI ends with."""
        return vocabulary.load().concept(f"{iris.BASE}{iris.local_name(name)}")

    def id_of(self, name: str) -> str:
        """Return the id of a concept by its IRI, or by the name that the IRI ends with (`treatment-mri`)."""
        concept = self.concept(name) if self.minted_class is None else None
        return concept.id if concept else iris.local_name(name).removeprefix(f"{self.name}-")


_TREATMENTS: Final = PageTable("treatment", "Treatments", "Treatment")
_CATEGORIES: Final = PageTable("category", "Kinds of treatment", "Category")
_GUIDELINES: Final = PageTable("guideline", "Guidelines the reviewer rested on", "Guideline")
_SECTIONS: Final = PageTable("section", "Sections the reviewer rested on", "Section")
_PAGES: Final = PageTable("page", "Pages the reviewer rested on", "Page")
_SPECIALTIES: Final = PageTable("specialty", "Reviewers’ specialties", "Specialty")
_REGIONS: Final = PageTable("region", "Body regions", "Body region")
_DENIAL_GUIDELINES: Final = PageTable("denial-guideline", "Guidelines the denial rested on", "Guideline")
_DENIAL_SECTIONS: Final = PageTable("denial-section", "Sections the denial rested on", "Section")
_DENIAL_PAGES: Final = PageTable("denial-page", "Pages the denial rested on", "Page")
_REASONS: Final = PageTable("reason", "Reasons given", "Reason")
_DENIED: Final = PageTable("treatment", "Treatments denied on it", "Treatment")
_DECIDED: Final = PageTable("treatment", "Treatments decided on it", "Treatment")


def _other_side(name: str, column: str) -> tuple[PageTable, PageTable]:
    """Return the tables of what one side cites where the other cites a concept: the denial's, the reviewer's."""
    return (
        PageTable(f"denial-{name}", "What the denial rested on there", column),
        PageTable(name, "What the reviewer rested on there", column),
    )


_ROWS: Final = (
    ConceptKind(
        name="treatment", title="Treatment", plural="treatments", scheme="treatments", suggested=True,
        clause="ask for it", clause_of_none="asks for this treatment", network="treatment-co-request",
        tables=(_GUIDELINES, _DENIAL_GUIDELINES, _SECTIONS, _DENIAL_SECTIONS, _PAGES, _DENIAL_PAGES, _SPECIALTIES,
                _REGIONS, _REASONS),
        list_page=ListPage("/treatments", "Treatments", "Treatments",
                           "What disputed items ask for, by category, with how the expert reviewers decided."),
    ),
    ConceptKind(
        name="category", title="Treatment category", plural="categories", scheme="categories", suggested=True,
        clause="ask for treatment of this category", clause_of_none="asks for treatment of this category",
        tables=(_TREATMENTS, _GUIDELINES, _SECTIONS, _DENIAL_GUIDELINES, _SPECIALTIES, _REGIONS, _REASONS),
        listed_with="treatment",
    ),
    ConceptKind(
        name="guideline", title="Guideline", plural="guidelines", scheme="guidelines",
        minted_class="Guideline", suggested=True,
        network="guideline-co-citation",
        tables=(_DECIDED, PageTable("section", "Sections", "Section"), PageTable("page", "Pages", "Page"),
                _SPECIALTIES, _other_side("guideline", "Guideline")[0]),
        denial_tables=(_DENIED, _other_side("guideline", "Guideline")[1]),
        counted_by=("category", "guideline"),
        list_page=ListPage("/guidelines", "Guidelines", "Guidelines",
                           "What expert reviewers rest their decisions on. Each guideline’s page also has the denials "
                           "that cite it."),
    ),
    ConceptKind(
        name="section", title="Section of a guideline", plural="sections", scheme="all_sections",
        minted_class="Section", unique_names=False,
        tables=(_DECIDED, PageTable("page", "Pages cited with it", "Page"), _SPECIALTIES,
                PageTable("section", "Sections cited with it", "Section"), _other_side("section", "Section")[0]),
        denial_tables=(_DENIED, _other_side("section", "Section")[1]), counted_by=("category",),
        listed_with="guideline",
    ),
    ConceptKind(
        name="page", title="Page of a guideline", plural="pages", minted_class="Page", in_sitemap=False,
        tables=(_DECIDED, PageTable("section", "Sections cited with it", "Section"), _SPECIALTIES,
                PageTable("page", "Pages cited with it", "Page"), _other_side("page", "Page")[0]),
        denial_tables=(_DENIED, _other_side("page", "Page")[1]), counted_by=("category",),
        listed_with="guideline",
    ),
    ConceptKind(
        name="specialty", title="Specialty of expert reviewers", plural="specialties", scheme="specialties",
        minted_class="Specialty", suggested=True,
        clause="were reviewed by it", clause_of_none="was reviewed by this specialty",
        tables=(_CATEGORIES, _TREATMENTS, _GUIDELINES, PageTable("state", "States of licensure", "State"), _REASONS),
        list_page=ListPage("/specialties", "Reviewers’ specialties", "Specialties",
                           "Expert reviewers are anonymous; letters give their specialties. Shares differ with what "
                           "they are asked."),
    ),
    ConceptKind(
        name="state", title="State of licensure", plural="states", scheme="states", suggested=True,
        clause="had a reviewer licensed there", clause_of_none="had a reviewer licensed there",
        tables=(_CATEGORIES, _TREATMENTS, _SPECIALTIES),
        list_page=ListPage("/states", "Reviewers’ states of licensure", "States",
                           "Expert reviewers are anonymous; letters give the states in which they are licensed, often "
                           "several."),
    ),
    ConceptKind(
        name="reason", title="Reason of decisions", plural="reasons", scheme="reasons", suggested=True,
        clause="give it", clause_of_none="gives this reason",
        tables=(_TREATMENTS, _CATEGORIES, _GUIDELINES, _SECTIONS, _SPECIALTIES,
                PageTable("reason", "Reasons given with it", "Reason")),
        list_page=ListPage("/reasons", "Reasons of decisions", "Reasons",
                           "What expert reviewers say that carries a decision. A reason belongs to decisions of one "
                           "direction: what counts is how often it is given."),
    ),
    ConceptKind(
        name="region", title="Body region", plural="body regions", scheme="body_regions", suggested=True,
        in_sitemap=False,
        clause="concern it", clause_of_none="concerns it",
        tables=(_CATEGORIES, _TREATMENTS, _GUIDELINES, _SECTIONS, _SPECIALTIES),
        list_page=ListPage("/regions", "Body regions", "Body regions",
                           "The parts of the body that disputed items name."),
    ),
)  # fmt: skip

KINDS: Final[Mapping[str, ConceptKind]] = {row.name: row for row in _ROWS}
"""By name; what the names of resources begin with."""

LISTED: Final[Mapping[str, ConceptKind]] = {row.list_page.path: row for row in _ROWS if row.list_page}
"""The kinds with a list of their own, by its path."""
