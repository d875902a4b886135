"""Reading letters: from text to a determination with the place of every value.

>>> from imr_graph.extraction import extract
>>> from imr_graph.letters import read_letter
>>> from imr_graph.resources import examples
>>> determination = extract(read_letter(examples() / "CM14-9990003.txt"))
>>> [(item.service, item.decision) for item in determination.items][1:]
[('LORAZEPAM 1MG #30', 'upheld'), ('GABAPENTIN 300MG #90', 'overturned')]
"""

from imr_graph.extraction.determination import extract, extract_all, incompleteness

__all__ = ["extract", "extract_all", "incompleteness"]
