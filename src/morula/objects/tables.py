"""Tables in memory and as files, CSV and Parquet: written a few rows at a time, and read whole."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from morula.cards import Card, Shown, grid
from morula.errors import FileError, RequestError, reason
from morula.files import whole_file
from morula.libraries import asked_of
from morula.plurals import listed, many
from morula.spreadsheets import csv_rows, written

if TYPE_CHECKING:
    import pyarrow

Row = Mapping[str, Any]
WriteRows = Callable[[Sequence[Row]], None]

DIGITS = 7
"""Of a number in a CSV file: more than any measure of pixels is worth."""


KINDS: Mapping[str, type] = {"U": str, "i": int, "u": int, "f": float}
"""What NumPy's kinds of columns hold."""

SHOWN_ROWS, SHOWN_COLUMNS = 8, 8
"""Of a table in a notebook."""

NUMBER = re.compile(r"[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)?|nan|[+-]?inf")
"""No name such as 007."""


@dataclass(frozen=True, eq=False, repr=False)
class Table(Shown):
    """A table in memory.

    Attributes:
        columns: their names in order, with `str`, `int` or `float`.
        rows: one mapping of names to values each; a value that is missing or None is unknown.
    """

    columns: Mapping[str, type]
    rows: tuple[Row, ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: str) -> list[Any]:
        """A column; None where a value is unknown."""
        if name not in self.columns:
            raise KeyError(f"There is no column {name!r}. There are {', '.join(self.columns)}.")
        return [row.get(name) for row in self.rows]

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """From a file that `save` wrote, or one of Morula's tables.

        Raises:
            FileError: the file cannot be read, or is no table.
            RequestError: the path is a folder, or ends neither in `.csv` nor in `.parquet`.
        """
        values = read_table(Path(path))
        rows = (dict(zip(values, row, strict=True)) for row in zip(*values.values(), strict=True))
        return cls({name: _kind(column) for name, column in values.items()}, tuple(rows))

    @property
    def card(self) -> Card:
        return Card(f"Table of {many(len(self), 'row')}", [("columns", listed(list(self.columns)))])

    def _repr_html_(self) -> str:
        """How a notebook shows it: the first rows of its first columns, and what all columns are called."""
        names = list(self.columns)[:SHOWN_COLUMNS]
        cells = ([_text(row.get(name)) for name in names] for row in self.rows[:SHOWN_ROWS])
        return self.card.html(grid(names, cells) if self.rows else "")

    def dataframe(self) -> Any:
        """The same as a DataFrame of pandas; whole numbers of which some are unknown become floating-point ones.

        Raises:
            RequestError: pandas is not installed.
        """
        with asked_of("pandas", "A DataFrame"):
            import pandas  # noqa: F401  (pyarrow makes it)
        return _arrow(self.columns, self.rows).to_pandas()

    def to_anndata(self, region: str = "labels") -> Any:
        """Measured objects as an AnnData, as scverse and SpatialData keep them; see `annotated_table`.

        Args:
            region: what the label image is called that the objects of a table without files are in.

        Raises:
            RequestError: anndata is not installed, or the table has no objects.
        """
        from morula.objects.annotated_table import annotated_table

        return annotated_table(self.columns, self.rows, region)

    def save(self, path: str | Path) -> None:
        """Write it as a file that ends in `.csv` or `.parquet`.

        Raises:
            RequestError: the path has another ending.
            OutputError: the file cannot be written.
        """
        with open_table(Path(path), self.columns) as write:
            write(self.rows)


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


def write_columns(path: Path, columns: Mapping[str, np.ndarray | Sequence[Any]]) -> None:
    """Write a table of columns, all at once; NaN and None stay empty.

    Args:
        path: ends in `.csv` or `.parquet`.
        columns: of equal length; texts, whole numbers or floating-point ones.

    Raises:
        RequestError: the path has another ending.
        OutputError: the file cannot be written.
    """
    kinds = {name: _kind(column) for name, column in columns.items()}
    values = (column.tolist() if isinstance(column, np.ndarray) else column for column in columns.values())
    rows = zip(*values, strict=True)
    with open_table(path, kinds) as write:
        write([dict(zip(columns, map(_known, row), strict=True)) for row in rows])


def read_table(path: Path) -> dict[str, list[Any]]:
    """The columns of a table as texts, whole numbers or floating-point ones; what is missing is None.

    Raises:
        FileError: the file cannot be read, or is no table.
        RequestError: the path is a folder, or ends neither in `.csv` nor in `.parquet`.
    """
    if path.is_dir():
        raise RequestError(f"{path} is a folder. Give the tables in it, each by its name, as {path / 'measures.csv'}.")
    ensure_table(path)
    if path.exists() and not path.is_file():
        raise FileError(f"{path} is a pipe or a device, and no file. Give one of morula measure.")
    try:
        return _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_csv(path)
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:  # those of Arrow are ValueErrors
        raise FileError(f"{path} cannot be read as a table ({reason(error)}). Give one of morula measure.") from error


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
    with path.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()

        def write(rows: Sequence[Row]) -> None:
            writer.writerows({name: _text(value) for name, value in row.items()} for row in rows)

        yield write


@contextmanager
def _parquet(path: Path, columns: Mapping[str, type]) -> Iterator[WriteRows]:
    from pyarrow.parquet import ParquetWriter

    with ParquetWriter(path, _arrow(columns, ()).schema) as writer:

        def write(rows: Sequence[Row]) -> None:
            if rows:
                writer.write_table(_arrow(columns, rows))

        yield write


def _arrow(columns: Mapping[str, type], rows: Sequence[Row]) -> pyarrow.Table:
    import pyarrow

    kinds = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64()}
    schema = pyarrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    texts = [{name: written(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]
    return pyarrow.Table.from_pylist(texts, schema=schema)


def _read_csv(path: Path) -> dict[str, list[Any]]:
    names, *rows = [row for row in csv_rows(path) if row] or [[]]
    for place, row in enumerate(rows, 2):
        if len(row) != len(names):
            raise ValueError(f"row {place} has {len(row)} values, and the first row names {len(names)} columns")
    return {name: _values([row[place] for row in rows]) for place, name in enumerate(names)}


def _read_parquet(path: Path) -> dict[str, list[Any]]:
    from pyarrow.parquet import read_table as read

    return read(path).to_pydict()


def _values(texts: Sequence[str]) -> list[Any]:
    """Numbers where all texts are numbers; a text such as 007 is none."""
    known = [text for text in texts if text]
    if all(text.removeprefix("-").isdecimal() and str(int(text)) == text for text in known):
        return [int(text) if text else None for text in texts]
    if all(map(NUMBER.fullmatch, known)):
        return [float(text) if text else None for text in texts]
    return [text or None for text in texts]


def _kind(column: np.ndarray | Sequence[Any]) -> type:
    if isinstance(column, np.ndarray):
        return KINDS[column.dtype.kind]
    found = {type(value) for value in column if value is not None}
    return str if str in found else int if found == {int} else float


def _known(value: Any) -> Any:
    return None if isinstance(value, float) and np.isnan(value) else value


def _text(value: Any) -> Any:
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else value
