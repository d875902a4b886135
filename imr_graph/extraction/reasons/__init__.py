"""Why the expert reviewer decided so: the reasons that the rationale of a disputed item states.

Three steps, none of which guesses: a rationale is parted into sentences; of each it is asked whether it tells a rule of
a guideline or speaks of this patient, these records or this request; and in the latter, cues of absence ("no evidence
of", "was not documented") meet topics ("functional improvement", "red flags"). Cues and topics are data:
`ontology/reason-phrases.toml`.

>>> from imr_graph.extraction.reasons import find_reasons
>>> [found.reason for found in find_reasons("There is no evidence of red flags or radiculopathy.", "upheld")]
['lacks-red-flags', 'lacks-neurological-findings']
"""

from imr_graph.extraction.reasons.reasons import FoundReason, find_reasons

__all__ = ["FoundReason", "find_reasons"]
