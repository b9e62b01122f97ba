"""Tables of a person that say something of each file: a column of their names, and one of what is said."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import takewhile
from pathlib import Path

from morula.errors import RequestError
from morula.names.endings import called, stem


def listed_in(table: Path, paths: Sequence[Path], column: str, option: str) -> dict[Path, str]:
    """What a table with the columns `file` and `column` says of each file; it names them with their ending or without.

    Args:
        table: a .csv file.
        paths: the files.
        column: what is said, in a word such as `group`.
        option: by which the table was given, for words.

    Raises:
        RequestError: the table cannot be read, leaves a file out or says several things of it.
    """
    try:
        with table.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"{option} {table} cannot be read: {error}.") from error
    if not rows or not {"file", column} <= set(rows[0]):
        raise RequestError(f"{option} {table} must begin with the line file,{column} and then have a line for each "
                           "image.")
    known: dict[str, dict[Path, str]] = defaultdict(dict)
    for row in rows:
        if row["file"] and row[column]:
            file = Path(row["file"].strip())
            known[called(file)][file] = row[column].strip()
    found = {path: _nearest(path, known.get(called(path)) or known.get(stem(path)) or {}) for path in paths}
    if several := next((path for path, said in found.items() if len(said) > 1), None):
        raise RequestError(f"{option} {table} says of {several} that it is {_in_words(column, found[several])}. Give "
                           "it a line of its own, with its folder.")
    if missing := [called(path) for path, said in found.items() if not said]:
        raise RequestError(f"{option} {table} does not say the {column} of {len(missing)} of {len(paths)} images, such "
                           f"as {missing[0]}. Add a line for each.")
    return {path: said for path, (said,) in found.items()}


def _nearest(path: Path, said: Mapping[Path, str]) -> list[str]:
    """What is said of a file; where files of its name lie in several folders, its own folders tell which is meant."""
    if len(set(said.values())) > 1:
        here = path.absolute().parent.parts[::-1]
        near = {file: _in_common(file.parent.parts[::-1], here) for file in said}
        said = {file: each for file, each in said.items() if near[file] == max(near.values())}
    return sorted(set(said.values()))


def _in_words(column: str, said: Sequence[str]) -> str:
    """Such as `in a and in b` of groups."""
    return " and ".join(f"in {each}" if column == "group" else f"by {each}" for each in said)


def _in_common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many of the first words of both are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
