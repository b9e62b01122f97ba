"""Labels become files: label images as Morula writes them, which Fiji, QuPath and its own commands read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from morula.errors import OutputError
from morula.images.given_arrays import AXES
from morula.images.write import write_mask
from morula.napari_plugin.placing import pixel_size_told


def write_labels(path: str, data: Any, attributes: Mapping[str, Any]) -> list[str]:
    """Write a labels layer as a TIFF with its pixel size; a stack in time where its first axis is no z.

    Returns:
        The file, in a list, as napari wants it.

    Raises:
        OutputError: it cannot be written, or the labels are no planes or volumes.
    """
    labels = np.asarray(data)
    if labels.dtype == bool:
        labels = labels.astype(np.uint8)
    if labels.min(initial=0) < 0:
        raise OutputError(f"{path}: labels below 0 mean nothing in a label image. Make them 0.")
    axes = axes_of(attributes.get("axis_labels") or (), labels.ndim)
    if not axes:
        raise OutputError(f"{path}: labels of {labels.ndim} axes cannot be written. Save each volume by itself.")
    smallest = np.min_scalar_type(int(labels.max(initial=0)))
    if axes[0] != "T":
        labels = labels[None]
    write_mask(Path(path), labels.astype(smallest), pixel_size=pixel_size_told(attributes, axes))
    return [path]


def axes_of(names: tuple[str, ...], count: int) -> str:
    """A letter for each axis: as they are called, else moments before planes; empty where there are too many.

    >>> axes_of(("z", "y", "x"), 3), axes_of((), 3), axes_of((), 5)
    ('ZYX', 'TYX', '')
    """
    called = "".join(AXES.get(str(name).lower(), "?") for name in names)
    if called in ("YX", "TYX", "ZYX", "TZYX") and len(called) == count:
        return called
    return {2: "YX", 3: "TYX", 4: "TZYX"}.get(count, "")
