"""Masks written into the OME-Zarr of their image, as its labels: with its levels, and without its channels."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.errors import FileError
from morula.files import whole_folder
from morula.formats.ome_zarr import Multiscale, open_array, open_multiscale
from morula.headers.zarr_groups import DESCRIBING, attributes, read_json
from morula.images.image import Image
from morula.names.endings import LABELS
from morula.pyramids.regions import nearest, part_of, regions
from morula.pyramids.zarr_words import add_words, create_array, level_said, multiscale_said, write_group

if TYPE_CHECKING:
    from zarr import Array

OWN = "morula"
"""Under which word labels say what made them."""
MOST_COLOURED = 255
"""Numbers that have a colour of their own; where there are more, programs choose colours by themselves."""
_TURN = 0.618  # of the golden ratio, which puts neighbours in number far apart in hue


def labels_path(image: Path, name: str) -> Path:
    """Where the labels of an image lie, that may be the only one in its OME-Zarr.

    Raises:
        FileError: it is no image of an OME-Zarr.
    """
    return open_multiscale(image).group / LABELS / name


def is_made_by(labels: Path, model: str, mask: Path) -> bool:
    """Whether labels were made by this model, of a mask that is not newer than they are."""
    for file in (labels / "zarr.json", labels / ".zattrs"):
        with suppress(OSError, FileError, AttributeError):
            held = read_json(file)
            said = held.get("attributes", held).get(OWN)
            # Places elsewhere know whole seconds.
            return said == {"model": model} and int(file.stat().st_mtime) >= int(mask.stat().st_mtime)
    return False


def write_image_labels(image: Path, name: str, mask: Image, model: str, classes: Sequence[str] = ()) -> Path:
    """Write a mask into the OME-Zarr of its image, whole or not at all, and add it to the list of its labels.

    Each level is as large as that of the image, and its pixels are the nearest of the level before. First come the
    pixels, then their description, then the name of the folder, and then its place in the list: no reader meets half a
    label image. What had this name before is replaced.

    Args:
        image: the group of the image.
        name: of the labels.
        mask: of the same frames and space.
        model: what made it.
        classes: what its numbers mean, from 1 on, if they are not those of objects.

    Returns:
        Where the labels are.

    Raises:
        FileError: one of both cannot be read, or they differ in size.
        OutputError: the labels cannot be written.
    """
    multiscale = open_multiscale(image)
    kept = [place for place, letter in enumerate(multiscale.letters) if letter != "C"]
    letters = "".join(multiscale.letters[place] for place in kept)
    likes = [open_array(level.path) for level in multiscale.levels]
    _require_same_size(image, dict(zip(multiscale.letters, likes[0].shape, strict=True)), mask)
    path = multiscale.group / LABELS / name
    with whole_folder(path, option=None, last=DESCRIBING) as temporary:
        arrays: list[Array] = []
        for like in likes:
            shape, chunks, shards = ([sides[axis] for axis in kept]
                                     for sides in (like.shape, like.chunks, like.shards or like.chunks))
            place = temporary / str(len(arrays))
            arrays.append(create_array(place, multiscale.version, letters, shape, mask.dtype, chunks,
                                       shards if like.shards else None, sparse=True))
        numbers = _write_full(arrays[0], mask, letters)
        for smaller, larger in zip(arrays[1:], arrays, strict=False):
            _write_smaller(smaller, larger)
        levels = [level_said(str(number), [level.scale[axis] for axis in kept],
                             [level.translation[axis] for axis in kept])
                  for number, level in enumerate(multiscale.levels)]
        axes = [multiscale.axes[axis] for axis in kept]
        said = {"multiscales": [multiscale_said(multiscale.version, name, axes, levels)],
                "image-label": _meaning(multiscale.version, numbers, classes)}
        write_group(temporary, multiscale.version, said, {OWN: {"model": model}})
    _add_to_list(multiscale, name)
    return path


def _require_same_size(image: Path, sizes: Mapping[str, int], mask: Image) -> None:
    frames, space = sizes.get("T", 1), tuple(sizes.get(letter, 1) for letter in "ZYX")
    if (frames, space) != (mask.frames, (*(1,) * (3 - len(mask.space)), *mask.space)):
        own = " × ".join(map(str, (frames, *space)))
        raise FileError(f"{mask.path or mask.name}: the mask has {mask.extent}, and {image} has {own} along t, z, "
                        "y and x. Segment the image anew, with the axes that it names itself.")


def _write_full(array: Array, mask: Image, letters: str) -> np.ndarray:
    """Write the full resolution; all numbers in it come back, in order."""
    numbers = np.zeros(0, mask.dtype)
    for box in regions(array.shape, array.shards or array.chunks):
        part = part_of(mask, letters, box)
        numbers = np.union1d(numbers, part)
        array[box] = part
    return numbers[numbers > 0]


def _write_smaller(array: Array, larger: Array) -> None:
    for box in regions(array.shape, array.shards or array.chunks):
        picked = [nearest(length, smaller, piece)
                  for length, smaller, piece in zip(larger.shape, array.shape, box, strict=True)]
        part = np.asarray(larger[tuple(slice(int(each[0]), int(each[-1]) + 1) for each in picked)])
        array[box] = part[np.ix_(*(each - each[0] for each in picked))]


def _meaning(version: str, numbers: np.ndarray, classes: Sequence[str]) -> dict[str, Any]:
    """What labels say of their numbers, and of what image they are."""
    values = range(1, len(classes) + 1) if classes else numbers.tolist()
    colours = [{"label-value": value, "rgba": _colour(value)} for value in values]
    named = [{"label-value": value, "class": name} for value, name in enumerate(classes, start=1)]
    return {**({} if version == "0.5" else {"version": version}), "source": {"image": "../../"},
            **({"colors": colours} if 0 < len(colours) <= MOST_COLOURED else {}),
            **({"properties": named} if named else {})}


def _colour(number: int) -> list[int]:
    return [round(255 * part) for part in (*colorsys.hsv_to_rgb(number * _TURN % 1, 0.7, 1), 1)]


def _add_to_list(multiscale: Multiscale, name: str) -> None:
    group = multiscale.group / LABELS
    known = (attributes(group) or {}).get(LABELS, [])
    if name not in known:
        add_words(group, multiscale.version, {LABELS: [*known, name]})
