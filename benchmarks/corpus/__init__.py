"""A corpus to measure with: invented IMR letters of all known layouts, with the records expected of them.

Letter `i` of a seed is a pure function of (seed, i): corpora can be made in parts, in parallel and in any order. The
tables here (headings with their treatments, drugs, regions, guidelines) are the generator's own and share nothing
with the package that reads letters, so that an error on one side shows.

L3 to L6 follow the published letters. What the sources leave open was decided so:

* L0: the first line is "MEDICAL PROFESSIONAL REVIEWER DETERMINATION", the second the case number with its "IMR"
  ("IMR 13-000004"), which is the record's case number as it stands. One issue; heading and service are what follows
  "ISSUE AT DISPUTE:". The label of the rationale reads "... IS/WAS NOT MEDICALLY NECESSARY:" for upheld and
  "... IS/WAS MEDICALLY NECESSARY:" for overturned, and the rationale's last verdict agrees with it. Only the expert
  reviewer cites. There are no dates but those of the case summary, so only the date of injury is known.
* L1: case number and date of injury stand in lines of their own under the notice; the decision date is the notice's
  "Dated:"; application, denial and assignment dates come from the sentences (assigned: the Notice of Assignment).
  Decisions are numbered and given twice; heading and service are the words between "the request for" and " is ".
  Half of the negative decisions read "notmedically". No priority. The summary is what follows "Case Summary:".
* L2: the header table of L3 to L5. Items read "1. WORDS IS NOT MEDICALLY NECESSARY AND APPROPRIATE."; heading and
  service are WORDS, in capitals.
* L1 and L2 (and L0 for the reviewer): "... based its decision on the X, part of the MTUS." is an MTUS citation with
  the text X (without "the"); "..., which is not part of the MTUS." is a Non-MTUS citation. Pages stand after "page".
* L0 to L2 have no partial certifications and no prefixes.
* L3 and L4: seven of ten have the header table of L5, the others begin at the first capital heading; without the
  table, case number, priority and all dates but the injury's are unknown.
* L6 is L5 with the guidelines in force since December 2017; their section names are invented.
* "Associated service:" is dropped from the service like "Associated surgical service:"; "Retrospective:" (with a
  colon) like "Retrospective". In a partial certification the prefix is dropped from all three parts.
* A damaged letter has no record, but for one with a repeated page, whose record is that of the whole letter.
"""

from __future__ import annotations

from .damage import DAMAGES, Damage
from .layouts import LAYOUT_SHARES
from .letters import GeneratedLetter, generate, letter

__all__ = ["DAMAGES", "LAYOUT_SHARES", "Damage", "GeneratedLetter", "generate", "letter"]
