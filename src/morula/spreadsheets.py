"""Tables as other programs save them again, with other letters and other commas; and names that are no text at all."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

SEPARATORS = ",;\t"
"""Of values in a row; where a comma is for decimals, spreadsheets write semicolons."""


def csv_rows(path: Path) -> Iterator[list[str]]:
    """The rows of a table: ours, or as a spreadsheet saves it, which is told by its first bytes and its first row.

    Raises:
        csv.Error: it is no table.
        ValueError: it is no text.
        OSError: it cannot be read.
    """
    text = _decoded(path.read_bytes())
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def number(text: str) -> float:
    """A number, with a point or a comma for its decimals.

    Raises:
        ValueError: it is none.

    >>> number("0.25"), number("0,25")
    (0.25, 0.25)
    """
    return float(text.replace(",", "."))


def written(name: str) -> str:
    r"""A name as it can be written, whatever bytes it is made of; `as_named` gives it back.

    >>> written("grün"), written("gr\udcfcn")
    ('grün', 'gr\\udcfcn')
    """
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def as_named(text: str) -> str:
    r"""The name that was written.

    >>> as_named(written("gr\udcfcn")) == "gr\udcfcn"
    True
    """
    return re.sub(r"\\u(dc[89a-f][0-9a-f])", lambda found: chr(int(found[1], 16)), text)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
