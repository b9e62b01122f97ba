"""A gallery of objects from the least to the most of a measure, all at the same scale and brightness."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from morula.errors import RequestError
from morula.exchange.geojson import ReadOutlines
from morula.images.read import open_image, without_alpha
from morula.pairs.pairing import nothing_fits, pair_files
from morula.plots import palette
from morula.plots.display import Display, channel_colours
from morula.plots.experiment import Experiment
from morula.plots.outline_series import Outlines, outlines_of
from morula.plots.panels import condition_colours
from morula.plots.quantities import number, quantity

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST, ACROSS, LEAST_ACROSS = 24, 8, 6
SIDE = 1.15
"""Inches of a picture."""

MARGIN = 0.12
"""Around the largest object, as a share of its side."""

COLOUR_NAMES = dict(zip(
    (*palette.CHANNELS[3], "#ff0000", "#00ff00", "#0000ff"), ("magenta", "green", "blue", "red", "green", "blue"),
    strict=True,
))


@dataclass(frozen=True)
class Exhibit:
    """One object of the gallery.

    Attributes:
        row: of the experiment.
        pixels: its surroundings, `(channels, y, x)`, of volumes the brightest along z; None without an image.
        corner: of these, row and column.
        outlines: its outlines in the frame; None where nobody wrote them.
        pixel: µm along x, None where it is not known.
    """

    row: int
    pixels: np.ndarray | None
    corner: np.ndarray
    outlines: ReadOutlines | None
    pixel: float | None


def chosen_rows(experiment: Experiment, column: str) -> np.ndarray:
    """The rows that are shown, from the least to the most: of many, some from the whole range."""
    values = experiment.numbers(column)
    rows = np.argsort(values, kind="stable")[: np.count_nonzero(np.isfinite(values))]
    return rows[np.linspace(0, len(rows) - 1, min(MOST, len(rows))).round().astype(int)]


def images_of(experiment: Experiment, images: Sequence[Path]) -> dict[str, Path]:
    """The image of each file of the tables, as far as names tell it.

    Raises:
        RequestError: no image fits any file by name.
    """
    files = {Path(name): name for name in dict.fromkeys(experiment.columns["file"])}
    images, masks = [image.absolute() for image in images], list(files)  # never taken for the same files
    pairs = pair_files(images, masks).pairs
    if not pairs:
        raise RequestError(nothing_fits(images, masks, ("images", "files of the table")))
    return {files[mask]: image for image, mask in pairs}


def gallery_size(count: int) -> tuple[float, float]:
    """Width and height of the figure in inches."""
    return SIDE * min(ACROSS, max(LEAST_ACROSS, count)), (SIDE + 0.15) * -(-count // ACROSS) + 0.35


def draw_gallery(
    figure: Figure, experiment: Experiment, column: str, images: Mapping[str, Path], outlines: Outlines
) -> None:
    """Pictures of objects with their outlines, as far as there are both, and the measure above each.

    Args:
        figure: of `gallery_size`.
        experiment: rows of measures.
        column: by which objects are sorted.
        images: by the files of the experiment, as `images_of` finds them.
        outlines: by file, frame and object.

    Raises:
        RequestError: the table does not say where objects are, or an image has other axes or frames.
        FileError: an image cannot be read.
    """
    rows = chosen_rows(experiment, column)
    boxes = _boxes(experiment)
    side = int(np.ceil((boxes[rows, -2:, 1] - boxes[rows, -2:, 0] + 1).max() * (1 + 2 * MARGIN)))
    exhibits, channels = _exhibits(experiment, rows, boxes, side, images, outlines)
    display = _common_display(exhibits, channels)
    values = experiment.numbers(column)
    count, colours = len(exhibits), condition_colours(experiment)
    lines = -(-count // ACROSS)
    for place, exhibit in enumerate(exhibits):
        axes = figure.add_subplot(lines, min(ACROSS, max(LEAST_ACROSS, count)), place + 1)
        top, left = exhibit.corner.tolist()
        sides = (left, left + side)
        if display is not None and exhibit.pixels is not None:
            axes.imshow(display.picture(exhibit.pixels, (side, side)) / 255, extent=(*sides, top + side, top))
        if exhibit.outlines is not None:
            for polygon in exhibit.outlines.rings:
                axes.fill(*polygon.T[::-1], facecolor=palette.LINE if display is None else "none",
                          edgecolor=palette.BOTH, linewidth=0.9)
        axes.set(xlim=sides, ylim=(top + side, top), aspect="equal", xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
        condition = experiment.conditions[experiment.condition[exhibit.row]]
        axes.set_title(f"{number(values[exhibit.row])} {condition}".strip(), fontsize=7.5, loc="center", pad=2,
                       color=colours[experiment.condition[exhibit.row]] if condition else palette.INK)
    known = np.count_nonzero(np.isfinite(values))
    pixel, *others = {each.pixel for each in exhibits}
    width = f"{side * pixel:.3g} µm" if pixel and not others else f"{side} px"
    words = f"{quantity(column)}, from least to most: {count} of {known:,} objects. Pictures are {width} wide."
    if len(channels) > 1:
        shown = channel_colours(channels).items()
        words += f" {', '.join(f'{name} is {COLOUR_NAMES[colour]}' for name, colour in shown)}."
    figure.suptitle(words, fontsize=9, x=0.01, ha="left")


def _boxes(experiment: Experiment) -> np.ndarray:
    """The first and last pixel of each row's object along each axis, `(rows, axes, 2)`."""
    axes = [axis for axis in "zyx" if f"bounding_box_{axis}_first_px" in experiment.columns]
    if len(axes) < 2:
        raise RequestError("The table does not say where objects are: it has no columns bounding_box. Measure them, "
                           "too, with --measures size and what else you want.")
    return np.stack([
        np.stack([experiment.numbers(f"bounding_box_{axis}_{end}_px") for end in ("first", "last")], axis=1)
        for axis in axes
    ], axis=1)


def _exhibits(
    experiment: Experiment, rows: np.ndarray, boxes: np.ndarray, side: int, images: Mapping[str, Path],
    outlines: Outlines,
) -> tuple[list[Exhibit], tuple[str, ...]]:
    files, frames = experiment.columns["file"], experiment.columns["frame"]
    found = outlines_of(experiment, outlines)
    exhibits: list[Exhibit] = []
    channels: tuple[str, ...] = ()
    for row in rows:
        box = boxes[row][np.isfinite(boxes[row]).all(axis=1)]
        corner = np.round(box[-2:].mean(axis=1) + 0.5 - side / 2).astype(int)
        pixels, size = None, found[row].pixel_size if found[row] else None
        if files[row] in images:
            image = without_alpha(open_image(images[files[row]]))
            if len(image.space) != len(box) or frames[row] >= image.frames:
                raise RequestError(f"{images[files[row]]} is not what {files[row]} was made of: they differ in axes "
                                   "or frames.")
            if channels and len(channels) != len(image.channels):
                raise RequestError(f"{images[files[row]]} has {len(image.channels)} channels, and other images have "
                                   f"{len(channels)}. Give images of one kind with --images.")
            size = size or image.pixel_size
            deep = [slice(int(first), int(last) + 1) for first, last in box[:-2]]
            flat = [slice(max(0, start), min(start + side, size))
                    for start, size in zip(corner.tolist(), image.space[-2:], strict=True)]
            region = image.region(frames[row], tuple(deep + flat))
            region = region.max(axis=1) if deep else region
            before = np.maximum(0, -corner)
            pixels = np.zeros((len(region), side, side), region.dtype)
            height, width = region.shape[1:]
            pixels[:, before[0] : before[0] + height, before[1] : before[1] + width] = region
            channels = image.channels
        exhibits.append(Exhibit(int(row), pixels, corner, found[row], size[-1] if size else None))
    return exhibits, channels


def _common_display(exhibits: Sequence[Exhibit], channels: Sequence[str]) -> Display | None:
    pixels = [each.pixels.reshape(len(each.pixels), -1) for each in exhibits if each.pixels is not None]
    return Display.of(np.concatenate(pixels, axis=1), channels) if pixels else None
