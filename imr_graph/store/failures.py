"""What the system and the databases refuse, as one sentence about the store that says the way out."""

from __future__ import annotations

import errno
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from imr_graph.errors import ImrGraphError, StoreError, ToolError, UsageError

__all__ = [
    "failure_sentence",
    "is_database_failure",
    "translate_errors",
    "translate_table_errors",
]

_REFUSALS: Final = ("Corruption", "IO error", "Invalid argument")  # as the graph's database begins them
_STORE_OF: Final = re.compile(r"(\S+)/(?:generations|tables)/")  # the folder of the store, from a file's path


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn an operating system's refusal into a sentence about the store."""
    try:
        yield
    except (FileNotFoundError, ImrGraphError):
        raise
    except (OSError, sqlite3.DatabaseError, RuntimeError) as error:  # the graph's database raises RuntimeError
        if isinstance(error, RuntimeError) and not is_database_failure(error):
            raise
        raise StoreError(_sentence(path, error)) from error


def is_database_failure(error: Exception) -> bool:
    """Say whether an error is a database's refusal: damage, no space, no permission.

    >>> is_database_failure(RuntimeError("Corruption: block checksum mismatch")), is_database_failure(RuntimeError(""))
    (True, False)
    """
    return isinstance(error, sqlite3.DatabaseError) or str(error).startswith(_REFUSALS)


def failure_sentence(error: Exception) -> str:
    """Return the sentence for a database's refusal that nobody met nearer to its place."""
    found = _STORE_OF.search(str(error))
    return _sentence(Path(found[1]) if found else Path("that the command reads"), error)


def _sentence(path: Path, error: Exception) -> str:
    words = " ".join(str(error).split())  # the databases pass the system's words on, not always its number
    number, named = getattr(error, "errno", None), getattr(error, "filename", None)
    if number in (errno.ENOSPC, getattr(errno, "EDQUOT", None)) or "No space left" in words:
        return f"The disk that holds the store {path} is full: free some and try again; nothing is lost."
    if number in (errno.EACCES, errno.EPERM, errno.EROFS) or "Permission denied" in words or "Read-only" in words:
        which = f" ({named or words})" if named or str(path) in words else ""
        return (
            f"The store {path} cannot be written to or read{which}: change its permissions, or choose another folder."
        )
    if number in (errno.ENOTDIR, errno.EEXIST):
        return f"{path} is not a folder: name a folder for the store."
    return (
        f"The store {path} cannot be used ({words}): imr-graph verify --store {path} says which file is damaged and "
        "what to do."
    )


@contextmanager
def translate_table_errors(store: Path) -> Iterator[None]:
    """Turn DuckDB's refusals into a sentence about the store."""
    import duckdb

    wrong = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException)
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise ToolError("The table needs more memory or temporary disk space than there is: free some.") from error
    except wrong as error:
        raise UsageError(f"The table cannot be asked that: {str(error).partition(chr(10))[0]}.") from error
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise StoreError(
            f"The table of the store {store} cannot be used ({reason}): free the disk if it is full, open the store "
            f"again if it was changed meanwhile, or make the table anew with imr-graph reindex --store {store}."
        ) from error
