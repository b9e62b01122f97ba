"""A table of measures told along tracks: each of its rows gets the track of its object, and rates of its measures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from morula.errors import RequestError
from morula.objects.tables import read_table
from morula.tracks.rates import rates
from morula.tracks.sightings import ball_diameter

KEYS = ("file", "frame", "object")
TOLD = ("moment", "track", "parent", "other_parent", "outline")
"""The columns that a table of measures gets from that of the tracks."""


def along_tracks(
    table: Path,
    tracks: Mapping[str, np.ndarray],
    columns: Sequence[str],
    *,
    smooth: int = 2,
    minutes_per_frame: float | None = None,
) -> dict[str, np.ndarray | Sequence[Any]]:
    """The columns of a table of measures, then those of its tracks, then the rates of some measures.

    Rows of objects that were not tracked have the track 0. Only outlines that are right count in rates, not those that
    jump, nor those that were mended, since the table measured what was there before.

    Args:
        table: a CSV or Parquet file with the columns file, frame and object, as `morula measure` writes it.
        tracks: the columns of `tracks.csv`, of the same label images.
        columns: the measures whose rates are wanted.
        smooth: as for `rates`.
        minutes_per_frame: as for `rates`.

    Raises:
        FileError: the file is no table.
        RequestError: a column is not there or holds no numbers, or the objects are not those that were tracked.
    """
    rows = ensure_measured(table, columns)
    known = {key: row for row, key in enumerate(zip(*(tracks[name].tolist() for name in KEYS), strict=True))}
    place = np.array([known.get(key, -1) for key in zip(*(rows[name] for name in KEYS), strict=True)], int)
    _ensure_same_objects(table, rows, place, tracks)
    told = {name: np.where(place < 0, np.zeros(1, tracks[name].dtype), tracks[name][place]) for name in TOLD}
    measures = {name: _numbers(table, name, rows) for name in columns}
    movies, movie = np.unique(tracks["movie"], return_inverse=True)  # each counts its tracks from 1
    owner = (tracks["track"] * len(movies) + movie)[place]
    found = rates({**told, **measures, "owner": owner}, columns, track="owner", frame="moment", smooth=smooth,
                  minutes_per_frame=minutes_per_frame, trusted=told["outline"] == "found")
    for rate in found.values():
        rate[place < 0] = np.nan
    return {**{name: values for name, values in rows.items() if name not in TOLD}, **told, **found}


def ensure_measured(table: Path, columns: Sequence[str]) -> dict[str, list[Any]]:
    """The columns of a table of measures, found out before long work to be those that are needed.

    Args:
        table: as for `along_tracks`.
        columns: the measures whose rates are wanted.

    Raises:
        FileError: the file is no table.
        RequestError: a column is not there, or one of the measures does not hold numbers.
    """
    rows = read_table(table)
    for name in (*KEYS, *columns):
        if name not in rows:
            raise RequestError(f"{table} has no column {name!r}. It has {', '.join(rows) or 'none at all'}.")
    for name in columns:
        _numbers(table, name, rows)
    _ensure_once(table, rows)
    return rows


def _ensure_once(table: Path, rows: Mapping[str, Sequence[Any]]) -> None:
    """Refuse a table in which files of several folders have one name, so that rows cannot be told apart."""
    seen = set()
    for file, frame, number in zip(*(rows[name] for name in KEYS), strict=True):
        if number is not None and (file, frame, number) in seen:
            raise RequestError(f"{table} holds object {number} of {file}, frame {frame}, more than once, as where "
                               "files of several folders have one name. Measure the masks that are tracked again, all "
                               "in one go.")
        seen.add((file, frame, number))


def _ensure_same_objects(
    table: Path, rows: Mapping[str, Sequence[Any]], place: np.ndarray, tracks: Mapping[str, np.ndarray]
) -> None:
    """Refuse a table whose numbers mean other objects: none of them was tracked, or they lie elsewhere."""
    advice = "Measure the same masks that are tracked, read in the same way."
    if not (place >= 0).any():
        raise RequestError(f"No row of {table} is about an object that was tracked. {advice}")
    as_found = (place >= 0) & (tracks["outline"][place] != "mended")
    for unit in ("um", "px"):
        along = [name for name in tracks if name.startswith("centroid_") and name.endswith(unit)]
        if not along or not rows.keys() >= set(along):
            continue
        axes = len(along)
        size = tracks[f"{'area' if axes == 2 else 'volume'}_{unit}{axes}"][place]
        away = np.stack([_numbers(table, name, rows) - tracks[name][place] for name in along])
        other = np.flatnonzero(as_found & (np.linalg.norm(away, axis=0) > ball_diameter(size, axes) / 2))
        if len(other):
            row = {name: rows[name][other[0]] for name in (*KEYS, *along)}
            where = ", ".join(f"{name} {tracks[name][place[other[0]]]:.6g} and not {row[name]}" for name in along)
            raise RequestError(f"{table}: object {row['object']} of {row['file']}, frame {row['frame']}, is another "
                               f"than the one that was tracked, for it lies elsewhere: {where}. {advice}")


def _numbers(table: Path, name: str, rows: Mapping[str, Sequence[Any]]) -> np.ndarray:
    """A column as float64, NaN where it is empty."""
    try:
        return np.array([np.nan if value is None else value for value in rows[name]], float)
    except ValueError as error:
        raise RequestError(f"{table}: the column {name!r} does not hold numbers alone ({error}).") from error
