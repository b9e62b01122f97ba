"""Which masks leave objects out that look like those that are outlined.

Numbers of objects may differ for good reasons: a culture is sparse, or a movie begins with few cells. So the images
are asked. Where masks with many objects are, it is learned what tells these from the rest; in a mask with few, what
looks as much like an object as the outlined ones do is counted, as far as the images look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from morula.checks.flattened import plane_of
from morula.pairs.masks import MaskReading
from morula.pairs.pair import Frame
from morula.pairs.spread import evenly

FEW = 0.5  # of the most objects of any frame: frames with fewer are looked at
MANY = 0.7  # the same, of frames that show what objects look like
LEARNED_FROM = 12  # of these frames, at most
SAMPLED = 4000  # pixels of each
COMPLETE = 0.5  # objects left out for each that is outlined, at most, in a mask that counts as complete
PARTIAL = 1.0  # the same, at least, in a mask that certainly leaves objects out
FEWEST = 3  # such masks that are worth a word, and their share
SHARE = 0.1
SMALLEST = 12.0  # pixels of an object that can be told from grain
CORE = 0.5  # share of an object that looks more like one than its middle pixel does
PIECE = 0.25  # of such a core, at least, that is taken for one
HALO = 2  # pixels around outlined objects that do not count
BLURS = (1, 2, 4, 8, 16)  # pixels, in which objects are told from the rest
ALIKE = 0.5  # standard deviations by which the brightness of images that look alike may differ at any quantile
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COVER = (0.4, 2.5)  # times as much as in complete masks may objects cover, with those left out


@dataclass(frozen=True)
class LeftOut:
    """What the images say about objects that masks leave out.

    Attributes:
        objects: how many each frame outlines, whole `(frames,)`.
        ratios: how many are left out for each that is outlined, `(frames,)`; NaN where the image cannot say.
    """

    objects: np.ndarray
    ratios: np.ndarray

    @property
    def complete(self) -> np.ndarray:
        """The frames that outline all their objects, bool `(frames,)`.

        Where no image can say, they are those with most, or none if numbers differ little.
        """
        most = (self.objects > 0) & (self.objects >= MANY * self.objects.max(initial=0))
        if np.isnan(self.ratios).all():
            return most & may_leave_out(self.objects)
        return (self.objects > 0) & ((self.ratios <= COMPLETE) | (np.isnan(self.ratios) & most))

    @property
    def certain(self) -> np.ndarray:
        """The frames that certainly leave objects out, bool `(frames,)`; none where these are too few to say so."""
        found = (self.objects < FEW * self.objects.max(initial=0)) & (self.ratios >= PARTIAL)
        return found & (found.sum() >= max(FEWEST, SHARE * len(found)))


def may_leave_out(objects: Sequence[int] | np.ndarray) -> bool:
    """Whether numbers of objects differ so much that the images should be looked at."""
    counts = np.array(objects)
    few = (counts > 0) & (counts < FEW * counts.max(initial=0))
    return bool(few.sum() >= max(FEWEST, SHARE * len(counts)))


def find_left_out(frames: Sequence[Frame], objects: Sequence[int], reading: MaskReading,
                  tell: Callable[[int], None] = lambda done: None) -> LeftOut:
    """Look for objects that masks leave out; images and masks are read again, a frame at a time.

    Args:
        frames: all there are, of the same channels.
        objects: how many each outlines.
        reading: of their masks.
        tell: called with the number of frames that were looked at.

    Raises:
        FileError: an image or a mask that was read before cannot be read any more.
    """
    counts = np.array(objects)
    rich = np.flatnonzero((counts > 0) & (counts >= MANY * counts.max(initial=0))).tolist()
    models = [_Seen.of(frames[place], counts[place], reading) for place in evenly(rich, LEARNED_FROM)]
    ratios = np.full(len(frames), np.nan)
    models = [seen for seen in models if seen.typical >= SMALLEST and not seen.inside.all()]
    if not models:
        return LeftOut(counts, ratios)
    weights = _discriminant(models)
    if np.median([seen.left_out(weights) for seen in models]) > COMPLETE:
        return LeftOut(counts, ratios)  # what objects look like cannot be told in this way
    for place in np.flatnonzero(counts).tolist():
        tell(place)
        seen = _Seen.of(frames[place], counts[place], reading)
        if seen.typical >= SMALLEST and any(seen.is_like(other, weights) for other in models):
            ratios[place] = seen.left_out(weights)
    return LeftOut(counts, ratios)


@dataclass(frozen=True)
class _Seen:
    """A plane of a frame: its features `(features, y, x)`, its quantiles, and what is outlined in it."""

    features: np.ndarray
    quantiles: np.ndarray
    inside: np.ndarray
    objects: int

    @classmethod
    def of(cls, frame: Frame, objects: int, reading: MaskReading) -> _Seen:
        plane = plane_of(frame.pair.image, frame.index)
        plane = (plane - plane.mean()) / max(float(plane.std()), 1e-6)
        mask = np.isin(reading.class_numbers(frame.pair.mask.frame(frame.index)), range(1, reading.classes + 1))
        mask = mask.max(axis=0) if mask.ndim == 3 else mask
        blurred = [ndimage.gaussian_filter(plane, blur, truncate=3) for blur in BLURS]
        rough = [np.sqrt(ndimage.gaussian_filter((plane - each) ** 2, blur, truncate=3))
                 for each, blur in zip(blurred[:3], BLURS[1:], strict=False)]
        return cls(np.stack([*blurred, *rough]), np.quantile(plane, QUANTILES), _binned(mask, plane.shape), objects)

    @property
    def typical(self) -> float:
        """Pixels of a typical object."""
        return float(self.inside.sum() / self.objects)

    def left_out(self, weights: np.ndarray) -> float:
        """Objects left out for each that is outlined."""
        return self._missed(weights) / (CORE * self.typical * self.objects)

    def is_like(self, other: _Seen, weights: np.ndarray) -> bool:
        """Whether this image looks like another, and as much of it is covered by objects, those left out among them."""
        if np.abs(self.quantiles - other.quantiles).max() > ALIKE:
            return False
        cover = self.inside.mean() + self._missed(weights) / CORE / self.inside.size
        return bool(COVER[0] <= cover / other.inside.mean() <= COVER[1])

    def _missed(self, weights: np.ndarray) -> int:
        """Pixels outside of all objects, in pieces, that look more like an object than the middle pixel of one."""
        score = np.tensordot(weights, self.features, 1)
        near = ndimage.binary_dilation(self.inside, iterations=HALO)
        pieces, count = ndimage.label((score >= np.median(score[self.inside])) & ~near)  # type: ignore[misc]
        sizes = np.bincount(np.ravel(pieces), minlength=count + 1)[1:]
        return int(sizes[sizes >= PIECE * CORE * self.typical].sum())


def _discriminant(several: Sequence[_Seen]) -> np.ndarray:
    """What tells objects from the rest, a weight for each feature (Fisher 1936)."""
    rng = np.random.default_rng(0)
    inside, outside = [], []
    for seen in several:
        for kept, chosen in ((inside, seen.inside), (outside, ~seen.inside)):
            pixels = seen.features[:, chosen]
            kept.append(pixels[:, rng.permutation(pixels.shape[1])[:SAMPLED]])
    one, other = (np.concatenate(kept, axis=1) for kept in (inside, outside))
    spread = np.cov(one) + np.cov(other) + 1e-3 * np.eye(len(one))
    return np.linalg.solve(spread, one.mean(axis=1) - other.mean(axis=1))


def _binned(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The mask at the size of a plane that may be coarser: what is mostly inside."""
    factors = [length // side for length, side in zip(mask.shape, shape, strict=True)]
    (tall, high), (wide, broad) = zip(shape, factors, strict=True)
    return mask[: tall * high, : wide * broad].reshape(tall, high, wide, broad).mean(axis=(1, 3)) > 0.5
