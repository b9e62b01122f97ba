"""Measured objects as an AnnData: numbers in a matrix, what tells objects apart beside it, and where they lie.

The names are those of SpatialData's tables (Marconato et al. 2025, doi 10.1038/s41592-024-02212-x): `region` names the
label image that an object is in, `instance_key` the column with its number there; `obsm["spatial"]` holds x, y and z.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from morula.errors import RequestError
from morula.libraries import asked_of

OBJECT, REGION = "object", "region"
ABOUT = ("file", "frame", OBJECT, "class", "class_name", "track", "note")
"""Columns that say which object a row is about, and are no measures."""


def annotated_table(columns: Mapping[str, type], rows: Sequence[Mapping[str, Any]], region: str) -> Any:
    """An AnnData of all objects; rows that say that a frame has none are left out.

    Regions are called as the files of the masks are, without endings; the frames of a movie, which are label images of
    their own, have their number behind that.

    Args:
        columns: names with `str`, `int` or `float`, as `measure` calls them.
        rows: a row for each object.
        region: what the label image is called where the table names no file.

    Raises:
        RequestError: anndata is not installed, there is no object, or the objects have no places in one unit.
    """
    with asked_of("anndata", "An AnnData"):
        from anndata import AnnData
    from pandas import Categorical, DataFrame, Index, Series

    rows = [row for row in rows if row.get(OBJECT) is not None]
    if not rows:
        raise RequestError("An AnnData is made of measured objects, and the table has none. Give one that "
                           "morula.measure or morula.measure_array has made.")
    regions = _regions(rows, region)
    known = Index(sorted(set(regions)), dtype=object)  # as AnnData writes texts, whatever pandas makes them of
    objects = Index([f"{name}_{row[OBJECT]}" for name, row in zip(regions, rows, strict=True)], dtype=object)
    about: dict[str, Any] = {REGION: Categorical(regions, categories=known)}
    for name in (name for name in ABOUT if name in columns):
        values = [row.get(name) for row in rows]
        texts = columns[name] is str
        about[name] = Series([value or "" for value in values] if texts else values, objects, object if texts else None)
    names = [name for name, kind in columns.items() if name not in ABOUT and kind is not str]
    matrix = np.array([[np.nan if row.get(name) is None else row[name] for name in names] for row in rows], float)
    made = AnnData(matrix, DataFrame(about, objects), DataFrame(index=Index(names, dtype=object)))
    if places := _places(names, matrix):
        made.obsm["spatial"] = matrix[:, places]
    made.uns["spatialdata_attrs"] = {"region": list(known), "region_key": REGION, "instance_key": OBJECT}
    return made


def _regions(rows: Sequence[Mapping[str, Any]], region: str) -> list[str]:
    """What the label image of each object is called, in letters that SpatialData allows."""
    files = [PurePath(row.get("file") or region).name.partition(".")[0] for row in rows]
    frames = [row.get("frame") or 0 for row in rows]
    movies = {file for file, frame in zip(files, frames, strict=True) if frame}
    full = (f"{file}_t{frame:04d}" if file in movies else file for file, frame in zip(files, frames, strict=True))
    return [re.sub(r"[^\w.-]", "_", name) for name in full]


def _places(names: Sequence[str], matrix: np.ndarray) -> list[int]:
    """The columns of places x, y and z in a unit in which all objects have them; none where there are no such columns.

    Raises:
        RequestError: some have them in µm and others in pixels.
    """
    for unit in ("um", "px"):
        axes = (f"centroid_{axis}_{unit}" for axis in "xyz")
        places = [names.index(name) for name in axes if name in names]
        if places and np.isfinite(matrix[:, places[:2]]).all():
            return places
    if any(name.startswith("centroid_x_") for name in names):
        raise RequestError("Some of the images say how large a pixel is and others do not, so that the objects have no "
                           "places in one unit. Measure again with --pixel-size.")
    return []
