"""OME-Zarr written by zarr alone, by the words of the specification, for tests to read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr

TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}


def write_attributes(group: Path, version: str, said: Mapping[str, Any]) -> None:
    """Make a group that says something."""
    group.mkdir(parents=True, exist_ok=True)
    if version == "0.5":
        about = {"zarr_format": 3, "node_type": "group", "attributes": {"ome": {"version": version, **said}}}
        (group / "zarr.json").write_text(json.dumps(about))
    else:
        (group / ".zgroup").write_text('{"zarr_format": 2}')
        (group / ".zattrs").write_text(json.dumps(said))


def write_ome_zarr(
    group: Path,
    array: np.ndarray,
    axes: str,
    *,
    version: str = "0.4",
    scale: Sequence[float] | None = None,
    unit: str | None = "micrometer",
    channels: Sequence[str] = (),
    levels: int = 1,
    chunks: Sequence[int] | None = None,
    shards: Sequence[int] | None = None,
    label: bool = False,
) -> Path:
    """An image of every second pixel from level to level.

    Args:
        group: the folder to make.
        array: the full resolution.
        axes: small letters.
        version: of OME-Zarr; others than 0.5 lie in Zarr v2.
        scale: one number for each axis.
        unit: of length; None to leave it out.
        channels: their names.
        levels: how many.
        chunks: their sides.
        shards: theirs, in 0.5.
        label: whether it is one.
    """
    scale = list(scale or [1.0] * len(axes))
    described = [{"name": axis, "type": TYPES[axis], **({"unit": unit} if unit and axis in "zyx" else {})}
                 for axis in axes]
    datasets = []
    for level in range(levels):
        part = array[tuple(slice(None, None, 2**level if axis in "yx" else 1) for axis in axes)]
        written = zarr.create_array(
            group / str(level), shape=part.shape, dtype=part.dtype, chunks=tuple(chunks or part.shape), shards=shards,
            zarr_format=3 if version == "0.5" else 2, dimension_names=list(axes) if version == "0.5" else None,
            chunk_key_encoding={"name": "v2" if version != "0.5" else "default", "separator": "/"},
            config={"write_empty_chunks": True})
        written[...] = part
        factors = [length * (2**level if axis in "yx" else 1) for length, axis in zip(scale, axes, strict=True)]
        datasets.append({"path": str(level), "coordinateTransformations": [{"type": "scale", "scale": factors}]})
    said: dict[str, Any] = {"multiscales": [
        {**({} if version == "0.5" else {"version": version}), "axes": described, "datasets": datasets}]}
    if channels:
        said["omero"] = {"channels": [{"label": name, "color": "FFFFFF",
                                       "window": {"min": 0, "max": 255, "start": 0, "end": 255}} for name in channels]}
    if label:
        said["image-label"] = {"source": {"image": "../../"}}
    write_attributes(group, version, said)
    return group


def write_labels(image: Path, name: str, array: np.ndarray, axes: str, **told: Any) -> Path:
    """Labels of an image, and their place in its list."""
    write_attributes(image / "labels", told.get("version", "0.4"), {"labels": [name]})
    return write_ome_zarr(image / "labels" / name, array, axes, label=True, **told)


def write_plate(plate: Path, fields: Mapping[str, np.ndarray], *, version: str = "0.4", missing: Sequence[str] = (),
                axes: str = "yx", **told: Any) -> Path:
    """A plate of fields, by their paths such as `B/03/0`; those that are missing are named and not written."""
    wells: dict[str, list[str]] = {}
    for field in [*fields, *missing]:
        well, _, name = field.rpartition("/")
        wells.setdefault(well, []).append(name)
    rows, columns = sorted({well.split("/")[0] for well in wells}), sorted({well.split("/")[1] for well in wells})
    about = {"rows": [{"name": row} for row in rows], "columns": [{"name": column} for column in columns],
             "wells": [{"path": well, "rowIndex": rows.index(well.split("/")[0]),
                        "columnIndex": columns.index(well.split("/")[1])} for well in wells]}
    write_attributes(plate, version, {"plate": {**({} if version == "0.5" else {"version": version}), **about}})
    for well, names in wells.items():
        if any(f"{well}/{name}" in fields for name in names):
            images = [{"path": name} for name in names]
            write_attributes(plate / well, version,
                             {"well": {**({} if version == "0.5" else {"version": version}), "images": images}})
    for field, array in fields.items():
        write_ome_zarr(plate / field, array, axes, version=version, **told)
    return plate
