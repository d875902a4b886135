"""Letters: finding them and reading their text.

>>> from imr_graph.letters import find, read_letters
>>> list(read_letters(find(["no-such-folder"]), failed=print))
no-such-folder: does not exist: check the path.
[]
"""

from imr_graph.letters.find import find
from imr_graph.letters.limits import Limits, limit_reading
from imr_graph.letters.read import read_letter, read_letters
from imr_graph.letters.source import Source

__all__ = ["Limits", "Source", "find", "limit_reading", "read_letter", "read_letters"]
