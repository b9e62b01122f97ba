"""An image with outlines over it: those of a mask, or the true and the predicted ones."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from morula.images.masks import NOT_ANNOTATED
from morula.reports import palette
from morula.reports.display import Display
from morula.reports.planes import Planes, point_of_interest

FILL = {"both": 0.16, "wrong": 0.5}
"""How much of an overlay's colour covers the image, where the masks agree and where they do not."""
DARKENED = 0.4
"""How bright the image stays beside a line."""


def overlay(
    image: np.ndarray,
    truth: np.ndarray,
    predicted: np.ndarray,
    *,
    channels: Sequence[str] = (),
    pixel_size: Sequence[float] | None = None,
    longest: int = 480,
) -> bytes:
    """An image with the true and the predicted outlines over it, as PNG.

    Green: both agree on a class. Red: foreground in truth only. Blue: in the prediction only. Amber: in
    both, but of different classes. Grey: not annotated. Of a volume, three planes are shown, see `Planes`, through
    its `point_of_interest`.

    Args:
        image: `(channels, *space)`, any dtype.
        truth: class numbers, uint8 `(*space)`; 255 = not annotated.
        predicted: class numbers of the same shape.
        channels: the names of the channels, for their colours.
        pixel_size: along each axis, in any unit; a volume is shown in its true proportions.
        longest: the longer side of the picture in pixels; small images are enlarged by whole numbers.
    """
    planes = Planes(truth.shape, point_of_interest(truth, predicted), pixel_size, longest)
    display = Display.of(image, channels)
    pictures = [
        _painted(display.picture(plane, size), true, found)
        for plane, true, found, size in zip(*map(planes.cut, (image, truth, predicted)), planes.sizes, strict=True)
    ]
    return _png(planes.mounted(pictures))


def outlined(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    channels: Sequence[str] = (),
    pixel_size: Sequence[float] | None = None,
    longest: int = 480,
) -> bytes:
    """An image with the outlines of a mask over it, as PNG: each class in its colour, the image within as it is.

    Of a volume, three planes are shown, through its `point_of_interest`.

    Args:
        image: `(channels, *space)`, any dtype.
        mask: class numbers, uint8 `(*space)`.
        channels: the names of the channels, for their colours.
        pixel_size: along each axis, in any unit; a volume is shown in its true proportions.
        longest: the longer side of the picture in pixels; small images are enlarged by whole numbers.
    """
    planes = Planes(mask.shape, point_of_interest(mask, mask), pixel_size, longest)
    display = Display.of(image, channels)
    pictures = [
        _with_outlines(display.picture(plane, size), found)
        for plane, found, size in zip(*map(planes.cut, (image, mask)), planes.sizes, strict=True)
    ]
    return _png(planes.mounted(pictures))


def outlines(mask: np.ndarray) -> np.ndarray:
    """Pixels that differ from a neighbour by a side, bool of the same shape."""
    edges = np.zeros(mask.shape, bool)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differs = mask[one] != mask[other]
        edges[one] |= differs
        edges[other] |= differs
    return edges


def enlarged(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A flat mask in another size, each pixel a class of the original."""
    from PIL import Image

    return np.asarray(Image.fromarray(mask).resize((size[1], size[0]), Image.Resampling.NEAREST))


def _painted(picture: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """A picture `(height, width, 3)`, 0 to 255, with the masks of its plane over it, as uint8."""
    size = picture.shape[:2]
    kinds = enlarged(_kinds(truth, predicted), size)
    classes = enlarged(np.where(predicted > 0, predicted, truth), size)
    edges = outlines(kinds) | (outlines(classes) & (kinds > 0))
    for kind, colour, cover in (
        (1, palette.BOTH, FILL["both"]),
        (2, palette.TRUTH_ONLY, FILL["wrong"]),
        (3, palette.PREDICTION_ONLY, FILL["wrong"]),
        (4, palette.OTHER_CLASS, FILL["wrong"]),
        (5, palette.NOT_ANNOTATED, FILL["wrong"]),
    ):
        here = kinds == kind
        picture[here] += cover * (np.array(palette.rgb(colour)) - picture[here])
        if kind < 5:
            picture[here & edges] = palette.rgb(colour)
    return np.round(picture).astype(np.uint8)


def _with_outlines(picture: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A picture `(height, width, 3)`, 0 to 255, with lines along the mask of its plane, as uint8.

    Beside each line runs a dark one, so that it is seen on dark and on bright ground.
    """
    from scipy import ndimage

    classes = enlarged(mask, picture.shape[:2])
    edges = ndimage.binary_dilation(outlines(classes))  # two pixels on either side
    picture[edges & (classes == 0)] *= DARKENED
    for number in range(1, int(classes.max(initial=0)) + 1):
        picture[edges & (classes == number)] = palette.rgb(palette.CLASSES[(number - 1) % len(palette.CLASSES)])
    return np.round(picture).astype(np.uint8)


def _png(picture: np.ndarray) -> bytes:
    from PIL import Image

    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG", optimize=True)
    return png.getvalue()


def _kinds(truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """0 background, 1 agreed, 2 truth only, 3 prediction only, 4 another class, 5 not annotated."""
    nothing = (truth == 0) & (predicted == 0)
    cases = [truth == NOT_ANNOTATED, nothing, truth == predicted, predicted == 0, truth == 0]
    return np.select(cases, [5, 0, 1, 2, 3], default=4).astype(np.uint8)
