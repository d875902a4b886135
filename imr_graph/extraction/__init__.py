"""Reading letters: from text to a determination with the place of every value.

>>> from imr_graph.extraction import extract
>>> from imr_graph.letters import read_letter
>>> from imr_graph.resources import examples
>>> determination = extract(read_letter(examples() / "CM14-9990003.txt"))
>>> [(item.service, item.decision) for item in determination.items][1:]
[('LORAZEPAM 1MG #30', 'upheld'), ('GABAPENTIN 300MG #90', 'overturned')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imr_graph.extraction.determination import extract, extract_all, incompleteness

__all__ = ["extract", "extract_all", "incompleteness"]


def __getattr__(name: str) -> Any:
    """Import the rules when a letter is read: a question that names pages needs only how pages are written."""
    if name in __all__:
        from imr_graph.extraction import determination

        return getattr(determination, name)
    raise AttributeError(f"module 'imr_graph.extraction' has no attribute {name!r}")
