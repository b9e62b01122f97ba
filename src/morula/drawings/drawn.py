"""A drawn image with its truth, and a folder of such as anyone would bring them: images here, masks there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from morula.images.image import Image
from morula.images.write import write_mask, write_stack


@dataclass(frozen=True)
class Drawing:
    """One drawn picture or volume and the truth about it.

    Attributes:
        name: such as `movie03_t012`; images of one group share what stands before the last `_`.
        image: the pixels, dtype uint8, whose axes are `axes`.
        mask: class numbers, shape `(*space)`, dtype uint8, or numbers of things, int32; 0 is background.
        pixel_size: µm along each spatial axis.
        axes: letters of `CZYX`, one for each axis of `image`; a last C are red, green and blue.
    """

    name: str
    image: np.ndarray
    mask: np.ndarray
    pixel_size: tuple[float, ...]
    axes: str = "YX"


def save_drawings(
    drawings: Iterable[Drawing],
    folder: Path,
    *,
    total: int = 0,
    progress: Callable[[int, int, str], None] | None = None,
) -> None:
    """Write each drawing as `folder/images/NAME.tif` and `folder/masks/NAME.tif`, with its pixel size.

    Args:
        drawings: what to write; an iterator is drawn as it is written.
        folder: where to; made if need be.
        total: how many drawings there are, for the progress.
        progress: told the number written, the total and the last name.

    Raises:
        OutputError: a file cannot be written.
    """
    folder = Path(folder)
    for done, drawing in enumerate(drawings, start=1):
        image = Image.from_array(drawing.image, drawing.axes, name=drawing.name, pixel_size=drawing.pixel_size)
        write_stack(folder / "images" / f"{drawing.name}.tif", image)
        write_mask(folder / "masks" / f"{drawing.name}.tif", [drawing.mask], pixel_size=drawing.pixel_size)
        if progress:
            progress(done, total, drawing.name)
