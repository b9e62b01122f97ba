"""One frame through the network from top to bottom, in tiles that blend into each other."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F

from morula.errors import FileError
from morula.images.image import ArrayPixels, Box, Image
from morula.images.room import Room, room_for
from morula.images.tiles import Span, cover, mirrored
from morula.models.engines import Engine, NumberFormat
from morula.models.plan import Plan
from morula.models.preprocessing import binned, measure_levels, sample_frame
from morula.networks.architecture import Architecture
from morula.objects.classes import most_probable
from morula.progress import Part, untold
from morula.trust.views import Views

TILE = 2**24
"""Numbers in one map of the first stage of a network, for a tile: what it takes in memory is some ten times that. Of
float32, a quarter: more would lie outside of what a processor keeps at hand, and take twice as long."""
PIXELS = 11 * 2**20
"""Pixels beneath a tile, at most, which a network sees folded: each takes some 120 bytes until it is done."""
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
OnTile = Callable[[np.ndarray, Views, Box], None]
"""Told of every tile: what the network saw, float32 `(channels, *space)`; what it answered, see `Engine.views`, each
view float32 `(classes with background, *space)`; and which part of these no other tile tells; all in binned pixels."""


def sweep(
    engine: Engine, plan: Plan, image: Image, frame: int, on_tile: OnTile | None = None, on_part: Part = untold
) -> Iterator[Band]:
    """The bands of one frame, from its first corner to its last, so that memory holds a few tiles, and what these share
    with those behind them.

    Args:
        engine: the network.
        plan: how images are prepared for it.
        image: of any size.
        frame: which of its frames.
        on_tile: told of every tile.
        on_part: told after every view how much is seen, up to 1; 0 of a single tile. What it raises ends all.

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
    tiles, views = math.prod(map(len, spans)), itertools.count(1)

    def seen(view: np.ndarray) -> np.ndarray:
        on_part(next(views) / (tiles * engine.looks) if tiles > 1 else 0.0)
        return view[0]

    if tiles == 1:
        prepared = binned(levels.apply(image.frame(frame)), binning)
        own = tuple(slice(0, length) for length in prepared.shape[1:])
        whole = _enlarged(_answer(engine, prepared, own, on_tile, seen), binning)
        yield Band((0,) * axes, whole[(slice(None), *image.whole)], engine.classes)
        return
    along = [_steps(row, factor, length) for row, factor, length in zip(spans, binning, image.space, strict=True)]
    carried = _carried(along, engine.classes + plan.architecture.distance, image.space)
    all_of = (slice(None),) * (1 + axes)

    def finished(place: tuple[_Step, ...]) -> Band:
        """What is finished once a tile was looked at; nothing else that it took is kept."""
        tile = tuple(step.span for step in place)
        prepared = binned(levels.apply(_finite(_read_mirrored(image, frame, tile, binning), image)), binning)
        own = tuple(_own(span, length) for span, length in zip(tile, sides, strict=True))
        answer = _enlarged(_answer(engine, prepared, own, on_tile, seen), binning)
        begun = np.zeros((carried[0].shape[0], *(step.stop - step.start for step in place)), np.float32)
        # Along each axis, what is carried holds already what is carried along those before it: the last one tells.
        for axis, (step, carry) in enumerate(zip(place, carried, strict=True)):
            begun[(*all_of[: axis + 1], slice(step.shared))] = carry[_place(place, axis, step.shared)]
        _blend(begun, answer, tile, binning)
        for axis, (step, carry) in enumerate(zip(place, carried, strict=True)):
            rest = slice(step.end - step.start, None)
            carry[_place(place, axis, step.stop - step.end)] = begun[(*all_of[: axis + 1], rest)]
        done = begun[(slice(None), *(slice(step.end - step.start) for step in place))]
        return Band(tuple(step.start for step in place), done, engine.classes)

    yield from map(finished, itertools.product(*along))


@dataclass(frozen=True)
class _Step:
    """A tile's place along one axis of the frame, in its own pixels.

    Attributes:
        span: in binned pixels.
        start: the first that it says something of.
        stop: one past the last.
        end: one past the last that is finished with it; of the others, the next tile says something, too.
        shared: how many of the first ones the tile before said something of.
    """

    span: Span
    start: int
    stop: int
    end: int
    shared: int


def _steps(spans: list[Span], factor: int, length: int) -> list[_Step]:
    starts = [span.live.start * factor for span in spans]
    stops = [min(span.live.stop * factor, length) for span in spans]
    before = [starts[0], *stops[:-1]]
    return [_Step(*each) for each in zip(spans, starts, stops, [*starts[1:], length],
                                         (stop - start for stop, start in zip(before, starts, strict=True)),
                                         strict=True)]


def _carried(along: list[list[_Step]], maps: int, space: tuple[int, ...]) -> list[Room]:
    """Room for what tiles have said of those behind them, along each axis: along those before it, of the same tile;
    along those after it, of all. Of a large volume that is on disk."""
    widest = [max(step.stop - step.start for step in steps) for steps in along]
    return [room_for((maps, *widest[:axis], max(step.shared for step in steps), *space[axis + 1 :]), np.float32)
            for axis, steps in enumerate(along)]


def _place(place: tuple[_Step, ...], axis: int, shared: int) -> Box:
    """Where in the room along an axis a tile finds, or leaves, what it shares there."""
    return (slice(None), *(slice(step.stop - step.start) for step in place[:axis]), slice(shared),
            *(slice(step.start, step.stop) for step in place[axis + 1 :]))


def _answer(
    engine: Engine, prepared: np.ndarray, own: Box, on_tile: OnTile | None, seen: Callable[[np.ndarray], np.ndarray]
) -> torch.Tensor:
    """Maps `(1, maps, *space)` of a tile `(channels, *space)`, filled up to where the network takes it."""
    views = Views(map(seen, engine.views(filled_up(prepared, engine.multiple))), engine.classes)
    if on_tile:
        on_tile(prepared, views, own)
    return torch.from_numpy(views.mean)[None]


def _own(span: Span, length: int) -> slice:
    """The part of a tile's axis that belongs to no other tile, and to a frame of this length."""
    start, stop = span.own
    return slice(start, min(stop, length - span.start))


def tile_side(architecture: Architecture, number_format: NumberFormat) -> int:
    """The side of a tile in binned pixels: smaller for networks with many features, which take more memory, and not
    large beyond bounds for those that fold pixels."""
    numbers = TILE / (4 if number_format == "float32" else 1)
    side = round((numbers / architecture.width) ** (1 / architecture.axes))
    return architecture.stem * min(side, int(PIXELS ** (1 / architecture.axes)) // architecture.stem)


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
    whole = not any(width for _, width in missing)
    return torch.from_numpy(prepared if whole else np.pad(prepared, [(0, 0), *missing], mode="symmetric"))[None]


def _enlarged(maps: torch.Tensor, binning: tuple[int, ...]) -> np.ndarray:
    """Maps `(1, maps, *binned)` in the image's own pixels, `(maps, *space)`."""
    if set(binning) != {1}:
        mode = {1: "linear", 2: "bilinear", 3: "trilinear"}[len(binning)]
        factors = tuple(map(float, binning))
        maps = F.interpolate(maps, scale_factor=factors, mode=mode, align_corners=False)
    return maps[0].numpy()


def _blend(begun: np.ndarray, tile: np.ndarray, place: tuple[Span, ...], binning: tuple[int, ...]) -> None:
    """Add what a tile says, weighted, to what others have said of the same pixels, as far as there is a frame."""
    for axis, (span, factor) in enumerate(zip(place, binning, strict=True)):
        live = slice(span.live.start - span.start, span.live.stop - span.start)
        weights = np.repeat(span.weights[live], factor).reshape(-1, *[1] * (len(place) - 1 - axis))
        tile = tile[(slice(None),) * (1 + axis) + (slice(live.start * factor, live.stop * factor),)] * weights
    begun += tile[tuple(map(slice, begun.shape))]


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
