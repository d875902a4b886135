"""The same facts through maplib, from the tables, by OTTR templates: `maplib_write.py PREPARED OUT`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars
from maplib import Model
from stopwatch import Stopwatch

_XSD = "http://www.w3.org/2001/XMLSchema#"
_COLUMNS = {f"{_XSD}integer": polars.Int64, f"{_XSD}boolean": polars.Boolean, f"{_XSD}date": polars.Date}
_HEAD = f"@prefix t: <urn:t/> .\n@prefix xsd: <{_XSD}> .\n@prefix ottr: <http://ns.ottr.xyz/0.4/> .\n"


def main(prepared: Path, out: Path) -> None:
    """Time reading the tables, mapping and writing."""
    tables = prepared / "tables"
    described = json.loads((tables / "tables.json").read_text())
    watch = Stopwatch()
    model = Model()
    for name, columns in described.items():
        model.add_template(_template(name, [tuple(column) for column in columns]))
        types = {f"c{n}": _COLUMNS.get(kind, polars.String) for n, (_, kind) in enumerate(columns)}
        frame = polars.read_csv(tables / f"{name}.csv", schema={"s": polars.String, **types})
        model.map(f"urn:t/{name}", frame)
    model.write(str(out), format="ntriples")
    took = watch.read()
    with out.open("rb") as file:
        print(json.dumps({**took, "triples": sum(1 for _ in file)}))


def _template(name: str, columns: list[tuple[str, str]]) -> str:
    """Return a template; what OTTR has no type for (languages, datatypes of one's own) becomes a plain string."""
    parameters = ["ottr:IRI ?s"]
    triples = []
    for number, (iri, kind) in enumerate(columns):
        known = kind.removeprefix(_XSD) if kind in _COLUMNS else "string"
        parameters.append(f"? {'ottr:IRI' if kind == 'iri' else f'xsd:{known}'} ?c{number}")
        triples.append(f"ottr:Triple(?s, <{iri}>, ?c{number})")
    return f"{_HEAD}t:{name} [ {', '.join(parameters)} ] :: {{ {', '.join(triples)} }} ."


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
