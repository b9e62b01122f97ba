"""From masks to measurements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from morula.files import ensure_writable
from morula.images.read import find_files
from morula.measures.measure_settings import MeasureSettings
from morula.measuring.measurement import Measured, measure_files
from morula.measuring.outputs import Outputs
from morula.measuring.sources import Given
from morula.objects.tables import ensure_table
from morula.pairs.folders import Files, find_masks
from morula.pairs.pairing import hold_both
from morula.pairs.told_masks import as_wanted
from morula.progress import Progress, silent
from morula.segmenting.frames import names_told
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
    labelme: str | Path | None = None,
    coco: str | Path | None = None,
    straighten: str | Path | None = None,
    tables: str | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
    **fields: Any,
) -> Measured:
    """Write size, shape and, where there are images, intensities of every object into a table.

    Where `frames.csv` lies beside masks, it says what their classes are called, unless `class_names` does.

    Args:
        masks: a folder, a file (a stack is many frames) or a glob, of masks, label images or annotations.
        out: the table, `.csv` or `.parquet`.
        settings: how files are read, and which objects count.
        images: what was segmented, paired with the masks by name; None where they lie beside masks called after them
            (`a.tif`, `a_cp_masks.png`), or to measure shapes alone.
        doubt: the folder that `segment` with `doubt` wrote beside the masks, for an interval of each measure.
        rois: a folder for outlines as ImageJ's ROI sets.
        geojson: a folder for outlines as GeoJSON.
        labelme: a folder for outlines as labelme has them, of masks with one frame.
        coco: a file for the objects of all masks with one frame, as COCO has them.
        straighten: a folder for each object straightened along its midline, with its image.
        tables: the name of a table beside the labels in each OME-Zarr, as ngio reads it, where masks are such labels.
        overwrite: whether these may take the place of tables that are there.
        progress: called with frames done, frames in all, and words.
        fields: single values of `MeasureSettings`, over those of `settings`.

    Raises:
        RequestError: there are no masks, no image fits any mask by name, a setting does not fit them, or tables are
            wanted of masks that are in no OME-Zarr.
        DataError: not one mask can be measured, or what their values mean is not clear.
        FileError: the folder of doubt does not say what doubt means.
        OutputError: a file cannot be written, or there are tables of this name already.
    """
    (settings,) = with_fields(fields, settings or MeasureSettings())
    ensure_table(Path(out))
    ensure_writable(Path(out))
    found = find_masks(masks)
    files, drawn = found.files, as_wanted(found.drawn, settings.read_masks_as, settings.class_names)
    beside = files if hold_both(files) else None
    given = Given(files, beside if images is None else find_files(images), _path(doubt), names_told(files), drawn)
    outputs = Outputs(Path(out), _path(rois), _path(geojson), _path(labelme), _path(coco), _path(straighten),
                      tables, overwrite)
    if settings.alone:
        return measure_files(given, outputs, settings, progress)
    from morula.workers.measuring_crew import crew_of

    return measure_files(given, outputs, settings, progress, crew_of(settings))


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)
