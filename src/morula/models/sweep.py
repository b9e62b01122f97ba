"""One frame through the network from top to bottom, in tiles that blend into each other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F

from morula.errors import FileError
from morula.images.image import ArrayPixels, Box, Image
from morula.models.engines import Engine, NumberFormat, mean_of
from morula.models.plan import Plan
from morula.models.preprocessing import binned, measure_levels, sample_frame
from morula.models.tiles import Span, cover, mirrored
from morula.networks.architecture import Architecture
from morula.objects.classes import most_probable

TILE = 2**24
"""Numbers in one map of the first stage of a network, for a tile: what it takes in memory is some ten times that. Of
float32, a quarter: more would lie outside of what a processor keeps at hand, and take twice as long."""
OVERLAP = {1: 256, 2: 96, 3: 32}
"""How much neighbouring tiles share in pixels of the first stage, by the number of spatial axes."""


@dataclass(frozen=True)
class Band:
    """Finished rows of a frame.

    Attributes:
        start: first row (first spatial axis) in the frame.
        maps: float32 `(maps, rows, *rest)`, as they come from an engine.
        count: how many of them are classes, background included.
    """

    start: int
    maps: np.ndarray
    count: int

    @property
    def probabilities(self) -> np.ndarray:
        """Those of the classes, float32 `(classes with background, rows, *rest)`, which sum to 1."""
        return self.maps[: self.count]

    @cached_property
    def classes(self) -> np.ndarray:
        """The most probable class of each pixel, uint8 `(rows, *rest)`."""
        return most_probable(self.probabilities)

    @property
    def distances(self) -> np.ndarray:
        """How far each pixel lies from the edge of its object, uint8 `(rows, *rest)`, 255 for the farthest.

        Only networks that tell objects apart know it.
        """
        return np.rint(self.maps[self.count] * 255).astype(np.uint8)

    @property
    def rows(self) -> slice:
        """Where in the frame it lies."""
        return slice(self.start, self.start + self.maps.shape[1])

    @property
    def doubt(self) -> np.ndarray:
        """255 × (1 − the probability of the most probable class), uint8 `(rows, *rest)`."""
        return np.rint(255 * (1 - self.probabilities.max(0)).clip(0, 1)).astype(np.uint8)


OnBand = Callable[[Band], None]
"""Shown each band of a frame on its way."""
OnTile = Callable[[np.ndarray, list[np.ndarray], Box], None]
"""Told of every tile: what the network saw, float32 `(channels, *space)`; what it answered, see `Engine.views`, each
float32 `(classes with background, *space)`; and which part of these no other tile tells; all in binned pixels."""


def sweep(engine: Engine, plan: Plan, image: Image, frame: int, on_tile: OnTile | None = None) -> Iterator[Band]:
    """The bands of one frame, so that memory holds two rows of tiles and no more.

    Args:
        engine: the network.
        plan: how images are prepared for it.
        image: of any size.
        frame: which of its frames.
        on_tile: told of every tile.

    Raises:
        FileError: the image holds NaN or infinity, or cannot be read.
    """
    sample = _finite(sample_frame(image, frame), image)
    levels = measure_levels(sample, plan.intensity)
    if sample.shape[1:] == image.space:  # all of it is here already, and decoding it takes its time
        image, frame = replace(image, pixels=ArrayPixels(sample[None]), frames=1), 0
    binning, axes = plan.binning, len(image.space)
    side = tile_side(plan.architecture, engine.number_format)
    sides = [-(-length // factor) for length, factor in zip(image.space, binning, strict=True)]
    shared = OVERLAP[axes] * plan.architecture.stem  # a network whose pixels are folded sees so much farther
    spans = [cover(length, side, shared, multiple)
             for length, multiple in zip(sides, engine.multiple, strict=True)]
    rows, columns = spans[0], list(itertools.product(*spans[1:]))
    if len(rows) == len(columns) == 1:
        prepared = binned(levels.apply(image.frame(frame)), binning)
        own = tuple(slice(0, length) for length in prepared.shape[1:])
        whole = _enlarged(_answer(engine, prepared, own, on_tile), binning)
        yield Band(0, whole[(slice(None), *image.whole)], engine.classes)
        return
    carried = None
    for index, row in enumerate(rows):
        maps = engine.classes + plan.architecture.distance
        band = np.zeros((maps, row.size * binning[0], *image.space[1:]), np.float32)
        if carried is not None:
            band[:, : carried.shape[1]] += carried
        for place in columns:
            pixels = _read_mirrored(image, frame, (row, *place), binning)
            prepared = binned(levels.apply(_finite(pixels, image)), binning)
            own = tuple(_own(span, length) for span, length in zip((row, *place), sides, strict=True))
            _blend(band, _enlarged(_answer(engine, prepared, own, on_tile), binning), (row, *place), binning)
        start = row.start * binning[0]
        last = index == len(rows) - 1
        finished = (image.space[0] if last else rows[index + 1].start * binning[0]) - start
        yield Band(start, band[:, :finished], engine.classes)
        carried = band[:, finished:]


def _answer(engine: Engine, prepared: np.ndarray, own: Box, on_tile: OnTile | None) -> torch.Tensor:
    """Maps `(1, maps, *space)` of a tile `(channels, *space)`, filled up to where the network takes it."""
    batch = filled_up(prepared, engine.multiple)
    if on_tile is None:
        return engine(batch)
    views = list(engine.views(batch))
    on_tile(prepared, [view[0, : engine.classes] for view in views], own)
    return torch.from_numpy(mean_of(views))


def _own(span: Span, length: int) -> slice:
    """The part of a tile's axis that belongs to no other tile, and to a frame of this length."""
    start, stop = span.own
    return slice(start, min(stop, length - span.start))


def tile_side(architecture: Architecture, number_format: NumberFormat) -> int:
    """The side of a tile in binned pixels: smaller for networks with many features, which take more memory."""
    numbers = TILE / (4 if number_format == "float32" else 1)
    return architecture.stem * round((numbers / architecture.width) ** (1 / architecture.axes))


def at_once(engine: Engine, prepared: np.ndarray) -> Band:
    """A frame that is not cut into tiles, as one band.

    Args:
        engine: the network.
        prepared: float32 `(channels, *space)`, binned and normalised, of any size that memory allows.
    """
    inside = tuple(slice(0, length) for length in prepared.shape[1:])
    maps = engine(filled_up(prepared, engine.multiple))[0].numpy()
    return Band(0, maps[(slice(None), *inside)], engine.classes)


def filled_up(prepared: np.ndarray, multiple: tuple[int, ...]) -> torch.Tensor:
    """A batch of one frame `(1, channels, *space)`, mirrored at its ends to a size that a network takes."""
    missing = [(0, -length % side) for length, side in zip(prepared.shape[1:], multiple, strict=True)]
    return torch.from_numpy(np.pad(prepared, [(0, 0), *missing], mode="symmetric"))[None]


def _enlarged(maps: torch.Tensor, binning: tuple[int, ...]) -> np.ndarray:
    """Maps `(1, maps, *binned)` in the image's own pixels, `(maps, *space)`."""
    if set(binning) != {1}:
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(binning)]
        factors = tuple(map(float, binning))
        maps = F.interpolate(maps, scale_factor=factors, mode=mode, align_corners=False)
    return maps[0].numpy()


def _blend(band: np.ndarray, tile: np.ndarray, place: tuple[Span, ...], binning: tuple[int, ...]) -> None:
    """Add a weighted tile to the band, as far as it lies in the frame."""
    target: list[slice] = [slice(None), slice(None)]
    for axis, (span, factor) in enumerate(zip(place, binning, strict=True)):
        weights = np.repeat(span.weights, factor)
        tile = tile * weights.reshape(-1, *[1] * (len(place) - 1 - axis))
        if axis:
            target.append(slice(span.start * factor, min(span.stop * factor, band.shape[axis + 1])))
    inside = (slice(None), slice(None), *(slice(0, part.stop - part.start) for part in target[2:]))
    band[tuple(target)] += tile[inside]


def _finite(pixels: np.ndarray, image: Image) -> np.ndarray:
    """The same pixels, if all are numbers: one that is none would make a whole tile background, unnoticed."""
    if not np.isfinite(pixels).all():
        raise FileError(f"{image.path or image.name}: the image holds NaN or infinity. Replace them with a number, "
                        "such as 0, and save the image again.")
    return pixels


def _read_mirrored(image: Image, frame: int, place: tuple[Span, ...], binning: tuple[int, ...]) -> np.ndarray:
    """The pixels beneath a tile, mirrored where it reaches beyond the frame."""
    indices = [mirrored(span.start * factor, span.stop * factor, length)
               for span, factor, length in zip(place, binning, image.space, strict=True)]
    box: Box = tuple(slice(int(index.min()), int(index.max()) + 1) for index in indices)
    pixels = image.region(frame, box)
    return pixels[(slice(None), *np.ix_(*(index - part.start for index, part in zip(indices, box, strict=True))))]
