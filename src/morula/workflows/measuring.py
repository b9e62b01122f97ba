"""From masks to measurements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from morula.files import ensure_writable
from morula.images.read import find_files
from morula.measures.measure_settings import MeasureSettings
from morula.measures.measurement import Measured, measure_files
from morula.measures.outputs import Outputs
from morula.measures.sources import Given
from morula.objects.tables import ensure_table
from morula.pairs.folders import Files, find_masks
from morula.pairs.masks import class_names
from morula.pairs.pairing import hold_both
from morula.progress import Progress, silent
from morula.segmenting.frames import TABLE, classes_told
from morula.settings import with_fields


def measure(
    masks: Files,
    out: str | Path,
    settings: MeasureSettings | None = None,
    *,
    images: Files | None = None,
    doubt: str | Path | None = None,
    rois: str | Path | None = None,
    geojson: str | Path | None = None,
    straighten: str | Path | None = None,
    progress: Progress = silent,
    **fields: Any,
) -> Measured:
    """Write size, shape and, where there are images, intensities of every object into a table.

    Where `frames.csv` lies beside masks, it says what their classes are called, unless `class_names` does.

    Args:
        masks: a folder, a file (a stack is many frames) or a glob, of masks or label images.
        out: the table, `.csv` or `.parquet`.
        settings: how files are read, and which objects count.
        images: what was segmented, paired with the masks by name; None where they lie beside masks called after them
            (`a.tif`, `a_cp_masks.png`), or to measure shapes alone.
        doubt: the folder that `segment` with `doubt` wrote beside the masks, for an interval of each measure.
        rois: a folder for outlines as ImageJ's ROI sets.
        geojson: a folder for outlines as GeoJSON.
        straighten: a folder for each object straightened along its midline, with its image.
        progress: called with frames done, frames in all, and words.
        fields: single values of `MeasureSettings`, over those of `settings`.

    Raises:
        RequestError: there are no masks, no image fits any mask by name, or a setting does not fit them.
        DataError: not one mask can be measured, or what their values mean is not clear.
        FileError: the folder of doubt does not say what doubt means.
        OutputError: a file cannot be written.
    """
    (settings,) = with_fields(fields, settings or MeasureSettings())
    ensure_table(Path(out))
    ensure_writable(Path(out))
    files = find_masks(masks)
    beside = files if hold_both(files) else None
    given = Given(files, beside if images is None else find_files(images), _path(doubt), _class_names(files))
    outputs = Outputs(Path(out), _path(rois), _path(geojson), _path(straighten))
    return measure_files(given, outputs, settings, progress)


def _class_names(masks: Sequence[Path]) -> tuple[str, ...]:
    """What the tables beside masks call their classes; empty where they do not agree, or those are no names."""
    tables = {classes_told(folder / TABLE) for folder in {mask.parent for mask in masks}}
    names = tables.pop() if len(tables) == 1 else ()
    return () if names == class_names(len(names)) else names


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
