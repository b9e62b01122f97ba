"""Where a layer lies: the size of its pixels with unit and names of axes, from an image and from another layer.

Each layer has all three, for napari forgets the units of all layers where one has others.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from morula.images.image import Image

if TYPE_CHECKING:
    from napari.layers import Layer

UNKNOWN, MICROMETRE = "pixel", "micrometer"
"""Units as napari writes them; moments are counted."""
PLACE = ("scale", "translate", "rotate", "shear", "affine", "units", "axis_labels")
"""What says where a layer lies."""


def axes_shown(image: Image) -> str:
    """The axes of a layer of one channel: time only where there is more than one moment."""
    return ("T" if image.frames > 1 else "") + "ZYX"[-len(image.space):]


def place_of(image: Image) -> dict[str, Any]:
    """Scale, units and names of axes for a layer that shows one channel of an image, or its colours."""
    axes = axes_shown(image)
    moments = [1.0] if image.frames > 1 else []
    known = image.pixel_size is not None
    return {
        "scale": (*moments, *(image.pixel_size or (1.0,) * len(image.space))),
        "units": (*(UNKNOWN for _ in moments), *(MICROMETRE if known else UNKNOWN for _ in image.space)),
        "axis_labels": tuple(axes.lower()),
    }


def place_like(layer: Layer) -> dict[str, Any]:
    """Where a layer lies, for another that lies upon it."""
    return {name: getattr(layer, name) for name in PLACE}


def pixel_size_told(attributes: Mapping[str, Any], axes: str) -> tuple[float, ...] | None:
    """µm along the spatial axes, from what napari says of a layer; None where not all are lengths.

    Args:
        attributes: with scale and units.
        axes: a letter of `TZYX` for each axis.
    """
    from morula.headers.units import micrometres

    told = zip(axes, attributes["scale"], attributes.get("units") or (UNKNOWN,) * len(axes), strict=True)
    sizes = [micrometres(abs(float(scale)), str(unit)) for letter, scale, unit in told if letter in "ZYX"]
    return tuple(size for size in sizes if size) if all(sizes) else None
