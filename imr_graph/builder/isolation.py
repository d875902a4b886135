"""Shards in spite of letters that worker processes die of: such a letter is found, reported and passed over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from imr_graph.builder.executors import Died, Engine
from imr_graph.builder.worker import Done, ShardTask, make_shard, try_letter
from imr_graph.errors import ToolError

__all__ = ["CRASHED", "make_shards"]

CRASHED = "made the reader crash, so it was passed over: please report it."


def make_shards(engine: Engine, tasks: Iterable[ShardTask]) -> Iterator[tuple[ShardTask, Done]]:
    """Yield each shard's task when the shard is made; those that a worker died of come last.

    Raises ToolError where workers die though every letter alone is well.
    """
    suspects = []
    for task, result in engine.run(make_shard, tasks):
        if isinstance(result, Died):
            suspects.append(task)
        else:
            yield task, result
    for task in suspects:
        yield task, _without_culprits(engine, task)


def _without_culprits(engine: Engine, task: ShardTask) -> Done:
    alone = (replace(task, contents=(content,)) for content in task.contents)
    culprits = {
        one.contents[0].digest: CRASHED for one, result in engine.run(try_letter, alone) if isinstance(result, Died)
    }
    for _, result in engine.run(make_shard, [replace(task, passed_over=culprits)]):
        if not isinstance(result, Died):
            return result
    raise ToolError(
        "Worker processes keep dying, perhaps because memory is short: use fewer --jobs, or close other programs; "
        "finished shards are kept."
    )
