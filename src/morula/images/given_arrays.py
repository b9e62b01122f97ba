"""Arrays as people have them become images: of NumPy and dask, of xarray with its names, and layers of napari.

Nothing of these libraries is imported: what is theirs is told by what it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from morula.errors import RequestError, reason
from morula.headers.units import micrometres
from morula.images.colours import COLOURS
from morula.images.image import Image

AXES = {"t": "T", "time": "T", "frame": "T", "c": "C", "channel": "C", "channels": "C", "band": "C",
        "z": "Z", "plane": "Z", "slice": "Z", "y": "Y", "row": "Y", "x": "X", "col": "X", "column": "X"}
"""What axes are called elsewhere, in small letters."""
EVEN = 1e-3
"""By what share of a step places may be off: they are rounded where files hold them as texts."""


@dataclass(frozen=True)
class GivenArray:
    """An array, and what its library knows of it.

    Attributes:
        array: of NumPy, or of dask, whose numbers come when they are asked for.
        axes: a letter of `TCZYX` for each axis; None where nobody names them.
        steps: µm from one pixel to the next along each axis; None where unknown.
        channels: their names; None where nobody named them.
        name: what it is called.
        colours: whether its last axis holds colours, which napari alone tells.
    """

    array: Any
    axes: str | None = None
    steps: tuple[float | None, ...] = ()
    channels: tuple[str, ...] | None = None
    name: str = ""
    colours: bool = False

    def image(self, axes: str, *, name: str, channels: Sequence[str] | None = None) -> Image:
        """The image with these axes.

        Args:
            axes: a letter of `TCZYX` for each axis.
            name: what it is called where its library does not say.
            channels: names, over those that are known.

        Raises:
            ValueError: the axes do not fit.
        """
        known = dict(zip(axes, self.steps, strict=False))
        sizes = [known.get(letter) for letter in "ZYX" if letter in axes]
        pixel_size = tuple(size for size in sizes if size)
        named = tuple(channels or self.channels or ()) or None
        return Image.from_array(self.array, axes, name=self.name or name, channels=named,
                                pixel_size=pixel_size if len(pixel_size) == len(sizes) else None)


def given_array(given: Any) -> GivenArray:
    """What was given, with all that is known of it.

    Args:
        given: anything that NumPy makes an array of; a DataArray of xarray; a layer of napari, whose pixels are those
            of its finest level.

    Raises:
        RequestError: it is no array; or an axis has a name that means nothing here, or uneven places.
    """
    if all(hasattr(given, each) for each in ("dims", "coords", "data")):
        return _of_xarray(given)
    if hasattr(given, "axis_labels") and hasattr(given, "units"):
        return _of_napari(given)
    return GivenArray(_numbers(given))


def _of_xarray(given: Any) -> GivenArray:
    unknown = [name for name in map(str, given.dims) if name.lower() not in AXES]
    if unknown:
        raise RequestError(f"The DataArray has an axis called {unknown[0]!r}, and axes are called t, c, z, y and x. "
                           f"Rename it: array.rename({{{unknown[0]!r}: \"y\"}}).")
    letters = {name: AXES[str(name).lower()] for name in given.dims}
    steps = tuple(_step(given, name) if letter in "ZYX" else None for name, letter in letters.items())
    named = next((name for name, letter in letters.items() if letter == "C"), None)
    channels = given.coords[named].values if named is not None and named in given.coords else None
    words = tuple(map(str, channels)) if channels is not None and channels.dtype.kind in "UOT" else None
    return GivenArray(_numbers(given.data), "".join(letters.values()), steps, words, str(given.name or ""))


def _step(given: Any, axis: Any) -> float | None:
    """µm from one place to the next, None of one alone. Places without a unit are µm, unless they count pixels."""
    if axis not in given.coords or len(given.coords[axis]) < 2 or given.coords[axis].dtype.kind not in "iuf":
        return None
    steps = np.diff(given.coords[axis].values.astype(float))
    step = abs(float(steps.mean()))
    if not np.allclose(steps, steps.mean(), rtol=0, atol=EVEN * step) or step == 0:
        raise RequestError(f"The places along {axis} of the DataArray are not evenly spaced, and pixels are. Leave "
                           f"them out: array.drop_vars({str(axis)!r}).")
    unit = str(given.coords[axis].attrs.get("units", ""))
    return micrometres(step, unit) if unit else None if step == 1 else step


def _of_napari(layer: Any) -> GivenArray:
    data = _numbers(layer.data[0] if getattr(layer, "multiscale", False) else layer.data)
    scales = zip(layer.scale, layer.units, strict=True)
    steps = tuple(micrometres(float(abs(scale)), str(unit)) for scale, unit in scales)
    letters = [AXES.get(str(label).lower()) for label in layer.axis_labels]
    named = all(letters) and len(set(letters)) == len(letters)
    axes = "".join(map(str, letters)) if named else None
    if not getattr(layer, "rgb", False):
        return GivenArray(data, axes, steps, None, layer.name)
    return GivenArray(data[..., :3], axes and f"{axes}C", (*steps, None), COLOURS, layer.name, colours=True)


def _numbers(given: Any) -> Any:
    """The same if it is an array of NumPy or dask, which can be cut without reading it, else what NumPy makes of it."""
    lazily = all(hasattr(given, each) for each in ("dtype", "ndim", "transpose", "__array_function__"))
    try:
        return given if lazily else np.asarray(given)
    except (TypeError, ValueError) as error:
        raise RequestError(f"{type(given).__name__} is no array of numbers ({reason(error)}). Give an array, an Image, "
                           "or the path of an image.") from error
