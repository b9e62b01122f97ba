"""What a model is given, as an image with the channels and the axes that it wants, or refused with what to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from morula.errors import FileError, ModelError
from morula.headers.units import pixel_size_in_words
from morula.images.channels import are_unnamed, match_channels
from morula.images.colours import COLOURS, GREY
from morula.images.given_arrays import given_array
from morula.images.image import Image
from morula.images.read import open_image, without_alpha
from morula.models.plan import Plan
from morula.names.endings import zarr_of
from morula.plurals import LISTED, listed

Given: TypeAlias = Image | np.ndarray | str | Path
"""What is seen: an image, the file of one, or an array, also one of dask or xarray, or a layer of napari."""

SAME_SIZE = 1.1
"""Pixels that differ by less than this factor are taken for equally large."""

LARGEST_CHANGE = 10.0
"""Pixels that differ by more than this factor are no other magnification but a mistake."""


def as_image(given: Given, axes: str | None, plan: Plan) -> Image:
    """What a model was given in Python, as an image; an Image is itself.

    Args:
        given: an Image; the file of one; or an array of numbers, as NumPy, dask, xarray or napari have them.
        axes: letters of `TCZYX` for those of an array, or of a file over what it says. Left out, those of an array
            that does not name them are `YX` or, for several channels, `YXC` (volumes: `ZYX`, `ZYXC`).
        plan: of the model.

    Raises:
        ModelError: the axes do not fit, or there are no numbers.
        FileError: the file cannot be read or understood, or is a folder.
        RequestError: an axis of a DataArray has a name that means nothing here, or uneven places.
    """
    if isinstance(given, Image):
        if axes is not None and axes.upper() != given.stored_axes:
            raise ModelError(f"{given.path or given.name} is an Image, whose axes are known: {given.stored_axes}. If "
                             f"they are wrong, name them where it is made: Image.from_array(…, axes={axes!r}) or "
                             f"open_image(…, axes={axes!r}).")
        return given
    if isinstance(given, str | Path):
        path = Path(given).expanduser()
        if path.is_dir() and not zarr_of(path):  # which would be opened as the masks of the objects of one image
            raise FileError(f"{path} is a folder, and a model is given one image at a time. Give the file of an image, "
                            "or use morula.segment, which takes folders.")
        return without_alpha(open_image(path, axes=axes))
    known = given_array(given)
    array = known.array
    if array.dtype.kind not in "buif":
        raise ModelError(f"The model was given {type(given).__name__} with values of the type {array.dtype}, and sees "
                         "arrays of whole numbers or of floats, an Image, or the path of an image.")
    if array.size == 0:
        raise ModelError(f"The array is empty: its shape is {array.shape}. Leave it out.")
    if axes is None:
        space = _space(plan)
        colours = known.colours or (array.ndim == len(space) + 1 and plan.architecture.inputs > 1)
        axes = known.axes or (space + "C" if colours else space)
    try:
        return known.image(axes.upper(), name="array")
    except ValueError as error:
        how = f"Name the axes, a letter of TCZYX for each{_such_as(array.ndim, plan)}"
        raise ModelError(f"{error}. {how}.") from error


def fitted(image: Image, plan: Plan, *, typed: bool) -> Image:
    """The image with the channels that the plan has, in its order.

    Args:
        image: any image.
        plan: of the model.
        typed: whether a command was typed: then advice names its options, and otherwise arguments in Python.

    Raises:
        ModelError: the image has other channels or another number of spatial axes, naming what was expected.
    """
    source, axes = image.path or image.name, plan.architecture.axes
    if len(image.space) != axes:
        raise ModelError(f"{source}: the model was trained on {axes}-D images, this one is {len(image.space)}-D "
                         f"(axes {image.axes}). {_how_to_name_axes(image, axes, typed=typed)}")
    if loses_colours(image, plan):
        return image.in_grey()
    match = match_channels(image.channels, plan.channels)
    if match is None:
        raise ModelError(f"{source}: the model expects the channels {', '.join(plan.channels)}; this image has "
                         f"{listed(image.channels)}. {_how_to_name_channels(image, plan.channels, typed=typed)}")
    return image.take_channels(match.places, plan.channels) if match.sentence else image


def loses_colours(image: Image, plan: Plan) -> bool:
    """Whether it is a colour picture, of which the plan knows only how bright it is."""
    return image.channels == COLOURS and plan.channels == GREY


def magnification(image: Image, plan: Plan, *, typed: bool) -> tuple[float, ...] | None:
    """How much an image must be enlarged along each axis for its pixels to be of the size learned from.

    None where that is hardly at all, or where one of the sizes is unknown.

    Args:
        image: with the spatial axes of the plan.
        plan: of the model.
        typed: as for `fitted`.

    Raises:
        ModelError: it is so much that one of the sizes must be wrong.
    """
    if plan.pixel_size is None or image.pixel_size is None:
        return None
    factors = tuple(own / known for own, known in zip(image.pixel_size, plan.pixel_size, strict=True))
    if not all(1 / LARGEST_CHANGE < factor < LARGEST_CHANGE for factor in factors):
        own, known = pixel_size_in_words(image.pixel_size), pixel_size_in_words(plan.pixel_size)
        how = "with --pixel-size" if typed else "in µm: image.with_pixel_size((…)), or open_image(…, pixel_size=…)"
        raise ModelError(f"{image.path or image.name}: its pixels are {own} large, those the model learned from "
                         f"{known}. If the file is wrong, say the true size {how}.")
    return None if all(1 / SAME_SIZE < factor < SAME_SIZE for factor in factors) else factors


def _space(plan: Plan) -> str:
    return "ZYX"[-plan.architecture.axes :]


def _such_as(axes: int, plan: Plan) -> str:
    """An example of axes for arrays of so many; nothing where the model sees none."""
    more = axes - plan.architecture.axes
    return f", such as axes=\"{('', 'T', 'TC')[more]}{_space(plan)}\"" if 0 <= more <= 2 else ""


def _axes_option(letters: str, *, typed: bool) -> str:
    return f"--axes {letters}" if typed else f'axes="{letters}"'


def _how_to_name_axes(image: Image, wanted: int, *, typed: bool) -> str:
    """What to do about an image with another number of spatial axes."""
    axes = image.stored_axes
    if wanted == 3 and "T" in axes and "Z" not in axes:
        return (f"Its {image.frames} planes were taken for moments in time. If they are the slices of a volume, "
                f"say so with {_axes_option(axes.replace('T', 'Z'), typed=typed)}.")
    if wanted == 2 and "Z" in axes and "T" not in axes:
        return (f"Its {image.space[0]} planes were taken for the slices of a volume. If they are moments in time, "
                f"say so with {_axes_option(axes.replace('Z', 'T'), typed=typed)}.")
    return f"If its axes were misread, name them with {'--axes' if typed else 'axes='}."


def _how_to_name_channels(image: Image, known: Sequence[str], *, typed: bool) -> str:
    """What to do about an image with other channels."""
    many = len(image.channels) > LISTED
    if len(image.channels) < len(known):
        planes = image.frames > 1 or len(image.space) > 2
        named = f"If channels were taken for moments or slices, name them with {'--axes' if typed else 'axes='}; or "
        return f"{named if planes else ''}{'g' if planes else 'G'}ive an image with all of them, or train without some."
    if typed:
        planes = "If these are moments or slices, say so with --axes. " if many else ""
        those = "those that stand for the model's, in its order, with --use-channels, by name or by number from 1."
        if are_unnamed(known):  # no names of others are these
            return f"{planes}Pick {those}"
        return (f"{planes}If the file does not name them rightly, name all of its channels with --channels, or pick "
                f"{those}")
    planes = "If these are moments, slices or rows, say so with axes=. " if many else ""
    return (f"{planes}Pick those that stand for the model's, in its order, by their places from 0: "
            "image.take_channels([…], model.channels).")
