"""Whether a change of brightness or contrast, or compression, explains all in which two frames differ.

The values of the one are mapped to those of the other by the best monotone map. What then remains must be no more than
rounding, at every pixel; or compressing one of them as JPEG does must foretell it. Two exposures of one scene fail, for
each has a noise of its own, and so do neighbours in a movie or in a volume, where something moved.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from types import EllipsisType
from typing import Literal

import numpy as np
from PIL import Image as Picture
from scipy.ndimage import uniform_filter
from scipy.optimize import isotonic_regression

from morula.checks.alignment import SETTLE, Placement
from morula.checks.flattened import LARGEST
from morula.checks.landmarks import SYMMETRIES

Difference = Literal["none", "explained", "unexplained"]
Part = tuple[EllipsisType, slice, slice]
Compress = Callable[[np.ndarray, int], np.ndarray]

ROUNDING = 0.51  # grey levels
FRACTIONS = 1e-5  # of their range, as rounding
WINDOW = 512  # pixels along the sides of what is looked at to find the shift
COARSE = (25, 40, 50, 60, 70, 75, 80, 85, 90, 95)  # qualities that are tried first
FINE = (10, 5, 2, 1)  # steps between those that are tried then
TELLING = 90  # below this quality, its neighbours leave clearly less too
HOPELESS = 0.9  # share of the power of what remained that the best of the first may leave, or no other is tried
AROUND = 5  # pixels
REFINED = 10  # times that a map is mended
FORETOLD = 0.3  # share of the power of what remained that may remain still
BLOCK = 8  # pixels
LOOK = 256  # pixels along the sides of what is compressed first, where more would take long
GRID = 16  # pixels, a multiple of those along the blocks of JPEG
MOST = 3 * 2**21  # numbers of frames that are compressed, for it takes seconds
GREY = 1.0  # grey level that may remain in any block in the root mean square

WHOLE: Part = (..., slice(None), slice(None))


def difference(ours: np.ndarray, theirs: np.ndarray, placement: Placement) -> Difference:
    """Whether brightness, contrast or compression explain the difference of two frames where they lie on each other.

    It is `none` where they are equal there, and `unexplained` also where it cannot be told: where the size changed, and
    where frames were compressed that are as large as few are, or of other numbers than bytes.

    Args:
        ours, theirs: whole frames, shape `(channels, *space)`, of any dtype of numbers.
        placement: of the one on the other, in pixels of their planes (`plane_of`).
    """
    if placement.resized or ours.shape[:-2] != theirs.shape[:-2]:
        return "unexplained"
    turned = _turned(ours, SYMMETRIES[placement.symmetry])
    factor, their_factor = (-(-max(each.shape[-2:]) // LARGEST) for each in (ours, theirs))
    if factor != their_factor:
        return "unexplained"
    here, there = _laid(turned, theirs, placement, factor)
    one, other = turned[here], theirs[there]
    if not one.size:
        return "unexplained"
    if np.array_equal(one, other):
        return "none"
    if _rounded(one, other) or _rounded(other, one):
        return "explained"
    if any(each.ndim != 3 or each.dtype != np.uint8 or len(each) not in (1, 3) for each in (ours, theirs)):
        return "unexplained"  # such as JPEG does not hold

    if here == there and not placement.symmetry and min(one.shape[1:]) > LOOK:
        y, x = (GRID * ((side - LOOK) // 2 // GRID) for side in one.shape[1:])
        look: Part = (..., slice(y, y + LOOK), slice(x, x + LOOK))
        if not _jpeg(ours[look], theirs[look], placement, WHOLE, WHOLE):
            return "unexplained"
    if one.size > MOST:
        return "unexplained"
    return "explained" if _jpeg(ours, theirs, placement, here, there) else "unexplained"


def _jpeg(ours: np.ndarray, theirs: np.ndarray, placement: Placement, here: Part, there: Part) -> bool:
    """Whether JPEG makes one of the frames of the other."""
    symmetry = SYMMETRIES[placement.symmetry]
    turned = _turned(ours, symmetry)

    def as_ours(frame: np.ndarray, quality: int) -> np.ndarray:
        return _turned(_compressed(_turned(frame, symmetry.T), quality), symmetry)

    ours_compressed = as_ours if placement.symmetry else _compressed
    return (_foretold(turned, theirs, here, there, ours_compressed, _compressed)
            or _foretold(theirs, turned, there, here, _compressed, ours_compressed))


def _turned(frame: np.ndarray, symmetry: np.ndarray) -> np.ndarray:
    down, right = symmetry.sum(axis=1)
    return (frame.swapaxes(-1, -2) if symmetry[0, 0] == 0 else frame)[..., ::down, ::right]


def _laid(
    turned: np.ndarray, theirs: np.ndarray, placement: Placement, factor: int
) -> tuple[Part, Part]:
    """Where the pixels of each lie that are on both, to the pixel."""
    sizes = np.array([turned.shape[-2:], theirs.shape[-2:]])
    binned = sizes[0] // factor - 1
    start = factor * (np.array(placement.shift) - np.where(SYMMETRIES[placement.symmetry].sum(axis=1) < 0, binned, 0))
    start = np.rint(start).astype(int)
    here, there = _both(start, *sizes)
    start += _missed(_flat(turned)[here], _flat(theirs)[there], factor * (SETTLE + 1))
    return _both(start, *sizes)


def _both(start: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> tuple[Part, Part]:
    """The part of each that is on both, where the first pixel of ours lies at `start`."""
    first = np.maximum(start, 0)
    stop = np.maximum(np.minimum(start + ours, theirs), first)
    (y, x), (down, right), (away, aside) = first.tolist(), stop.tolist(), start.tolist()
    here: Part = (..., slice(y - away, down - away), slice(x - aside, right - aside))
    return here, (..., slice(y, down), slice(x, right))


def _flat(frame: np.ndarray) -> np.ndarray:
    return frame.mean(axis=tuple(range(frame.ndim - 2)), dtype=np.float32)


def _missed(ours: np.ndarray, theirs: np.ndarray, reach: int) -> np.ndarray:
    """By how many pixels along both axes ours must be moved to lie on theirs best."""
    from scipy.signal import fftconvolve  # with all that it brings along, a seventh of what a training loads

    sides = np.minimum(ours.shape, WINDOW)
    if (sides <= 4 * reach).any():
        return np.zeros(2, int)
    first = (np.array(ours.shape) - sides) // 2
    one, other = (each[tuple(map(slice, first, first + sides))] for each in (ours, theirs))
    one, other = (each - uniform_filter(each, 5) for each in (one, other))
    inner = one[reach:-reach, reach:-reach]
    score = fftconvolve(other, inner[::-1, ::-1], mode="valid")
    return np.array(np.unravel_index(np.argmax(score), score.shape)) - reach


def _rounded(source: np.ndarray, target: np.ndarray) -> bool:
    """Whether a monotone map of each channel gives the target, but for rounding of both."""
    for ours, theirs in zip(source, target, strict=True):
        levels, values, slopes, where = _monotone(ours, theirs)
        if np.issubdtype(theirs.dtype, np.integer):
            allowed = ROUNDING + (ROUNDING * slopes if np.issubdtype(ours.dtype, np.integer) else 0 * slopes)
        else:
            allowed = np.full(len(levels), FRACTIONS * float(np.ptp(theirs)))
        if (np.abs(theirs.ravel() - values[where]) > allowed[where]).any():
            return False
    return True


def _monotone(source: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The levels of the source, the value of each in the target, how steep these rise, and the level of each pixel."""
    levels, where, counts = _levels(source)
    means = np.bincount(where, weights=target.ravel()) / counts
    values = isotonic_regression(means, weights=counts.astype(float)).x
    rises = np.diff(values) / np.diff(levels.astype(float))
    slopes = np.maximum(np.r_[rises, 0], np.r_[0, rises])
    return levels, values, slopes, where


def _levels(source: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The values that there are, the place of each pixel's among them, and how many pixels have each."""
    if source.dtype != np.uint8:
        return np.unique(source.ravel(), return_inverse=True, return_counts=True)
    counts = np.bincount(source.ravel(), minlength=256)
    levels = np.flatnonzero(counts)
    return levels, (np.cumsum(counts > 0) - 1)[source.ravel()], counts[levels]


def _foretold(
    source: np.ndarray, target: np.ndarray, here: Part, there: Part, as_source: Compress, as_target: Compress
) -> bool:
    """Whether the target is the source, compressed after its values were mapped, or before, in blocks of either."""
    one, other = source[here], target[there].astype(float)
    tones = [_Tone(*each) for each in zip(one, other, strict=True)]
    remains = min(other - _toned(tones), other - _mapped(one, other), key=_power)
    canvas = target.copy()

    def after(quality: int) -> np.ndarray:
        canvas[there] = np.rint(_toned(tones)).clip(0, 255)
        return other - as_target(canvas, quality)[there]

    def before(quality: int) -> np.ndarray:
        return other - _mapped(as_source(source, quality)[here], other)

    def meanwhile(quality: int) -> np.ndarray:
        canvas[there] = one
        return other - _mapped(as_target(canvas, quality)[there], other)

    alike = as_source is as_target and here == there  # blocks lie alike in both
    for left in (after, before) if alike else (after, before, meanwhile):
        quality = _quality(left, _power(remains) + GREY**2)
        if quality is None:
            continue
        still = left(quality)
        for _ in range(REFINED if left is after else 0):
            for tone, missing in zip(tones, still, strict=True):
                tone.add(missing)
            still = left(quality)
        power = _blocks(remains**2)
        allowed = np.maximum(GREY**2, FORETOLD * np.maximum(power, power.mean()))
        if (_blocks(still**2) <= allowed).all():
            return True
    return False


class _Tone:
    """A map of the values of a channel, found from the means around each pixel, in which there is less noise."""

    def __init__(self, source: np.ndarray, target: np.ndarray) -> None:
        self._levels, where, self._counts = _levels(source)
        self._where = where.reshape(source.shape)
        around, goal = (uniform_filter(each.astype(float), AROUND) for each in (source, target))
        levels, values, *_ = _monotone(np.rint(around).astype(source.dtype), goal)
        self._values = np.interp(self._levels, levels, values)

    def pixels(self) -> np.ndarray:
        return self._values[self._where]

    def add(self, missing: np.ndarray) -> None:
        """Raise the value of each level by what is missing in its pixels."""
        more = np.bincount(self._where.ravel(), weights=missing.ravel()) / self._counts
        self._values = isotonic_regression(self._values + more, weights=self._counts.astype(float)).x


def _toned(tones: list[_Tone]) -> np.ndarray:
    return np.stack([tone.pixels() for tone in tones])


def _mapped(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    mapped = np.empty(source.shape)
    for channel, (ours, theirs) in enumerate(zip(source, target, strict=True)):
        _, values, _, where = _monotone(ours, theirs)
        mapped[channel] = values[where].reshape(ours.shape)
    return mapped


def _quality(left: Callable[[int], np.ndarray], remains: float) -> int | None:
    """That which leaves least; None where none leaves clearly less than remained."""
    power = {quality: _power(left(quality)) for quality in COARSE}
    if min(power, key=power.__getitem__) < TELLING and min(power.values()) > HOPELESS * remains:
        return None
    for step in FINE:
        best = min(power, key=power.__getitem__)
        for quality in (best - step, best + step):
            if 0 < quality <= 100 and quality not in power:
                power[quality] = _power(left(quality))
    return min(power, key=power.__getitem__)


def _power(values: np.ndarray) -> float:
    return float(np.square(values).mean())


def _blocks(values: np.ndarray) -> np.ndarray:
    """The mean of each block of each channel; what is left at the far edges is left out."""
    channels, height, width = values.shape
    tall, wide = (min(BLOCK, side) for side in (height, width))
    rows, columns = height // tall, width // wide
    blocks = values[:, : rows * tall, : columns * wide].reshape(channels, rows, tall, columns, wide)
    return blocks.mean(axis=(2, 4))


def _compressed(frame: np.ndarray, quality: int) -> np.ndarray:
    """The frame as JPEG of a quality gives it back, uint8 `(1 or 3, y, x)`."""
    file = io.BytesIO()
    Picture.fromarray(np.ascontiguousarray(np.moveaxis(frame, 0, -1).squeeze())).save(file, "JPEG", quality=quality)
    back = np.asarray(Picture.open(file))
    return back[None] if back.ndim == 2 else np.moveaxis(back, -1, 0)
