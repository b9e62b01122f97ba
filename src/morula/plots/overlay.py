"""An image with outlines over it: those of a mask, or the true and the predicted ones."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np

from morula.objects.touching import touching
from morula.pairs.masks import NOT_ANNOTATED
from morula.plots import palette
from morula.plots.display import Display
from morula.plots.planes import Planes, point_of_interest

FILL = {"both": 0.16, "wrong": 0.5}
"""How much of an overlay's colour covers the image, where the masks agree and where they do not."""
DARKENED = 0.4
"""How bright the image stays beside a line."""
HIDDEN = 0.25
"""Where lines hide more of a picture than this, they are drawn thinner."""
NEAR = 3
"""Pixels of a picture by which the edges between two objects may differ, and still be the same."""


def overlay(
    image: np.ndarray,
    truth: np.ndarray,
    predicted: np.ndarray,
    *,
    objects: tuple[np.ndarray, np.ndarray] | None = None,
    channels: Sequence[str] = (),
    pixel_size: Sequence[float] | None = None,
    longest: int = 480,
) -> bytes:
    """An image with the true and the predicted outlines over it, as PNG.

    Green: both agree on a class. Red: foreground in truth only. Blue: in the prediction only. Amber: in
    both, but of different classes. Grey: not annotated. The edges between objects that touch have these colours,
    too: green where both part them, red where only the truth does, blue where only the prediction does. Of a volume,
    three planes are shown, see `Planes`, through its `point_of_interest`.

    Args:
        image: `(channels, *space)`, any dtype.
        truth: class numbers, uint8 `(*space)`; 255 = not annotated.
        predicted: class numbers of the same shape.
        objects: the true and the predicted object numbers, whole `(*space)` each, 0 for none; without them, nothing is
            told apart within a class.
        channels: the names of the channels, for their colours.
        pixel_size: along each axis, in any unit; a volume is shown in its true proportions.
        longest: the longer side of the picture in pixels; small images are enlarged by whole numbers.
    """
    masks = (truth, predicted, *(objects or (truth > 0, predicted > 0)))
    planes = Planes(truth.shape, point_of_interest(truth, predicted), pixel_size, longest)
    return _drawn(image, masks, planes, channels, _painted)


def outlined(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    numbered: bool = False,
    channels: Sequence[str] = (),
    pixel_size: Sequence[float] | None = None,
    longest: int = 480,
) -> bytes:
    """An image with the outlines of a mask over it, as PNG: each class in its colour, the image within as it is.

    Of a volume, three planes are shown, through its `point_of_interest`.

    Args:
        image: `(channels, *space)`, any dtype.
        mask: class numbers, uint8 `(*space)`.
        numbered: the mask is a label image `(*space)` of any unsigned kind instead; lines run between its objects, too.
        channels: the names of the channels, for their colours.
        pixel_size: along each axis, in any unit; a volume is shown in its true proportions.
        longest: the longer side of the picture in pixels; small images are enlarged by whole numbers.
    """
    classes = (mask > 0).astype(np.uint8) if numbered else mask
    planes = Planes(mask.shape, point_of_interest(classes, classes), pixel_size, longest)
    return _drawn(image, (classes, mask), planes, channels, _with_outlines)


def outlines(mask: np.ndarray) -> np.ndarray:
    """Pixels that differ from a neighbour by a side, bool of the same shape."""
    edges = np.zeros(mask.shape, bool)
    for one, other in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        differs = mask[one] != mask[other]
        edges[one] |= differs
        edges[other] |= differs
    return edges


def enlarged(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A flat mask of any kind in another size, each pixel the one of the original that its middle lies in."""
    rows, columns = (((np.arange(wanted) + 0.5) * length / wanted).astype(int)
                     for wanted, length in zip(size, mask.shape, strict=True))
    return mask[np.ix_(rows, columns)]


def _drawn(
    image: np.ndarray,
    masks: Sequence[np.ndarray],
    planes: Planes,
    channels: Sequence[str],
    paint: Callable[..., np.ndarray],
) -> bytes:
    """The planes of an image as PNG, after `paint` laid those of the masks over each.

    Args:
        image: `(channels, *space)`, any dtype.
        masks: `(*space)` each.
        planes: what is shown of them, and how large.
        channels: their names.
        paint: takes a picture `(height, width, 3)`, float32 from 0 to 255, and each mask in its size, and gives uint8.
    """
    display = Display.of(image, channels)
    pictures = [
        paint(display.picture(plane, size), *(enlarged(mask, size) for mask in flat))
        for plane, size, *flat in zip(planes.cut(image), planes.sizes, *map(planes.cut, masks), strict=True)
    ]
    return _png(planes.mounted(pictures))


def _painted(
    picture: np.ndarray,
    truth: np.ndarray,
    predicted: np.ndarray,
    true_objects: np.ndarray,
    found_objects: np.ndarray,
) -> np.ndarray:
    """A picture with the true and the predicted classes and objects over it."""
    kinds = _kinds(truth, predicted)
    edges = outlines(kinds) | (outlines(np.where(predicted > 0, predicted, truth)) & (kinds > 0))
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
    true, found = touching(true_objects), touching(found_objects)
    for parted, colour in (
        (true & ~_near(found), palette.TRUTH_ONLY),
        (found & _near(true), palette.BOTH),
        (found & ~_near(true), palette.PREDICTION_ONLY),
    ):
        picture[parted] = palette.rgb(colour)
    return np.round(picture).astype(np.uint8)


def _near(edges: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    return ndimage.binary_dilation(edges, iterations=NEAR)


def _with_outlines(picture: np.ndarray, classes: np.ndarray, objects: np.ndarray) -> np.ndarray:
    """A picture with lines along the classes, and thinner ones between objects that touch.

    Beside each line runs a dark one, so that it is seen on dark and on bright ground.
    """
    from scipy import ndimage

    edges = outlines(classes)
    wider = ndimage.binary_dilation(edges)  # two pixels on either side
    edges = wider if wider.mean() <= HIDDEN else edges
    picture[edges & (classes == 0)] *= DARKENED
    lines = (edges | outlines(objects)) & (classes > 0)
    colours = np.array([palette.rgb(colour) for colour in palette.CLASSES])
    picture[lines] = colours[(classes[lines].astype(int) - 1) % len(colours)]
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
