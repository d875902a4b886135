"""The same facts through morph-kgc, from the tables, in one process: `morph_kgc_write.py PREPARED OUT`."""

from __future__ import annotations

import json
import logging
import runpy
import sys
from pathlib import Path

import morph_kgc  # noqa: F401  # its import is no part of the work
from stopwatch import Stopwatch

_HEAD = """@prefix rr: <http://www.w3.org/ns/r2rml#> .
@prefix rml: <http://semweb.mmlab.be/ns/rml#> .
@prefix ql: <http://semweb.mmlab.be/ns/ql#> .
"""
_TABLE = """
<urn:table:{name}> a rr:TriplesMap ;
  rml:logicalSource [ rml:source "{file}" ; rml:referenceFormulation ql:CSV ] ;
  rr:subjectMap [ rml:reference "s" ; rr:termType rr:IRI ] """
_COLUMN = """;
  rr:predicateObjectMap [ rr:predicate <{property}> ; rr:objectMap [ rml:reference "c{number}" ; {kind} ] ] """
_SETTINGS = """[CONFIGURATION]
output_file: {out}
output_format: N-TRIPLES
number_of_processes: 1
logging_level: ERROR
na_values:

[facts]
mappings: {rules}
"""


def main(prepared: Path, out: Path) -> None:
    """Time reading the mapping and the tables, and writing."""
    rules, settings = out.with_suffix(".rml.ttl"), out.with_suffix(".ini")
    rules.write_text(_rules(prepared / "tables"))
    settings.write_text(_SETTINGS.format(out=out, rules=rules))
    out.unlink(missing_ok=True)
    sys.argv = ["morph_kgc", str(settings)]
    logging.disable(logging.WARNING)
    watch = Stopwatch()
    runpy.run_module("morph_kgc", run_name="__main__")
    took = watch.read()
    with out.open("rb") as file:
        print(json.dumps({**took, "triples": sum(1 for _ in file)}))


def _rules(tables: Path) -> str:
    parts = [_HEAD]
    for name, columns in json.loads((tables / "tables.json").read_text()).items():
        parts.append(_TABLE.format(name=name, file=tables / f"{name}.csv"))
        for number, (iri, kind) in enumerate(columns):
            parts.append(_COLUMN.format(property=iri, number=number, kind=_kind(kind)))
        parts.append(".\n")
    return "".join(parts)


def _kind(kind: str) -> str:
    if kind == "iri":
        return "rr:termType rr:IRI"
    return f'rr:language "{kind[1:]}"' if kind.startswith("@") else f"rr:datatype <{kind}>"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
