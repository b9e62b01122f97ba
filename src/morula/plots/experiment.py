"""The rows of tables of measures as an experiment: conditions, independent samples, tracks and time.

A row belongs to an object of a frame. Rows of one track follow an object; tracks of one group, such as a movie, a well
or an image, share what has nothing to do with the condition; and only groups are independent samples of a condition.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field

from morula.errors import RequestError
from morula.names.groups import membership, told_groups
from morula.names.series import Series, common_step, series_of
from morula.names.table import Name
from morula.names.told import names_of
from morula.objects.tables import read_table
from morula.plots.quantities import LIMITS, columns_of
from morula.settings import Settings

TELLING = ("area", "volume", "aspect_ratio", "circularity", "sphericity", "solidity", "midline_length", "midline_bend")
"""The measures shown where nobody names any; those of intensities follow, as far as there is room."""

MOST_TELLING = 8

MINUTES_PER_HOUR = 60


class ExperimentSettings(Settings):
    """What is compared."""

    measures: tuple[str, ...] | None = None
    """The columns to show, such as area,aspect_ratio, with their unit or without; telling ones where left out."""
    conditions: str | None = None
    """What tells conditions apart: a column, or a pattern for the names of files, as '(wt|chiron)'; else each table."""
    control: str | None = None
    """The condition that others are compared with; the first where left out."""
    groups: str | None = None
    """What is independent: a pattern for the names of files, a .csv (file,group) or a column; else names tell it."""
    names: str | None = None
    """What the names of files tell, where they are not read rightly, as '{well}_{site}_{time}'."""
    minutes_per_frame: float | None = Field(default=None, gt=0)
    """The time between two frames, so that time is in hours; where left out, names may tell it, as 00d00h30m does."""
    sort_by: str | None = None
    """The measure that the gallery of objects is sorted by; the first that is shown where left out."""


@dataclass(frozen=True, eq=False)
class Experiment:
    """Rows of measures, each of an object of a frame.

    Attributes:
        columns: of the tables: texts and numbers, None where they are missing.
        table: the number of each row's table, `(rows,)`.
        measures: the columns that are shown.
        condition: which of `conditions` each row belongs to, `(rows,)`.
        conditions: their names, the control first; one without a name where nothing is compared.
        group: the number of each row's independent sample, `(rows,)`.
        groups: their names.
        track: the number of each row's object through time, `(rows,)`.
        time: `(rows,)`.
        time_label: what time is counted in.
    """

    columns: Mapping[str, Sequence[Any]]
    table: np.ndarray
    measures: tuple[str, ...]
    condition: np.ndarray
    conditions: tuple[str, ...]
    group: np.ndarray
    groups: tuple[str, ...]
    track: np.ndarray
    time: np.ndarray
    time_label: str

    def numbers(self, column: str) -> np.ndarray:
        """A column as float64 `(rows,)`, NaN where a value is missing.

        Raises:
            RequestError: it holds something else than numbers.
        """
        try:
            return np.array([np.nan if value is None else value for value in self.columns[column]], float)
        except ValueError as error:
            raise RequestError(f"The column {column!r} does not hold numbers alone ({error}).") from error

    @cached_property
    def moments(self) -> np.ndarray:
        """All times that occur, in order."""
        return np.unique(self.time)

    @property
    def is_movie(self) -> bool:
        """Whether there is more than one moment of anything."""
        return len(self.moments) > 1

    @property
    def group_word(self) -> str:
        """What a group is."""
        return "movie" if self.is_movie else "sample"

    def in_conditions(self, of: np.ndarray) -> np.ndarray:
        """How many different numbers of rows, `(rows,)`, such as groups, occur in each condition, `(conditions,)`."""
        return np.array([len(np.unique(of[self.condition == place])) for place in range(len(self.conditions))])

    def name_of_group(self, row: int) -> str:
        """The name of a row's group, with its condition where the name does not tell it."""
        condition, group = self.conditions[self.condition[row]], self.groups[self.group[row]]
        return group if condition in group else f"{condition}: {group}"

    def samples(self, column: str, condition: int) -> np.ndarray:
        """The mean of each group of a condition, over the means of its tracks, `(groups with values,)`."""
        values = self.of_tracks(column)
        here = np.isfinite(values) & (self.condition_of_track == condition)
        return _means(values[here], self.group_of_track[here])

    def of_tracks(self, column: str) -> np.ndarray:
        """The mean of each track through time, `(tracks,)`, NaN without any value."""
        values = self.numbers(column)
        known = np.isfinite(values)
        count = np.bincount(self.track[known], minlength=self.tracks)
        total = np.bincount(self.track[known], values[known], self.tracks)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    @cached_property
    def tracks(self) -> int:
        """How many there are."""
        return int(self.track.max()) + 1

    @cached_property
    def condition_of_track(self) -> np.ndarray:
        return self._first_of_tracks(self.condition)

    @cached_property
    def group_of_track(self) -> np.ndarray:
        return self._first_of_tracks(self.group)

    def through_time(self, of: np.ndarray) -> Iterator[np.ndarray]:
        """The rows of each track, or of each of other numbers `(rows,)`, in the order of time."""
        order = np.lexsort((self.time, of))
        yield from np.split(order, np.flatnonzero(np.diff(of[order])) + 1)

    def _first_of_tracks(self, of_rows: np.ndarray) -> np.ndarray:
        _, first = np.unique(self.track, return_index=True)
        return of_rows[first]


def read_experiment(tables: Sequence[Path], settings: ExperimentSettings) -> Experiment:
    """Tables of measures, with or without tracks, as one experiment.

    Raises:
        RequestError: a table lacks a column that is needed or asked for, does not say where its objects are, or is
            called like another one; or a file has no condition.
        FileError: a table cannot be read.
    """
    columns, table = _joined(tables)
    files = list(zip(table.tolist(), columns["file"], strict=True))
    stacks = {file for file, frame in zip(files, columns["frame"], strict=True) if frame}
    group_names = _groups(settings, columns, files, stacks)
    condition_names = _conditions(settings, columns, files, tables)
    conditions = sorted(set(condition_names), key=lambda name: (name != settings.control, condition_names.index(name)))
    if settings.control is not None and settings.control != conditions[0]:
        raise RequestError(f"There is no condition {settings.control!r}. There are {', '.join(sorted(conditions))}.")
    group, groups = _numbered([(*key, condition) for key, condition in zip(group_names, condition_names, strict=True)])
    single = {Path(name) for table_of, name in files if (table_of, name) not in stacks}
    series = series_of(names_of(single, settings.names))
    moments = _moments(series, columns, files, stacks)
    moment = np.array(moments, float)
    track, _ = _numbered(_tracks(columns, group.tolist(), moment.tolist()))
    minutes = settings.minutes_per_frame or _minutes(series, files, moments)
    return Experiment(
        columns,
        table,
        tuple(columns_of(settings.measures, columns) if settings.measures else _telling(columns)),
        np.array([conditions.index(name) for name in condition_names]),
        tuple(conditions),
        group,
        tuple(name for _, name, _ in groups),
        track,
        moment * minutes / MINUTES_PER_HOUR if minutes else moment,
        "time (h)" if minutes else "frame",
    )


def _joined(tables: Sequence[Path]) -> tuple[dict[str, list[Any]], np.ndarray]:
    """The rows of all tables that are about an object, and the number of the table of each."""
    read = [read_table(path) for path in tables]
    for path, columns in zip(tables, read, strict=True):
        if missing := {"file", "frame", "object"} - set(columns):
            raise RequestError(f"{path} has no column {sorted(missing)[0]!r}. Give a table as morula measure writes "
                               "it, with commas between its columns.")
    names = dict.fromkeys(name for columns in read for name in columns)
    kept = [[row for row, number in enumerate(columns["object"]) if number is not None] for columns in read]
    for path, columns, rows in zip(tables, read, kept, strict=True):
        _require_places(path, columns, rows)
    if not any(kept):
        raise RequestError(f"There is no object in {', '.join(map(str, tables))}.")
    joined = {
        name: [columns[name][row] if name in columns else None
               for columns, rows in zip(read, kept, strict=True) for row in rows]
        for name in names
    }
    return joined, np.repeat(np.arange(len(tables)), [len(rows) for rows in kept])


def _require_places(path: Path, columns: Mapping[str, list[Any]], rows: Sequence[int]) -> None:
    """Refuse a table that does not say in which file and frame its objects are.

    Raises:
        RequestError: a file or a number is missing, or something else stands there.
    """
    kinds = {"file": str, "frame": int | float, "moment": int | float | None}
    for name, kind in kinds.items():
        for row in rows if name in columns else ():
            if not isinstance(columns[name][row], kind):
                raise RequestError(f"{path}: the column {name!r} holds {columns[name][row]!r} beside an object, and "
                                   "nothing can be said of it. Give a table as morula measure writes it.")


def _conditions(
    settings: ExperimentSettings, columns: Mapping[str, list[Any]], files: Sequence[tuple[int, str]],
    tables: Sequence[Path],
) -> list[str]:
    told = settings.conditions
    if told is None:
        names = [table.stem for table in tables]
        if len(set(names)) < len(names):
            raise RequestError(f"Each table is a condition of its name, and two are called {_repeated(names)}. Rename "
                               "one, or say with --conditions what is compared.")
        return [names[table] if len(tables) > 1 else "" for table, _ in files]
    if told in columns:
        return [str(value) for value in columns[told]]
    names = _by_names(told, files, "--conditions")
    missed = [] if told.lower().endswith(".csv") else [file for _, file in files if not re.search(told, file)]
    if missed:
        raise RequestError(f"--conditions {told!r} does not fit {missed[0]}. Every file needs a condition.")
    return names


def _groups(
    settings: ExperimentSettings, columns: Mapping[str, list[Any]], files: Sequence[tuple[int, str]],
    stacks: set[tuple[int, str]],
) -> list[tuple[int, str]]:
    told = settings.groups
    if told is None:
        names = names_of({Path(file) for _, file in files}, settings.names)
        frames = {file: _group(names[Path(file[1])], Path(file[1]), 2 if file in stacks else 1)
                  for file in dict.fromkeys(files)}
        return [(file[0], frames[file]) for file in files]
    names = list(map(str, columns[told])) if told in columns else _by_names(told, files, "--groups")
    return [(table, name) for (table, _), name in zip(files, names, strict=True)]


def _group(name: Name, file: Path, frames: int) -> str:
    """What a name speaks of, in the folders that a table names where it is about files of one name."""
    member, folder = membership(file, frames, name), name.folder(file).as_posix()
    if folder == ".":
        return member.group
    return folder if member.rule == "folder" else f"{folder}/{member.group}"


def _by_names(told: str, files: Sequence[tuple[int, str]], option: str) -> list[str]:
    names = list(dict.fromkeys(file for _, file in files))
    try:
        found = told_groups(told, [Path(name) for name in names], with_folders=True)
    except RequestError as error:
        raise RequestError(str(error).replace("--groups", option).replace("image names", "file names")) from error
    known = {name: found[Path(name)].group for name in names}
    return [known[file] for _, file in files]


def _moments(
    series: Sequence[Series], columns: Mapping[str, list[Any]], files: Sequence[tuple[int, str]],
    stacks: set[tuple[int, str]],
) -> list[Any]:
    """When each row is: as it was tracked, by its frame in a stack, or by the moment in its file's name."""
    tracked = columns.get("track", [0] * len(files))
    told = [moment if track else None for moment, track in zip(columns.get("moment", tracked), tracked, strict=True)]
    numbers = {file.as_posix(): number for each in series
               for file, number in zip(each.files, each.numbers, strict=True)}
    return [
        moment if moment is not None else frame if file in stacks else numbers.get(Path(file[1]).as_posix(), frame)
        for moment, frame, file in zip(told, columns["frame"], files, strict=True)
    ]


def _minutes(
    series: Sequence[Series], files: Sequence[tuple[int, str]], moments: Sequence[Any]
) -> float | None:
    """Between two moments, as the names of all files say; None where they do not, or count otherwise than the moments.

    Tracks count all frames of a movie, and names are but those of frames with objects.
    """
    of: dict[str, set[Any]] = defaultdict(set)
    for (_, file), moment in zip(files, moments, strict=True):
        of[file].add(moment)
    several = [each for each in series if len(each.files) > 1]
    placed = {file.as_posix() for each in series for file in each.files}
    for each in several:
        shifts = {moment - number for file, number in zip(each.files, each.numbers, strict=True)
                  for moment in of[file.as_posix()]}
        if len(shifts) > 1:
            return None
    return common_step(each.minutes for each in several) if placed >= of.keys() else None


def _tracks(columns: Mapping[str, list[Any]], group: list[int], moment: list[float]) -> list[tuple]:
    """What names the track of each row: what was tracked, else the only object of each moment of a group, else the
    row itself."""
    if "track" in columns:
        return [(sample, track) if track else (sample, "row", row)
                for row, (sample, track) in enumerate(zip(group, columns["track"], strict=True))]
    crowded = {sample for (sample, _), often in Counter(zip(group, moment, strict=True)).items() if often > 1}
    return [(sample, "row", row) if sample in crowded else (sample,) for row, sample in enumerate(group)]


def _telling(columns: Mapping[str, list[Any]]) -> list[str]:
    """Measures worth a look: shapes, then what each channel tells."""
    filled = {name: None for name, values in columns.items() if any(value is not None for value in values)}
    shapes = [name for name in TELLING if _has(filled, name)]
    light = [name for name in filled if name.startswith(("mean_", "polarisation_")) and "angle" not in name
             and not name.endswith(LIMITS)]
    chosen = columns_of([*shapes, *light], list(filled))[:MOST_TELLING]
    if not chosen:
        raise RequestError("The table has none of the measures that are usually shown. Name some with --measures.")
    return chosen


def _repeated(names: Sequence[str]) -> str:
    return next(name for name, often in Counter(names).items() if often > 1)


def _has(columns: Mapping[str, Any], name: str) -> bool:
    try:
        return bool(columns_of([name], columns.keys()))
    except RequestError:
        return False


def _numbered(keys: Sequence[tuple]) -> tuple[np.ndarray, list[tuple]]:
    """The number of each key, in the order in which they come, and all different ones."""
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    return np.array([numbers[key] for key in keys]), list(numbers)


def _means(values: np.ndarray, of: np.ndarray) -> np.ndarray:
    """The mean of the values of each number that occurs."""
    _, place = np.unique(of, return_inverse=True)
    return np.bincount(place, values) / np.bincount(place)
