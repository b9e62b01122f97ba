"""`frames.csv`: a row for each frame that has a mask, with what a first look at the mask tells."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from os.path import relpath
from pathlib import Path
from threading import Lock
from typing import IO, Any, Literal, Self

from morula.files import errors_of_writing, reach_the_disk, whole_file
from morula.pairs.masks import class_names
from morula.remote_paths import RemotePath
from morula.scores.novelty import SEEN, Seen
from morula.spreadsheets import as_named, csv_rows, number
from morula.trust.expectation import Expected, classes_in, expected_columns
from morula.whereabouts import is_elsewhere

TABLE = "frames.csv"
BETWEEN = "; "
"""What stands between two flags."""
_ADDING = Lock()


@dataclass(frozen=True)
class SegmentedFrame:
    """A row of `frames.csv`.

    Attributes:
        file: the image's file name.
        frame: the number of the moment in time, from 0.
        mask: the mask's file name.
        model: the fingerprint of the model that made it.
        objects: connected pieces of the mask, without specks.
        area: pixels (voxels) of all foreground.
        centre: the mean position of the foreground, in pixels along each axis; empty where there is none.
        certainty: the IoU that the mask would have if the network's probabilities were right, 0 to 1; None where the
            mask is empty.
        flags: what is unusual, in words, see `FLAGS`.
        source: where the image lies, as seen from the folder of the table, see `source_of`; empty where unknown.
        cleaned: what was done to the mask after it was made, and how much that changed, in words.
        expected: how good the mask probably is; None where the model cannot tell, or the mask is empty.
        seen: whether the frame is new to the model; None where that does not tell.
    """

    file: str
    frame: int
    mask: str
    model: str
    objects: int
    area: int
    centre: tuple[float, ...] = ()
    certainty: float | None = None
    flags: tuple[str, ...] = ()
    source: str = ""
    cleaned: str = ""
    expected: Expected | None = None
    seen: Seen | None = None

    def as_text(self) -> dict[str, str]:
        """The row as it stands in the table."""
        return {
            **{column: str(getattr(self, column)) for column in PLAIN},
            **(self.expected.as_text() if self.expected else {}),
            "centre": " ".join(f"{place:.1f}" for place in self.centre),
            "certainty": "" if self.certainty is None else f"{self.certainty:.4f}",
            "flags": BETWEEN.join(self.flags),
            "seen": self.seen or "",
        }

    @property
    def in_words(self) -> str:
        """How good the mask probably is, and what is unusual about it."""
        mean = self.expected.mean if self.expected else None
        told = [f"expected IoU {mean.iou:.2f} ({mean.low:.2f} to {mean.high:.2f})"] if mean else []
        return ", ".join((*told, *self.flags)) or "nothing unusual"

    @classmethod
    def from_text(cls, row: Mapping[str, str]) -> Self:
        """The row that stands in a table.

        Raises:
            ValueError: it is none of ours.
        """
        if not set(PLAIN) - {"source", "cleaned"} <= set(row) or None in row.values():
            raise ValueError("columns are missing")
        numbers: dict[str, Any] = {name: int(row[name]) for name in ("frame", "objects", "area")}
        return cls(**{
            **{column: as_named(row.get(column, "")) for column in PLAIN},
            **numbers,
            "centre": tuple(map(number, row["centre"].split())),
            "certainty": number(row["certainty"]) if row["certainty"] else None,
            "expected": Expected.from_text(row),
            "flags": tuple(row["flags"].split(BETWEEN)) if row["flags"] else (),
            "seen": next((each for each in SEEN if each == row.get("seen")), None),  # older tables have no such column
        })


PLAIN = [column.name for column in fields(SegmentedFrame) if column.name not in ("expected", "seen")]


def source_of(image: Path, out: Path) -> str:
    """Where an image lies, as seen from the folder of masks, so that both can be moved together; or its URL."""
    if is_elsewhere(image):
        return str(image)
    if is_elsewhere(out):
        return image.resolve().as_posix()
    try:
        return Path(relpath(image.resolve(), out.resolve())).as_posix()
    except ValueError:  # another drive
        return image.resolve().as_posix()


def table_columns(rows: Sequence[SegmentedFrame] = (), classes: Sequence[str] = ()) -> list[str]:
    """The columns of a table: those of rows that are in it, and those of a model with these classes."""
    own = expected_columns(*(classes if len(classes) > 1 else ()))
    others = dict.fromkeys(column for row in rows for column in row.as_text())
    told = [*own, *(column for column in others if column not in (*PLAIN, *own, "seen"))]
    return [*PLAIN[:4], *told, *PLAIN[4:], "seen"]


def read_frames(path: Path) -> dict[str, list[SegmentedFrame]]:
    """The rows of an earlier run by image file; none if there was no run, or its table is not ours."""
    rows = defaultdict(list)
    if path.is_file():
        with suppress(csv.Error, ValueError):
            names, *texts = [*csv_rows(path)] or [[]]
            for text in texts:
                with suppress(ValueError):
                    row = SegmentedFrame.from_text(dict(zip(names, text, strict=True)))
                    rows[row.file].append(row)
    return rows


def read_begun(path: Path) -> dict[str, list[SegmentedFrame]]:
    """The same, where the run may have been stopped; with what was added to a table elsewhere."""
    rows = read_frames(path)
    if isinstance(path, RemotePath) and path.site.writes:
        for part in _parts(path).files_below():
            rows.update(read_frames(part))
    return rows


def _parts(path: RemotePath) -> RemotePath:
    """The folder of what was added to a table elsewhere, of which no file can be made longer: a part for each mask."""
    return path.with_name(f"{path.name}.parts")


def models_told(path: Path) -> set[str]:
    """The fingerprints of the models whose masks a table is about; none where there is no table."""
    return {row.model for rows in read_begun(path).values() for row in rows}


def classes_told(path: Path) -> tuple[str, ...]:
    """The classes, in the order of their numbers, of the model whose masks a table is about.

    Empty where there is no table, masks of several models are in it, or the model knows but one class.
    """
    rows = [row for each in read_frames(path).values() for row in each]
    if len({row.model for row in rows}) != 1:
        return ()
    return classes_in(next(csv_rows(path), ()))


def names_told(masks: Sequence[Path]) -> tuple[str, ...]:
    """What the tables beside masks call their classes; empty where they do not agree, or those are no names."""
    tables = {classes_told(folder / TABLE) for folder in {mask.parent for mask in masks}}
    names = tables.pop() if len(tables) == 1 else ()
    return () if names == class_names(len(names)) else names


def write_frames(path: Path, rows: Sequence[SegmentedFrame], columns: Sequence[str] | None = None) -> None:
    """Write the table, whole or not at all, with the columns of its rows if no others are named; what was added to one
    before is no part of it."""
    _write(path, rows, columns or table_columns(rows))
    if isinstance(path, RemotePath):
        _parts(path).remove_all()


def _write(path: Path, rows: Sequence[SegmentedFrame], columns: Sequence[str]) -> None:
    with whole_file(path) as temporary, _opened(temporary, "w") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(row.as_text() for row in rows)


def _opened(path: Path, how: Literal["w", "a"]) -> IO[str]:
    return path.open(how, newline="", encoding="utf-8", errors="backslashreplace")


def add_frames(path: Path, rows: Sequence[SegmentedFrame], columns: Sequence[str]) -> None:
    """Add rows of a mask to a table that exists and has these columns; when this returns, they are on the disk.

    Threads may do so at the same time; their rows come one after the other.

    Raises:
        OutputError: they cannot be written.
    """
    if isinstance(path, RemotePath):
        return _write(_parts(path) / f"{rows[0].mask}.csv", rows, columns)
    with errors_of_writing(path), _opened(path, "a") as file:
        with _ADDING:
            csv.DictWriter(file, columns).writerows(row.as_text() for row in rows)
            file.flush()
        reach_the_disk(file.fileno())
