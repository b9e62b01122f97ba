"""Something to try: a drawn movie of a gastruloid, with its outlines."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from morula.images.image import Image
from morula.images.read import find_files, open_image
from morula.napari_plugin.placing import place_of
from morula.workflows import draw

if TYPE_CHECKING:
    from napari.types import LayerData

FRAMES = 8


def drawn_gastruloids() -> list[LayerData]:
    """The movie and its labels, one for the body."""
    with TemporaryDirectory() as folder:
        drawn = draw("gastruloids", f"{folder}/drawn", movies=1, frames=FRAMES)
        frames, masks = (list(map(open_image, find_files(files))) for files in (drawn.images, drawn.masks))
        movie, truth = (np.stack([image.frame()[0] for image in images]) for images in (frames, masks))
    image = Image.from_array(movie, "TYX", name="gastruloid", pixel_size=frames[0].pixel_size)
    place = place_of(image)
    labels = (truth > 0).astype(np.uint8)
    return [(movie, {**place, "name": "gastruloid"}, "image"), (labels, {**place, "name": "outlines"}, "labels")]
