"""How far from the edge of its object each pixel lies: what tells objects apart that touch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.pairs.stored_values import distinct_values


def edge_distances(labels: np.ndarray, spacing: Sequence[float], unknown: np.ndarray | None = None) -> np.ndarray:
    """The distance of each pixel from the edge of its object, as a share of the largest in the same object.

    An edge is where the background begins, or another object. Where the frame ends there is none, nor where nobody
    annotated. Being a share, it stays what it is when an object is enlarged, and small objects count like large ones.

    Args:
        labels: object numbers, whole `(*space)`; 0 is no object.
        spacing: the length of a pixel along each axis, in any unit.
        unknown: what nobody annotated, bool `(*space)`.

    Returns:
        uint8 `(*space)`: 255 at the innermost place of each object, above 0 everywhere in it, and 0 outside.
    """
    from scipy import ndimage

    if labels.dtype.itemsize > 2:  # numbers may be large, and objects few
        values, place = distinct_values(labels[None])
        labels = place + (values[0, 0] != 0)
    found = np.zeros(labels.shape, np.uint8)
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        around = tuple(slice(max(0, side.start - 1), side.stop + 1) for side in box)
        own = labels[around] == number
        inside = own if unknown is None else own | unknown[around]
        if inside.all():
            found[around][own] = 255
            continue
        # An edge lies between the last pixel inside and the first outside: half a pixel from both.
        distances = np.asarray(ndimage.distance_transform_edt(inside, spacing))[own] - min(spacing) / 2
        found[around][own] = np.rint(distances * (255 / distances.max())).clip(1)
    return found


def mean_error(found: np.ndarray, true: np.ndarray) -> float:
    """How far distances are from the true ones, uint8 `(*space)` each: the mean share, over all true objects."""
    inside = true > 0
    return float(np.abs(found[inside].astype(float) - true[inside]).mean() / 255) if inside.any() else 0.0
