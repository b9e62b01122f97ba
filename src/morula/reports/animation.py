"""How a mask emerged while a network learned, as an animation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from morula.errors import RequestError
from morula.examples.example import Piece
from morula.files import ensure_writable, whole_file
from morula.models.plan import Plan
from morula.plots import palette
from morula.plots.display import Display
from morula.plots.overlay import enlarged, outlines
from morula.plots.planes import Planes, point_of_interest
from morula.scores.compare import compare_masks

if TYPE_CHECKING:
    from PIL import Image

SECONDS, LAST_SECONDS = 0.1, 3.0
"""How long each picture stands, and the last."""
COLOURS = 128
TINT = 0.55
"""How much of a class's colour covers the image where the network is sure of it."""
CAPTION, BORDER = 22, 6
"""Pixels beneath the picture for words, and around everything."""


def ensure_animation(path: Path) -> None:
    """Find out before a training whether an animation can be written at its end.

    Raises:
        RequestError: the name does not end in .gif.
        OutputError: it cannot be written.
    """
    if path.suffix.lower() != ".gif":
        raise RequestError(f"{path}: an animation is a GIF. Let its name end with .gif.")
    ensure_writable(path)


def write_animation(
    path: Path,
    watched: Piece,
    glimpses: Mapping[int, np.ndarray],
    plan: Plan,
    *,
    longest: int = 320,
) -> None:
    """Write an animation of what a network made of a part of a frame after ever more steps.

    Each class has a colour, the stronger the surer the network is; a line of that colour lies around its mask, a white
    one around the truth. Of a volume, three planes are shown.

    Args:
        path: a .gif file.
        watched: the part of a frame, and its truth.
        glimpses: probabilities, uint8 `(classes with background, *space)`, by the step.
        plan: knows the names of the channels, and how large a pixel is.
        longest: the longer side of the picture in pixels; small frames are enlarged by whole numbers.

    Raises:
        OutputError: it cannot be written.
    """
    from PIL import Image

    pixel_size = np.multiply(plan.pixel_size or 1, plan.binning).tolist()
    planes = Planes(watched.truth.shape, point_of_interest(watched.truth, watched.truth), pixel_size, longest)
    display, truth = Display.of(watched.image, plan.channels), planes.cut(watched.truth)
    image = [display.picture(plane, size) for plane, size in zip(planes.cut(watched.image), planes.sizes, strict=True)]
    pictures = []
    for step, seen in sorted(glimpses.items()):
        painted = [_painted(*parts) for parts in zip(image, truth, planes.cut(seen), strict=True)]
        pictures.append(_captioned(planes.mounted(painted), f"step {step:,}", _score(watched.truth, seen)))
    shared = Image.fromarray(np.concatenate([np.asarray(picture) for picture in pictures])).quantize(COLOURS)
    first, *others = (picture.quantize(palette=shared, dither=Image.Dither.NONE) for picture in pictures)
    durations = [*[1000 * SECONDS] * len(others), 1000 * LAST_SECONDS]
    with whole_file(path) as temporary:
        first.save(temporary, "GIF", save_all=True, append_images=others, duration=durations, loop=0)


def _painted(background: np.ndarray, truth: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """One plane: image `(height, width, 3)`, true class numbers `(y, x)`, probabilities uint8 `(classes, y, x)`."""
    from PIL import Image

    size = background.shape[:2]
    picture = background.copy()
    for number, surety in enumerate(seen[1:]):
        smooth = Image.fromarray(np.ascontiguousarray(surety)).resize(size[::-1], Image.Resampling.BILINEAR)
        cover = (np.asarray(smooth, np.float32)[..., None] / 255) ** 2  # what is unsure must not hide the image
        picture += TINT * cover * (np.array(palette.rgb(_colour(number))) - picture)
    picture[outlines(enlarged(truth, size))] = palette.rgb(palette.PAPER)
    mask = enlarged(seen.argmax(0).astype(np.uint8), size)
    edges = outlines(mask)
    for number in range(len(seen) - 1):
        picture[edges & (mask == number + 1)] = palette.rgb(_colour(number))
    return np.round(picture).astype(np.uint8)


def _colour(number: int) -> str:
    return palette.CLASSES[number % len(palette.CLASSES)]


def _score(truth: np.ndarray, seen: np.ndarray) -> str:
    mask = seen.argmax(0).astype(np.uint8)
    iou = compare_masks(truth, mask, len(seen) - 1, name="watched", outlines=False).foreground_iou
    return "" if iou is None else f"IoU {iou:.3f}"


def _captioned(picture: np.ndarray, left: str, right: str) -> Image.Image:
    """A picture on paper, with words beneath it on the left and on the right."""
    from PIL import Image, ImageDraw, ImageFont

    height, width = picture.shape[:2]
    sheet = Image.new("RGB", (width + 2 * BORDER, height + BORDER + CAPTION), palette.PAPER)
    shown = Image.fromarray(picture)
    sheet.paste(shown, (BORDER, BORDER), shown if shown.mode == "RGBA" else None)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    middle = height + BORDER + CAPTION / 2
    draw.text((BORDER, middle), left, palette.INK, font, "lm")
    draw.text((BORDER + width, middle), right, palette.INK, font, "rm")
    return sheet
