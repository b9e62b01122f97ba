"""Measured objects as an AnnData: numbers in a matrix, what tells objects apart beside it, and where they lie.

The names are those of SpatialData's tables (Marconato et al. 2025, doi 10.1038/s41592-024-02212-x): `region` names the
label image that an object is in, `instance_key` the column with its number there; `obsm["spatial"]` holds x, y and z.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from morula.errors import RequestError
from morula.libraries import asked_of

if TYPE_CHECKING:
    from pandas import DataFrame, Series

OBJECT, REGION = "object", "region"
ABOUT = ("file", "frame", OBJECT, "class", "class_name", "track", "note")
"""Columns that say which object a row is about, and are no measures."""


def annotated_table(table: DataFrame, region: str) -> Any:
    """An AnnData of all objects; rows that say that a frame has none are left out.

    Regions are called as the files of the masks are, without endings; the frames of a movie, which are label images of
    their own, have their number behind that.

    Args:
        table: a row for each object, as `measure` writes it.
        region: what the label image is called where the table names no file.

    Raises:
        RequestError: anndata is not installed, or the table has no column `object`, or no row of one.
    """
    with asked_of("anndata", "An AnnData"):
        from anndata import AnnData
    from pandas import CategoricalDtype, Index

    if OBJECT not in table or not table[OBJECT].notna().any():
        raise RequestError("An AnnData is made of measured objects, and the table has none. Give one that "
                           "morula.measure or morula.measure_array has made.")
    table = table[table[OBJECT].notna()].reset_index(drop=True)
    about = table[[name for name in ABOUT if name in table]].astype({OBJECT: int})
    measures = table.drop(columns=list(about)).select_dtypes("number").astype(float)
    for name in about.select_dtypes("str"):
        about[name] = about[name].fillna("").astype(object)  # as AnnData writes texts, whatever pandas makes them of
    regions = _regions(about, region).astype(object)
    about[REGION] = regions.astype(CategoricalDtype(Index(sorted(set(regions)), dtype=object)))
    about.index = measures.index = (about[REGION].astype(str) + "_" + about[OBJECT].astype(str)).astype(object)
    measures.columns = measures.columns.astype(object)
    made = AnnData(measures, obs=about)
    places = [name for axis in "xyz" for name in measures if re.fullmatch(f"centroid_{axis}_(um|px)", name)]
    if places:
        made.obsm["spatial"] = measures[_of_one_unit(measures, places)].to_numpy()
    made.uns["spatialdata_attrs"] = {"region": sorted(set(regions)), "region_key": REGION,
                                     "instance_key": OBJECT}
    return made


def _regions(about: DataFrame, region: str) -> Series:
    """What the label image of each object is called, in letters that SpatialData allows."""
    files = about["file"] if "file" in about else about[OBJECT].map(lambda _: region)
    names = files.map(lambda file: PurePath(file).name.partition(".")[0])
    if "frame" in about:
        movies = about.groupby(names)["frame"].transform("max") > 0
        names = names.where(~movies, names + "_t" + about["frame"].map("{:04d}".format))
    return names.map(lambda name: re.sub(r"[^\w.-]", "_", name))


def _of_one_unit(measures: DataFrame, places: list[str]) -> list[str]:
    """The columns of places that are known of all objects: in µm where all images say how large a pixel is."""
    for unit in ("_um", "_px"):
        chosen = [name for name in places if name.endswith(unit)]
        if chosen and measures[chosen[:2]].notna().all(axis=None):
            return chosen
    raise RequestError("Some of the images say how large a pixel is and others do not, so that the objects have no "
                       "places in one unit. Measure again with --pixel-size.")
