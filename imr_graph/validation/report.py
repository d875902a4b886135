"""What validation found: counts that add up over chunks, and their rendering."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

__all__ = ["NodeCount", "Severity", "ShapeInfo", "ValidationReport", "as_record", "as_text", "merge_reports"]

Severity = Literal["violation", "warning", "info"]
_ORDER: Mapping[str, int] = {"violation": 0, "warning": 1, "info": 2}
_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class ShapeInfo:
    """What a shape says of itself.

    `targets` are the classes or properties that choose its nodes, by local names; `required` says that a graph of
    letters always has such nodes, so that to have looked at none is a failure.
    """

    name: str
    path: str
    message: str
    severity: Severity
    targets: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class NodeCount:
    """A count of nodes that adds up over chunks of a graph.

    `own` counts nodes that belong to one case; nodes that cases share may come up in several chunks and are kept by
    name. `examples` are the first few names of both kinds.
    """

    own: int = 0
    shared: frozenset[str] = frozenset()
    examples: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """The number of nodes."""
        return self.own + len(self.shared)

    def __add__(self, other: NodeCount) -> NodeCount:
        examples = tuple(sorted({*self.examples, *other.examples})[:_EXAMPLES])
        return NodeCount(self.own + other.own, self.shared | other.shared, examples)

    @staticmethod
    def of(nodes: Iterable[str], shared: Iterable[str]) -> NodeCount:
        """Return the tally of one chunk's nodes: those of single cases, and those that cases share."""
        own, common = set(nodes), frozenset(shared)
        return NodeCount(len(own), common, tuple(sorted(own | common)[:_EXAMPLES]))


@dataclass(frozen=True)
class ValidationReport:
    """What validation looked at and found, by the names of shapes; `merge_reports` puts those of chunks together.

    `engine` names what looked, in the report of a build.
    """

    shapes: Mapping[str, ShapeInfo] = field(default_factory=dict)
    looked_at: Mapping[str, NodeCount] = field(default_factory=dict)
    found: Mapping[str, NodeCount] = field(default_factory=dict)
    engine: str = ""

    @property
    def unchecked(self) -> tuple[str, ...]:
        """The shapes that found nothing to check although every graph of letters has such nodes."""
        return tuple(n for n, shape in self.shapes.items() if shape.required and not self._count(self.looked_at, n))

    @property
    def conforms(self) -> bool:
        """Whether something was checked and no shape is violated; warnings and information do not count."""
        return bool(self.shapes) and not self.unchecked and not self.count("violation")

    @property
    def exit_code(self) -> int:
        """What a command ends with: 0 where the data conforms, 1 where it does not."""
        return 0 if self.conforms else 1

    def count(self, severity: Severity) -> int:
        """Return the number of findings of a severity: pairs of a shape and a node that it found at fault."""
        return sum(tally.count for name, tally in self.found.items() if self.shapes[name].severity == severity)

    def faults(self) -> tuple[tuple[ShapeInfo, NodeCount], ...]:
        """Return what was found, violations first, then by shape."""
        found = [(self.shapes[name], tally) for name, tally in self.found.items() if tally.count]
        return tuple(sorted(found, key=lambda pair: (_ORDER[pair[0].severity], pair[0].name)))

    @staticmethod
    def _count(tallies: Mapping[str, NodeCount], name: str) -> int:
        return tallies[name].count if name in tallies else 0


def merge_reports(reports: Iterable[ValidationReport]) -> ValidationReport:
    """Return the report of a whole from the reports of its chunks, in any order."""
    shapes: dict[str, ShapeInfo] = {}
    looked_at: dict[str, NodeCount] = {}
    found: dict[str, NodeCount] = {}
    for report in reports:
        shapes.update(report.shapes)
        for into, what in ((looked_at, report.looked_at), (found, report.found)):
            for name, tally in what.items():
                into[name] = into.get(name, NodeCount()) + tally
    return ValidationReport(dict(sorted(shapes.items())), looked_at, found)


def as_record(report: ValidationReport) -> dict[str, Any]:
    """Return a report as a JSON object: equal reports give equal objects."""
    return {
        "conforms": report.conforms,
        "engine": report.engine,
        "violations": report.count("violation"),
        "warnings": report.count("warning"),
        "infos": report.count("info"),
        "unchecked": list(report.unchecked),
        "findings": [
            {
                "severity": shape.severity,
                "shape": shape.name,
                "path": shape.path,
                "message": shape.message,
                "nodes": tally.count,
                "of": report.looked_at[shape.name].count,
                "examples": list(tally.examples),
            }
            for shape, tally in report.faults()
        ],
        "looked_at": {name: report.looked_at[name].count for name in report.shapes},
    }


def as_text(report: ValidationReport, *, every_shape: bool = True) -> str:
    """Return a report for people; `every_shape` adds how many nodes each shape looked at."""
    counts = ", ".join(
        f"{report.count(s):,} {s}{'' if report.count(s) == 1 else 's'}" for s in ("violation", "warning", "info")
    )
    by = f" (looked at by {report.engine})" if report.engine else ""
    lines = [f"{'Conforms' if report.conforms else 'Does not conform'}: {counts}{by}."]
    if report.conforms and report.faults():
        lines.append("Warnings and information are results too; that the graph conforms says that no rule is violated.")
    if report.unchecked or not report.shapes:
        missing = sorted({target for name in report.unchecked for target in report.shapes[name].targets})
        lines.append(f"Nothing to check does not count as a pass: there is no {' and no '.join(missing) or 'shape'}.")
    for shape, tally in report.faults():
        place = f" ({shape.path})" if shape.path else ""
        lines += [
            "",
            f"{shape.severity} {shape.name}{place}: {tally.count:,} of {report.looked_at[shape.name].count:,} nodes",
            f"  {shape.message}",
            *(f"  {example}" for example in tally.examples),
        ]
        if tally.count > len(tally.examples):
            lines.append(f"  and {tally.count - len(tally.examples):,} more")
    if every_shape:
        lines += ["", "Nodes looked at:"]
        lines += [f"  {report.looked_at[name].count:>9,}  {name}" for name in report.shapes]
    return "\n".join(lines) + "\n"
