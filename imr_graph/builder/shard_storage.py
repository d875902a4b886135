"""Where shards lie while a build works: a folder, or any file system that fsspec knows, by its URL.

A file appears whole or not at all. Workers get the folder by value, so that those on other machines can write to it.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imr_graph.errors import ImrGraphError, StoreError, UsageError

__all__ = ["ShardFolder"]


@dataclass(frozen=True, slots=True)
class ShardFolder:
    """A folder by its path, or by a URL such as `s3://bucket/shards`."""

    place: str

    def make(self) -> None:
        """Make the folder where there is none."""
        with self._translate_errors():
            if self._local:
                os.makedirs(self.place, exist_ok=True)
            else:
                system, path = self._remote()
                system.makedirs(path, exist_ok=True)

    def names(self) -> tuple[str, ...]:
        """Return the names of the files, sorted."""
        with self._translate_errors():
            if self._local:
                return tuple(sorted(os.listdir(self.place)))
            system, path = self._remote()
            return tuple(sorted(found.rsplit("/", 1)[-1] for found in system.ls(path, detail=False)))

    def read(self, name: str) -> bytes:
        """Return a file's bytes; raise StoreError where they cannot be had."""
        with self._translate_errors():
            if self._local:
                return Path(self.place, name).read_bytes()
            system, path = self._remote()
            data: bytes = system.cat_file(f"{path}/{name}")
            return data

    def local_file(self, name: str) -> Path | None:
        """Return the path of a file that other libraries can read as it is; None where it has to be fetched.

        They take some signs in a path for a pattern.
        """
        return None if not self._local or any(sign in self.place for sign in "*?[]") else Path(self.place, name)

    def write(self, name: str, data: bytes) -> None:
        """Write a file; raise StoreError where it cannot be written."""
        temporary = f"{name}.{os.getpid()}.part"
        with self._translate_errors():
            if self._local:
                part = Path(self.place, temporary)
                try:
                    part.write_bytes(data)
                    part.replace(Path(self.place, name))
                except OSError:
                    part.unlink(missing_ok=True)
                    raise
            else:
                system, path = self._remote()
                system.pipe_file(f"{path}/{temporary}", data)
                system.mv(f"{path}/{temporary}", f"{path}/{name}")

    def clear(self, kept: Collection[str] = ()) -> None:
        """Delete what builds wrote here, except some shards; a file that cannot be deleted costs space alone."""
        for name in self.names():
            if name.startswith("shard-") and name.partition(".")[0] not in kept:
                with self._translate_errors():
                    if self._local:
                        Path(self.place, name).unlink(missing_ok=True)
                    else:
                        system, path = self._remote()
                        system.rm_file(f"{path}/{name}")

    @property
    def _local(self) -> bool:
        return "://" not in self.place

    def _remote(self) -> tuple[Any, str]:
        try:
            fsspec = importlib.import_module("fsspec")
            system, path = fsspec.core.url_to_fs(self.place)
        except (ImportError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise UsageError(
                f"Shards cannot be kept at {self.place} ({reason}): pip install 'imr-graph[remote]' and what the "
                "address needs, or name a folder."
            ) from None
        return system, path.rstrip("/")

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except ImrGraphError:
            raise
        except OSError as error:
            reason = error.strerror or " ".join(str(error).split()) or type(error).__name__
            raise StoreError(
                f"The folder of shards {self.place} cannot be used ({reason}): see that it is there, writable and not "
                "full, and build again; nothing is lost."
            ) from error
        except Exception as error:
            # Each remote file system raises errors of its own, which workers could not hand back.
            raise StoreError(f"The folder of shards {self.place} cannot be used ({error}): build again.") from None
