"""The components of the pages side by side, with made-up content, for those who develop them (setting `patterns`)."""

from __future__ import annotations

from typing import Any, Final

from imr_graph import iris as terms
from imr_graph.analysis.dimensions.values import Value
from imr_graph.analysis.networks.ego_network import EgoNetwork, Neighbor
from imr_graph.analysis.precedents.evidence import Quotation
from imr_graph.analysis.precedents.precedents import Contrast, Precedent
from imr_graph.analysis.precedents.requirements import Criterion, CriterionSide
from imr_graph.analysis.statistics.overturn_rates import rate_group
from imr_graph.website import urls
from imr_graph.website.concepts import Walk
from imr_graph.website.forms import DECISIONS, FormField
from imr_graph.website.site import Page, PageRequest
from imr_graph.website.svg.charts import ChartSet, draw_bars, draw_matrix
from imr_graph.website.svg.network import draw_network
from imr_graph.website.svg.periods import draw_periods

__all__ = ["show_patterns"]

_MRI: Final = Value("mri", "Magnetic resonance imaging", terms.treatment_iri("mri"))
_ACUPUNCTURE: Final = Value("acupuncture", "Acupuncture", terms.treatment_iri("acupuncture"))
_UNKNOWN: Final = Value(None, "not stated")
_YEARS: Final = tuple(Value(str(year), str(year)) for year in range(2014, 2019))


async def show_patterns(_asked: PageRequest) -> Page:
    """Show every component of `templates/components.html`."""
    return Page("patterns.html", title="Patterns", samples=_samples())


def _samples() -> dict[str, Any]:
    groups = [rate_group((_MRI,), 420, 96), rate_group((_ACUPUNCTURE,), 61, 9), rate_group((_UNKNOWN,), 12, 5)]
    years = [rate_group((year,), 20 * n + 9, 4 * n) for n, year in enumerate(_YEARS)]
    treatments = (_MRI, _ACUPUNCTURE)
    crossed = [rate_group((one, year), 10 * n + 8, 2 * n) for one in treatments for n, year in enumerate(_YEARS)]
    charts = tuple((name, chart) for name in ("One", "The other") if (chart := draw_periods(years)))
    upheld, overturned = _precedent("upheld", 1), _precedent("overturned", 2)
    return {
        "value": _MRI,
        "group": groups[0],
        "small_group": groups[2],
        "groups": groups,
        "bars": draw_bars(groups, "Treatment", "Shares as bars"),
        "years": draw_periods(years),
        "matrix": draw_matrix(crossed),
        "charts": ChartSet(periods=charts),
        "precedent": overturned,
        "pair": Contrast((_MRI,), overturned, upheld),
        "fields": (
            FormField("text", "Words", value="MRI", hint="With names to choose from.", choices=(("MRI", "MRI"),)),
            FormField("choice", "Decision", "select", "upheld", choices=(("", "any"), *DECISIONS)),
            FormField("day", "Decided from", "date", "2016-07-28"),
            FormField("number", "At least", "number", "x", required=True, least=1, error="This is no whole number.",
                  near=(("1", urls.PATTERNS), ("10", urls.PATTERNS))),
        ),
        "criteria": (Criterion(_side("no-functional-improvement", 40), _side("functional-improvement", 7), None, 0),),
        "walk": _walk(),
    }  # fmt: skip


def _precedent(decision: str, position: int) -> Precedent:
    case = "CM16-9990007"
    words = (Quotation("reason", "The records show no functional improvement.", None, None),)
    return Precedent(
        case=case,
        position=position,
        iri=terms.item_iri(terms.case_iri(case), position),
        service="MRI of the left knee",
        decision=decision,
        decided="2016-11-02",
        step="same treatment",
        score=8.0,
        shared=(),
        reason="same treatment",
        quotations=words,
    )


def _side(id: str, given: int) -> CriterionSide:
    reason = Value(id, id.replace("-", " ").capitalize(), terms.BASE + f"reason-{id}")
    return CriterionSide(reason, given, 100, 60, given / 100, 0.01, 0.5, False, None)


def _walk() -> Walk:
    neighbors = tuple(
        Neighbor(terms.treatment_iri(id), "treatment", label, rate_group((), 30 - n, 6))
        for n, (id, label) in enumerate((("acupuncture", "Acupuncture"), ("tramadol", "tramadol")))
    )
    around = EgoNetwork(_MRI.iri or "", _MRI.label, "case", 57, neighbors, 4, ((0, 1, 9),))
    return Walk("treatment", "treatment-mri", _MRI.label, "treatment-mri", urls.NETWORK, draw_network(around))
