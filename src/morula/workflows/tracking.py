"""Objects that keep their number through a movie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from morula.images.read import find_files
from morula.pairs.folders import Files
from morula.progress import Progress, silent
from morula.settings import with_fields
from morula.tracks.track_files import Tracked, TrackSettings, track_files


def track(
    masks: Files,
    out: str | Path,
    settings: TrackSettings | None = None,
    *,
    table: str | Path | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Tracked:
    """Follow objects through movies, and write label images in which they keep their number, with `tracks.csv`.

    Args:
        masks: masks or label images: stacks, or frames of one folder whose names differ in their last number.
        out: the folder for the label images and the table.
        settings: how objects are followed, and what is written of them.
        table: made by `measure` of the same masks; it is written again into `out`, with their tracks and the rates
            that are asked for.
        progress: called with frames done, frames in all, and words.
        fields: single values of `TrackSettings`, over those of `settings`.

    Raises:
        RequestError: there is no movie, files would get into each other's way, or the table is of other objects.
        OutputError: files are there already, or the folder cannot be written to.
        FileError: a file cannot be read, or holds no object or class numbers.
        DataError: the frames of a movie differ in size.
    """
    (settings,) = with_fields(fields, settings or TrackSettings())
    measures = Path(table) if table is not None else None
    return track_files(find_files(masks), Path(out), settings, measures=measures, progress=progress)
