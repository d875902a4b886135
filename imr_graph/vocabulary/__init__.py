"""The controlled vocabularies of `ontology/`: surface form -> concept, or nothing.

>>> from imr_graph import vocabulary
>>> known = vocabulary.load()
>>> known.states.unique_by_label("california").id
'US-CA'
>>> [(m.value.id, m.start, m.end) for m in known.body_regions.matcher.find("MRI of the right knees")]
[('knee', 17, 22)]
"""

from imr_graph.vocabulary.concepts import KINDS, Concept, Guideline, Kind, Scheme, Section, Treatment
from imr_graph.vocabulary.loading import Vocabulary, load, load_version, read
from imr_graph.vocabulary.matching import Match, Matcher, Words, normalise, split, split_words

__all__ = [
    "KINDS",
    "Concept",
    "Guideline",
    "Kind",
    "Match",
    "Matcher",
    "Scheme",
    "Section",
    "Treatment",
    "Vocabulary",
    "Words",
    "load",
    "load_version",
    "normalise",
    "read",
    "split",
    "split_words",
]
