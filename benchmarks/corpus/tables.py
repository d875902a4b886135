"""Tables written as text: one row a line, long rows go on in lines that begin with white space, cells parted by `|`."""

from __future__ import annotations

__all__ = ["cells", "names", "rows"]


def rows(block: str) -> tuple[str, ...]:
    """Return the rows of a block.

    >>> rows('''
    ... one row
    ...     that goes on
    ... another
    ... ''')
    ('one row that goes on', 'another')
    """
    found: list[str] = []
    for line in block.strip("\n").splitlines():
        if line[:1].isspace():
            found[-1] += f" {line.strip()}"
        elif line:
            found.append(line)
    return tuple(found)


def cells(row: str) -> list[str]:
    """Return the cells of a row, without the white space around them."""
    return [cell.strip() for cell in row.split("|")]


def names(cell: str) -> tuple[str, ...]:
    """Return the names in a cell; they are parted by semicolons."""
    return tuple(name.strip() for name in cell.split(";") if name.strip())
