"""One address for each kind of page."""

from __future__ import annotations

from collections.abc import Callable

from support.endpoint_server import Server

_MOST = "SELECT ?x (COUNT(?item) AS ?n) WHERE {{ ?item {path} ?x }} GROUP BY ?x ORDER BY DESC(?n) ?x LIMIT 1"


def at(path: str) -> Callable[[Server], str]:
    return lambda _server: path


def most(path: str) -> Callable[[Server], str]:
    """Return what finds the page of the node that most items (or reviewers) have by a path of properties."""

    def found(server: Server) -> str:
        [row] = server.ask(_MOST.format(path=path)).json()["results"]["bindings"]
        return f"/id/{row['x']['value'].rpartition('/')[2]}"

    return found


PAGES = {
    "home": at("/"),
    "search": at("/search"),
    "search with hits": at("/search?q=MRI"),
    "search without hits": at("/search?q=zzyzx"),
    "search with open facets": at("/search?q=pain&decision=upheld&count=treatment"),
    "search that cannot be asked": at("/search?q=%22x"),
    "case": at("/id/case-CM16-9990321"),
    "case with hostile words": at("/id/case-CM16-9990322"),
    "case with corrections": at("/id/case-CM16-9990324"),
    "case that was not all understood": at("/id/case-CM16-9990325"),
    "resource without a page of its kind": at("/id/scheme-specialties"),
    "disputed item": at("/id/case-CM16-9990321-item-3"),
    "treatment": most("imr:requestsTreatment"),
    "guideline": most("imr:basedOnGuideline"),
    "section": most("imr:basedOnSection"),
    "page of a guideline": most("imr:basedOnPage"),
    "category": most("imr:requestsTreatment/skos:broader"),
    "specialty": most("imr:hasSpecialty"),
    "state": most("imr:licensedIn"),
    "region": most("imr:bodyRegion"),
    "citation": most("imr:hasCitation"),
    "precedents": at("/precedents?treatment=mri"),
    "requirements": at("/requirements?q=MRI+of+the+knee"),
    "requirements to be filled in": at("/requirements"),
    "requirements of an unknown treatment": at("/requirements?q=zzyzx"),
    "network": at("/network?around=treatment-mri"),
    "treatments": at("/treatments"),
    "guidelines": at("/guidelines"),
    "statistics": at("/statistics"),
    "statistics by two dimensions": at("/statistics?by=treatment&then=year"),
    "statistics over time": at("/statistics?by=month"),
    "comparison": at("/compare?treatment=mri&treatment=acupuncture"),
    "comparison in a matrix": at("/compare?year=2016&year=2017"),
    "comparison to be filled in": at("/compare?treatment=mri"),
    "comparison of an unknown value": at("/compare?treatment=mri&treatment=accupunctur"),
    "embedded chart": at("/embed/statistics?by=category"),
    "embedded comparison": at("/embed/compare?treatment=mri&treatment=acupuncture"),
    "times": at("/statistics?figure=times"),
    "agreement": at("/statistics?figure=agreement&by=category"),
    "statistics of nothing": at("/statistics?treatment=naproxne"),
    "questions": at("/questions"),
    "question as a form": at("/questions/overturn-rate-by-guideline"),
    "question with a wrong value": at("/questions/items-citing-page?page=zzz"),
    "question with an answer": at("/questions/overturn-rate-by-year?minimum=1"),
    "question with a chart": at("/questions/overturn-rate-by-category?minimum=1"),
    "query editor": at("/sparql"),
    "data": at("/data"),
    "addresses for programs": at("/api"),
    "columns": at("/data/columns"),
    "ontology": at("/ontology"),
    "shapes": at("/shapes"),
    "quality": at("/quality"),
    "about": at("/about"),
    "glossary": at("/glossary"),
    "help": at("/help"),
    "getting letters": at("/letters"),
    "failure": at("/nonsense"),
}


REFUSED = {
    "failure": 404,
    "search that cannot be asked": 400,
    "question with a wrong value": 400,
    "statistics of nothing": 400,
    "comparison of an unknown value": 400,
    "requirements of an unknown treatment": 400,
}
