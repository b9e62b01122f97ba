"""Tables as files: CSV and Parquet, written a few rows at a time."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from morula.errors import RequestError
from morula.files import whole_file

Row = Mapping[str, Any]
WriteRows = Callable[[Sequence[Row]], None]

DIGITS = 7
"""Of a number in a CSV file: more than any measure of pixels is worth."""


KINDS: Mapping[str, type] = {"U": str, "i": int, "u": int, "f": float}
"""What NumPy's kinds of columns hold."""


@contextmanager
def open_table(path: Path, columns: Mapping[str, type]) -> Iterator[WriteRows]:
    """Write rows into a table that appears whole or not at all; a value that is missing or None stays empty.

    Args:
        path: ends in `.csv` or `.parquet`.
        columns: their names in order, with `str`, `int` or `float`.

    Raises:
        RequestError: the path has another ending.
        OutputError: the file cannot be written.
    """
    ensure_table(path)
    with whole_file(path) as temporary:
        write = _parquet if path.suffix.lower() == ".parquet" else _csv
        with write(temporary, columns) as rows:
            yield rows


def write_columns(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    """Write a table of columns, all at once; NaN stays empty.

    Args:
        path: ends in `.csv` or `.parquet`.
        columns: of equal length; texts, whole numbers or floating-point ones.

    Raises:
        RequestError: the path has another ending.
        OutputError: the file cannot be written.
    """
    kinds = {name: KINDS[column.dtype.kind] for name, column in columns.items()}
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    with open_table(path, kinds) as write:
        write([dict(zip(columns, map(_known, row), strict=True)) for row in rows])


def ensure_table(path: Path) -> None:
    """Refuse a table of an unknown kind.

    Raises:
        RequestError: the path ends neither in `.csv` nor in `.parquet`.
    """
    if path.suffix.lower() not in (".csv", ".parquet"):
        raise RequestError(f"{path} ends in {path.suffix or 'nothing'}, and a table is written as .csv or .parquet. "
                           "Give it such a name.")


@contextmanager
def _csv(path: Path, columns: Mapping[str, type]) -> Iterator[WriteRows]:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()

        def write(rows: Sequence[Row]) -> None:
            writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)

        yield write


@contextmanager
def _parquet(path: Path, columns: Mapping[str, type]) -> Iterator[WriteRows]:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    with ParquetWriter(path, schema) as writer:

        def write(rows: Sequence[Row]) -> None:
            if rows:
                writer.write_table(pyarrow.Table.from_pylist([dict(row) for row in rows], schema=schema))

        yield write


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value


def _text(value: Any) -> Any:
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else value
