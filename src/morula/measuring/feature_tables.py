"""Rows of measured objects in the OME-Zarr of their labels, as the tables that ngio and Fractal read beside these.

They are Parquet, whose columns know their types, with a description in the words of ngio
(https://biovisioncenter.github.io/ngio/stable/table_specs/overview).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from morula.errors import OutputError, RequestError
from morula.files import whole_folder
from morula.headers.zarr_groups import DESCRIBING, TABLES, attributes, is_group, is_taken, tables_of
from morula.names.endings import LABELS, zarr_of
from morula.objects.tables import Row, open_table
from morula.pyramids.zarr_words import add_plain_words, require_name
from morula.whereabouts import can_be_written

PARQUET = "table.parquet"
"""What ngio calls the file of a table."""
KEY = "label"
"""The column with the number of an object, which its pixels have in the labels."""


def ensure_tables(masks: Iterable[Path], name: str, *, overwrite: bool) -> None:
    """Find out before long work whether a table of this name can be written for each mask.

    Raises:
        RequestError: a mask is no labels of an OME-Zarr, nothing can be written there, or the name cannot be one.
        OutputError: there are tables of this name.
    """
    require_name(name, "--tables")
    in_the_way = []
    for mask in masks:
        image = _image_of(mask)
        if image is None:
            raise RequestError(f"--tables writes beside the labels of an OME-Zarr, and {mask} lies in none. Leave it "
                               "out, or measure labels, such as plate.zarr/labels/nuclei.")
        if not can_be_written(image):
            raise RequestError(f"--tables writes into the OME-Zarr of the labels, and nothing can be written into "
                               f"{image}. Leave it out: --out has all rows.")
        in_the_way += [table] if is_taken(table := image / TABLES / name) else []
    if in_the_way and not overwrite:
        raise OutputError(f"{in_the_way[0]} exists already ({len(in_the_way)} such). Choose another name for --tables, "
                          "or allow it with --overwrite.")


def write_feature_table(
    labels: Path, name: str, columns: Mapping[str, type], rows: Iterable[Row], *, numbered: bool
) -> Path:
    """Write the rows of the objects in labels as a table of their image, and add it to the list of its tables.

    First come the rows, then their description, then the name of the folder, and then its place in the list: no reader
    meets half a table. What had this name before is replaced, and the others in the list stay.

    Args:
        labels: whose objects they are.
        name: of the table.
        columns: those of the rows with `str`, `int` or `float`, `object` among them; `file` is left out.
        rows: see `measured_frame`; those without an object are left out.
        numbered: whether objects have their numbers in the labels. If so, it is a table of features, by these; else,
            as where labels hold classes, a general one.

    Returns:
        Where the table is.

    Raises:
        FileError: the OME-Zarr is damaged.
        OutputError: the table cannot be written.
    """
    image = _image_of(labels)
    assert image is not None, "ensure_tables was asked before"
    version = (attributes(image) or {})["version"]
    kinds = {_column(each, numbered): kind for each, kind in columns.items() if each != "file"}
    path = image / TABLES / name
    with whole_folder(path, option=None, last=DESCRIBING) as temporary:
        with open_table(temporary / PARQUET, kinds) as write:
            write([{_column(each, numbered): value for each, value in row.items() if each != "file"}
                   for row in rows if row["object"] is not None])
        add_plain_words(temporary, version, _described(labels.relative_to(image).as_posix() if numbered else None))
    if name not in (known := tables_of(image)):
        add_plain_words(image / TABLES, version, {TABLES: [*known, name]})
    return path


def _image_of(labels: Path) -> Path | None:
    """The image that labels lie in; None where they lie in none."""
    inside = [folder.parent for folder in labels.parents if folder.name == LABELS and zarr_of(folder.parent)]
    return inside[0] if inside and is_group(inside[0]) else None


def _column(name: str, numbered: bool) -> str:
    return KEY if name == "object" and numbered else name


def _described(labels: str | None) -> dict[str, Any]:
    """What a table says of itself: as one of features where it is about numbers in labels, else as a general one."""
    if labels is None:
        return {"type": "generic_table", "table_version": "1", "backend": "parquet"}
    return {"type": "feature_table", "table_version": "1", "backend": "parquet", "region": {"path": f"../{labels}"},
            "instance_key": KEY, "index_key": KEY, "index_type": "int"}
