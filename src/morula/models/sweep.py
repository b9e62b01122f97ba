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
from morula.images.tiles import Span, cover, mirrored
from morula.models.engines import Engine, NumberFormat, mean_of
from morula.models.plan import Plan
from morula.models.preprocessing import binned, measure_levels, sample_frame
from morula.networks.architecture import Architecture
from morula.objects.classes import most_probable

TILE = 2**24
"""Numbers in one map of the first stage of a network, for a tile: what it takes in memory is some ten times that. Of
float32, a quarter: more would lie outside of what a processor keeps at hand, and take twice as long."""
OVERLAP = {1: 256, 2: 96, 3: 32}
"""How much neighbouring tiles share in pixels of the first stage, by the number of spatial axes."""


@dataclass(frozen=True)
class Band:
    """A part of a frame that is finished.

    Attributes:
        corner: its first pixel along the first axes of the frame; along those that are left out it is as long as that.
        maps: float32 `(maps, *space)`, as they come from an engine.
        count: how many of them are classes, background included.
    """

    corner: tuple[int, ...]
    maps: np.ndarray
    count: int

    @property
    def probabilities(self) -> np.ndarray:
        """Those of the classes, float32 `(classes with background, *space)`, which sum to 1."""
        return self.maps[: self.count]

    @cached_property
    def classes(self) -> np.ndarray:
        """The most probable class of each pixel, uint8 `(*space)`."""
        return most_probable(self.probabilities)

    @property
    def distances(self) -> np.ndarray:
        """How far each pixel lies from the edge of its object, uint8 `(*space)`, 255 for the farthest.

        Only networks that tell objects apart know it.
        """
        return np.rint(self.maps[self.count] * 255).astype(np.uint8)

    @property
    def box(self) -> Box:
        """Where in the frame it lies."""
        return tuple(slice(start, start + length)
                     for start, length in itertools.zip_longest(self.corner, self.maps.shape[1:], fillvalue=0))

    @property
    def doubt(self) -> np.ndarray:
        """255 × (1 − the probability of the most probable class), uint8 `(*space)`."""
        return np.rint(255 * (1 - self.probabilities.max(0)).clip(0, 1)).astype(np.uint8)


OnBand = Callable[[Band], None]
"""Shown each band of a frame on its way."""
OnTile = Callable[[np.ndarray, list[np.ndarray], Box], None]
"""Told of every tile: what the network saw, float32 `(channels, *space)`; what it answered, see `Engine.views`, each
float32 `(classes with background, *space)`; and which part of these no other tile tells; all in binned pixels."""


def sweep(engine: Engine, plan: Plan, image: Image, frame: int, on_tile: OnTile | None = None) -> Iterator[Band]:
    """The bands of one frame, from its first corner to its last, so that memory holds a few tiles, and of a row of them
    what the next shares.

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
    del sample
    binning, axes = plan.binning, len(image.space)
    side = tile_side(plan.architecture, engine.number_format)
    sides = [-(-length // factor) for length, factor in zip(image.space, binning, strict=True)]
    shared = OVERLAP[axes] * plan.architecture.stem  # a network whose pixels are folded sees so much farther
    spans = [cover(length, side, shared, multiple)
             for length, multiple in zip(sides, engine.multiple, strict=True)]
    if all(len(along) == 1 for along in spans):
        prepared = binned(levels.apply(image.frame(frame)), binning)
        own = tuple(slice(0, length) for length in prepared.shape[1:])
        whole = _enlarged(_answer(engine, prepared, own, on_tile), binning)
        yield Band((0,) * axes, whole[(slice(None), *image.whole)], engine.classes)
        return
    maps = engine.classes + plan.architecture.distance
    strips = _strips(spans, binning, image.space)
    most = binning[0] * max((up.live.stop - row.live.start for up, row in itertools.pairwise(spans[0])), default=0)
    begun, rows = np.empty((maps, most, *image.space[1:]), np.float32), 0  # what tiles have said of the row below them
    for row, end in _with_ends(spans[0], binning[0], image.space[0]):
        start, height = row.live.start * binning[0], (row.live.stop - row.live.start) * binning[0]
        before = np.zeros((maps, height, 0, *image.space[2:]), np.float32)
        for strip in strips:
            band = np.zeros((maps, height, strip.stop - strip.start, *image.space[2:]), np.float32)
            band[:, :rows] = begun[:, :rows, strip.start : strip.stop]
            band[:, :, : before.shape[2]] = before
            for columns in strip.tiles:
                place = (row, *columns)
                pixels = _read_mirrored(image, frame, place, binning)
                prepared = binned(levels.apply(_finite(pixels, image)), binning)
                own = tuple(_own(span, length) for span, length in zip(place, sides, strict=True))
                _blend(band, _enlarged(_answer(engine, prepared, own, on_tile), binning), strip.start, place, binning)
            finished = band[:, :, : strip.end - strip.start]
            before = band[:, :, finished.shape[2] :].copy()
            rest = finished[:, end - start :][:, :most]
            begun[:, : rest.shape[1], strip.start : strip.end] = rest
            yield Band((start, strip.start), finished[:, : end - start], engine.classes)
        rows = start + height - end


@dataclass(frozen=True)
class _Strip:
    """What is finished together of a row of tiles: a tile of a picture, and the tiles along x of a volume; its first
    pixel along the second axis, one past the last of its tiles, one past the last that is its own, and these tiles."""

    start: int
    stop: int
    end: int
    tiles: list[tuple[Span, ...]]


def _strips(spans: list[list[Span]], binning: tuple[int, ...], space: tuple[int, ...]) -> list[_Strip]:
    return [_Strip(span.live.start * binning[1], min(span.live.stop * binning[1], space[1]), end,
                   [(span, *rest) for rest in itertools.product(*spans[2:])])
            for span, end in _with_ends(spans[1], binning[1], space[1])]


def _with_ends(spans: list[Span], factor: int, length: int) -> Iterator[tuple[Span, int]]:
    """Each span with the first pixel that it shares with the next, or the end of the frame."""
    return zip(spans, [*(span.live.start * factor for span in spans[1:]), length], strict=True)


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


def gathered(bands: Iterator[Band], space: tuple[int, ...]) -> np.ndarray:
    """The maps of a whole frame, float32 `(maps, *space)`."""
    first = next(bands)
    if first.maps.shape[1:] == space:
        return first.maps
    found = np.empty((len(first.maps), *space), np.float32)
    for band in itertools.chain([first], bands):
        found[(slice(None), *band.box)] = band.maps
    return found


def at_once(engine: Engine, prepared: np.ndarray) -> Band:
    """A frame that is not cut into tiles, as one band.

    Args:
        engine: the network.
        prepared: float32 `(channels, *space)`, binned and normalised, of any size that memory allows.
    """
    inside = tuple(slice(0, length) for length in prepared.shape[1:])
    maps = engine(filled_up(prepared, engine.multiple))[0].numpy()
    return Band((0,) * (maps.ndim - 1), maps[(slice(None), *inside)], engine.classes)


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


def _blend(
    band: np.ndarray, tile: np.ndarray, first: int, place: tuple[Span, ...], binning: tuple[int, ...]
) -> None:
    """Add a weighted tile to the band, whose first pixel along the second axis this is, as far as there is a frame."""
    target: list[slice] = [slice(None), slice(None)]
    for axis, (span, factor) in enumerate(zip(place, binning, strict=True)):
        live = slice(span.live.start - span.start, span.live.stop - span.start)
        weights = np.repeat(span.weights[live], factor).reshape(-1, *[1] * (len(place) - 1 - axis))
        tile = tile[(slice(None),) * (1 + axis) + (slice(live.start * factor, live.stop * factor),)] * weights
        if axis:
            start = span.live.start * factor - (first if axis == 1 else 0)
            target.append(slice(start, min(start + weights.size, band.shape[axis + 1])))
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
