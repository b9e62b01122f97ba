"""What the layers of a network see in an image, as one sheet to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from morula.images.image import Image
from morula.models.feature_maps import feature_maps, most_telling, prepared_middle, stage_ends
from morula.models.model import Model
from morula.networks.losses import class_logits
from morula.plots import palette
from morula.plots.display import ENDS, Display, channel_colours
from morula.plots.figures import check_file_kind, figure_in_style, save_figure
from morula.plots.overlay import enlarged
from morula.plots.planes import Planes
from morula.reports.terms import TERMS

COLUMNS = 8
"""Maps that are shown of a layer."""
CELL, GAP, CAPTION, LABELS = 1.1, 0.1, 0.12, 1.7
"""Inches: the longer side of a map, the room between two, for the words beneath each, and for those on the left."""
SHOWN = 220
"""The longer side of a map in pixels."""


@dataclass(frozen=True)
class Row:
    """One row of the sheet: words on the left, and pictures `(height, width, 3 or 4)` with a word beneath each."""

    title: str
    lines: Sequence[str]
    pictures: Sequence[np.ndarray]
    captions: Sequence[str]


def draw_features(model: Model, image: Image, path: Path, layers: Sequence[str] = ()) -> None:
    """Draw what layers of a model see in the first frame of an image, into a file of the kind that its name says.

    Of each layer the maps that together tell most are shown, see `most_telling`, each from its own dark to its own
    bright. Above them stands what the network is given, beneath them what it concludes.

    Args:
        model: a trained model.
        image: of a large one, the middle is shown; of a volume, three planes through the middle.
        path: an .svg, .png or .pdf file.
        layers: names of layers; left out, the end of each stage.

    Raises:
        RequestError: there is no such layer, or the name says no kind of picture.
        ModelError: the image does not fit the model.
        OutputError: the file cannot be written.
    """
    check_file_kind(path)
    prepared = prepared_middle(model, image)
    maps = feature_maps(model.network, prepared, [*(layers or stage_ends(model.network)), "head"])
    logits = maps.pop("head")[: model.plan.architecture.outputs]
    plan, pixels = model.plan, TERMS[prepared.ndim - 1].pixel + "s"
    # As far as the image reaches in space, whatever the size of a map.
    extent = np.multiply(prepared.shape[1:], plan.binning) * np.array(plan.pixel_size or 1)
    _draw_rows([
        _image_row(prepared, plan.channels, extent, pixels),
        *(_layer_row(name, found, extent, pixels) for name, found in maps.items()),
        _result_row(logits, plan.classes, extent),
    ], path)


def _image_row(prepared: np.ndarray, channels: Sequence[str], extent: np.ndarray, pixels: str) -> Row:
    display = Display.of(prepared, channels)
    planes = _middle(prepared.shape[1:], extent)
    pictures = [np.round(display.picture(plane, size)).astype(np.uint8)
                for plane, size in zip(planes.cut(prepared), planes.sizes, strict=True)]
    colours = channel_colours(channels)
    return Row("image", [f"{_size(prepared)} {pixels}"], [planes.mounted(pictures)],
               [", ".join(colours) if len(colours) > 1 else ""])


def _layer_row(name: str, maps: np.ndarray, extent: np.ndarray, pixels: str) -> Row:
    chosen, share = most_telling(maps, COLUMNS)
    lines = [f"{_size(maps)} {pixels}", f"{len(chosen)} of {len(maps)} maps", f"{100 * share:.0f} % of the variance"]
    pictures = [_coloured(maps[index], np.percentile(maps[index], ENDS).tolist(), extent) for index in chosen]
    return Row(name, lines, pictures, [str(index) for index in chosen])


def _result_row(logits: np.ndarray, classes: Sequence[str], extent: np.ndarray) -> Row:
    probabilities = class_logits(torch.from_numpy(logits)[None])[0].softmax(0).numpy()[1:]
    pictures = [_coloured(probability, (0, 1), extent) for probability in probabilities[:COLUMNS]]
    return Row("result", ["probability, 0 to 1"], pictures, classes[:COLUMNS])


def _middle(space: Sequence[int], extent: np.ndarray) -> Planes:
    return Planes(space, [length // 2 for length in space], (extent / space).tolist(), SHOWN)


def _coloured(values: np.ndarray, ends: Sequence[float], extent: np.ndarray) -> np.ndarray:
    """A map `(*space)` in colours, dark at one end and bright at the other, its pixels to be seen."""
    (low, high), planes = ends, _middle(values.shape, extent)
    levels = (255 * ((values - low) / max(high - low, 1e-12)).clip(0, 1)).astype(np.uint8)
    ramp = np.array([np.interp(np.arange(256), np.linspace(0, 255, len(palette.RAMP)), part)
                     for part in zip(*map(palette.rgb, palette.RAMP), strict=True)], np.uint8).T
    return planes.mounted([ramp[enlarged(plane, size)]
                           for plane, size in zip(planes.cut(levels), planes.sizes, strict=True)])


def _size(maps: np.ndarray) -> str:
    return " × ".join(map(str, maps.shape[1:]))


def _draw_rows(rows: Sequence[Row], path: Path) -> None:
    """All rows on one sheet; the cells are as high as the pictures are in proportion."""
    tall, wide = rows[0].pictures[0].shape[:2]
    width, height = CELL * wide / max(tall, wide), CELL * tall / max(tall, wide)
    columns = max(len(row.pictures) for row in rows)
    sheet = LABELS + columns * (width + GAP), GAP + len(rows) * (height + CAPTION + GAP)
    with figure_in_style("features", sheet[0], sheet[1]) as figure:
        figure.set_layout_engine("none")
        for number, row in enumerate(rows):
            top = sheet[1] - GAP - number * (height + CAPTION + GAP)
            figure.text(GAP / sheet[0], (top - 0.02) / sheet[1], row.title, va="top", fontweight="bold")
            figure.text(GAP / sheet[0], (top - 0.2) / sheet[1], "\n".join(row.lines), va="top", fontsize=7,
                        color=palette.MUTED, linespacing=1.4)
            for column, (picture, caption) in enumerate(zip(row.pictures, row.captions, strict=True)):
                left = LABELS + column * (width + GAP)
                place = left / sheet[0], (top - height) / sheet[1], width / sheet[0], height / sheet[1]
                axes = figure.add_axes(place)
                axes.imshow(picture, interpolation="antialiased", aspect="auto")
                axes.set_axis_off()
                figure.text(place[0], place[1] - 0.03 / sheet[1], caption, va="top", fontsize=6.5, color=palette.MUTED)
        save_figure(figure, path)
