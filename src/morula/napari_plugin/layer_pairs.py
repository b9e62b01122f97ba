"""An image layer and its labels become files to learn from: a pair for each plane or volume that has labels.

In a movie people draw on a few frames; a frame without any label is one that nobody has come to, and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from morula.errors import RequestError
from morula.images.image import Image
from morula.images.write import write_mask, write_stack
from morula.napari_plugin.layer_images import image_of
from morula.plurals import many
from morula.progress import Progress

if TYPE_CHECKING:
    from napari.layers import Image as ImageLayer
    from napari.layers import Labels

NAME = "layer"


@dataclass(frozen=True)
class LayerPairs:
    """Files of a layer.

    Attributes:
        images: their folder.
        masks: the folder of their masks.
        frames: which frames have labels.
        sentence: how many, of how many.
    """

    images: Path
    masks: Path
    frames: tuple[int, ...]
    sentence: str


def write_pairs(image: ImageLayer, labels: Labels, axes: int, folder: Path, progress: Progress) -> LayerPairs:
    """Write what has labels into two folders.

    Args:
        image: grey or in colours.
        labels: of the same size.
        axes: 2 for planes, 3 for volumes.
        folder: an empty one.
        progress: called with frames done, frames in all, and words.

    Raises:
        RequestError: the layers differ in size, or there is no label.
        ModelError: the layers have too few axes.
    """
    seen, drawn = image_of(image, axes), image_of(labels, axes)
    if (seen.image.space, seen.image.frames) != (drawn.image.space, drawn.image.frames):
        raise RequestError(f"The layer {image.name} has {seen.image.extent}, and the labels {labels.name} "
                           f"{drawn.image.extent}. Draw the labels on the image: choose it, then add a labels layer.")
    annotated = []
    for number, mask in enumerate(drawn.image):
        progress(number, drawn.image.frames, "putting layers aside")
        if not mask.any():
            continue
        annotated.append(number)
        name = f"{NAME}_t{number:04d}.tif"
        frame = Image.from_array(seen.image.frame(number), "C" + seen.image.axes[2:],
                                 pixel_size=seen.image.pixel_size, channels=seen.image.channels)
        write_stack(folder / "images" / name, _writable(frame))
        smallest = np.min_scalar_type(int(mask.max()))
        write_mask(folder / "masks" / name, mask.astype(smallest), pixel_size=seen.image.pixel_size)
    if not annotated:
        raise RequestError(f"There is nothing drawn on {labels.name}. Paint what you study, on one frame at least.")
    kind = "volume" if axes == 3 and drawn.image.frames > 1 else "frame"
    sentence = f"{len(annotated)} of {many(drawn.image.frames, kind)} with labels"
    return LayerPairs(folder / "images", folder / "masks", tuple(annotated), sentence)


def _writable(image: Image) -> Image:
    """With a type of numbers that a TIFF has."""
    if image.dtype.name in ("uint8", "uint16", "float32"):
        return image
    return Image.from_array(image.array().astype(np.float32), image.axes, pixel_size=image.pixel_size,
                            channels=image.channels)
