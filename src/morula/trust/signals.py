"""What a frame and its probabilities say about how good its mask is: sums over pixels, gathered tile by tile.

Nothing but sums is kept, so that memory does not grow with the frame, and one tile or hundreds make no difference.
Planes and volumes are looked at alike, all in binned pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from morula.images.image import Box
from morula.objects.classes import most_probable
from morula.trust.views import Views

SIGNALS = ("overlap", "steadiness", "sharpness", "agreement")
"""What speaks for a good mask of a class, the last only where mirrored views are averaged."""
LEVELS = 5
"""An image is looked at so many times, each time at half the size."""
COARSE = 2
"""At so many of them it is seen what is left of outlines."""
BINS = 256
"""Steps of probability that are counted."""
PROBABILITIES = (np.arange(BINS) + 0.5) / BINS
"""The probability of each step."""
FEW = 3.0
"""Pixels that are added to each sum of a ratio, so that what is nearly nothing says nearly nothing."""


@dataclass(frozen=True)
class Tally:
    """The sums over one frame.

    Attributes:
        pixels: counted at each level, `(levels,)`.
        powers: sums of squares and of cubes of each channel, `(levels, channels, 2)`.
        counts: pixels by the probability of each class, outside its mask and inside, `(classes, 2, BINS)`.
        within: the probabilities of each class summed, and these times the pixels, and times their squares, at each
            level, `(levels, classes, channels, 3)`.
        steps: how much brighter it is just inside an outline than just outside, summed along it, `(classes, channels)`.
        faces: pairs of neighbours that an outline runs between, `(classes,)`.
        coarse: the same at the next coarser levels, where what is more probable than not is inside, in pixels of the
            finest, `(COARSE, classes)`.
        shared: the probabilities that two views have in common, and those that either has, `(classes, 2)`; zero where
            there is but one view.
        sums: the probabilities of each class summed outside its mask and inside, `(classes, 2)`. Of large and nearly
            empty frames the steps of `counts` would tell them too coarsely.
    """

    pixels: np.ndarray
    powers: np.ndarray
    counts: np.ndarray
    within: np.ndarray
    steps: np.ndarray
    faces: np.ndarray
    coarse: np.ndarray
    shared: np.ndarray
    sums: np.ndarray

    @classmethod
    def empty(cls, classes: int, channels: int) -> Tally:
        """Nothing counted yet, of so many foreground classes and channels."""
        return cls(
            np.zeros(LEVELS),
            np.zeros((LEVELS, channels, 2)),
            np.zeros((classes, 2, BINS)),
            np.zeros((LEVELS, classes, channels, 3)),
            np.zeros((classes, channels)),
            np.zeros(classes),
            np.zeros((COARSE, classes)),
            np.zeros((classes, 2)),
            np.zeros((classes, 2)),
        )

    def look(self, image: np.ndarray, views: Views, own: Box) -> None:
        """Count a tile.

        Args:
            image: what the network saw, float32 `(channels, *space)`.
            views: what it answered, mirrored or not, each float32 `(classes with background, *space)` or larger; of
                which none has come yet.
            own: the part that no other tile counts.
        """
        part = (slice(None), *own)
        image = image[part]
        self._compare(views, part)
        mean = views.mean[: views.classes][part]
        classes = most_probable(mean)
        for number, probability in enumerate(mean[1:]):
            inside = classes == number + 1
            steps = (probability * np.float32(BINS - 0.01)).astype(np.uint16)
            counts = np.bincount((steps + np.uint16(BINS) * inside).ravel(), minlength=2 * BINS)
            self.counts[number] += counts.reshape(2, BINS)
            within = probability[inside].sum(dtype=float)
            self.sums[number] += probability.sum(dtype=float) - within, within
            self._follow(number, inside, image)
        self._measure(image, mean[1:])

    def _compare(self, views: Views, part: Box) -> None:
        """Sum what the first view has in common with each of the others."""
        several = iter(views)
        first = next(several)[part][1:]
        sums = [probability.sum() for probability in first]
        for view in several:
            for number, (mine, theirs) in enumerate(zip(first, view[part][1:], strict=True)):
                both = float(sums[number] + theirs.sum())
                apart = float(np.abs(mine - theirs).sum())
                self.shared[number] += (both - apart) / 2, (both + apart) / 2
            del view, theirs  # else they would be there still while the next ones are made

    def _measure(self, image: np.ndarray, soft: np.ndarray) -> None:
        """Sum the powers of an image, and what it is like where each class is, at every level."""
        for level in range(LEVELS):
            pixels = image.reshape(len(image), -1)
            squares = pixels * pixels
            self.pixels[level] += pixels.shape[1]
            self.powers[level] += np.stack([squares.sum(1), np.einsum("cp,cp->c", pixels, squares)], axis=1)
            if level:  # the finest level would take most of the time and is hardly different
                shares = soft.reshape(len(soft), -1)
                sums = np.broadcast_to(shares.sum(1, keepdims=True), (len(shares), len(pixels)))
                self.within[level] += np.stack([sums, shares @ pixels.T, shares @ squares.T], axis=2)
            if 0 < level <= COARSE:
                width = 2 ** (level * (soft.ndim - 2))
                self.coarse[level - 1] += [width * _faces(plane > 0.5) for plane in soft]
            image, soft = halved(image), halved(soft)

    def _follow(self, number: int, inside: np.ndarray, image: np.ndarray) -> None:
        """Look across the outline of a class along each axis, two pixels to either side."""
        for axis, length in enumerate(inside.shape):
            before = (slice(None),) * axis
            edge = inside[(*before, slice(None, -1))] != inside[(*before, slice(1, None))]
            at = np.unravel_index(np.flatnonzero(edge), edge.shape)  # a third of the time of `nonzero`
            here, there = list(at), list(at)
            here[axis], there[axis] = np.maximum(at[axis] - 1, 0), np.minimum(at[axis] + 2, length - 1)
            difference = image[(slice(None), *here)] - image[(slice(None), *there)]
            self.steps[number] += (np.where(inside[at], 1, -1) * difference).sum(1)
            self.faces[number] += len(at[0])

    @property
    def found(self) -> np.ndarray:
        """Pixels in the mask of each class, `(classes,)`."""
        return self.counts[:, 1].sum(1)

    @property
    def certainty(self) -> float | None:
        """The IoU that the mask would have if the probabilities were right, as the mean over the classes in it.

        Of a class it is the expected intersection with the truth over the expected union: the probability inside the
        mask over the pixels inside and the probability outside. None where the mask is empty, and so has no outline.
        """
        there = self.found > 0
        outside, inside = self.sums[there].T
        return float((inside / (self.found[there] + outside)).mean()) if there.any() else None

    def signals(self, temperature: float) -> np.ndarray:
        """What speaks for the mask of each class, `(classes, signals)`, the better the higher.

        - overlap: the IoU that the mask would have if the calibrated probabilities were right, which is the probability
          inside it over the pixels inside and the probability outside, as a logit;
        - steadiness: the share of a mask that asks for 3/4 in one that is content with 1/4, as a logit;
        - sharpness: how few doubtful pixels there are along an outline, as a logarithm;
        - agreement: the overlap of what mirrored views answer, as a logit; not a number where there is but one view.
        """
        calibrated = tempered(PROBABILITIES, temperature)
        outside, inside = self.counts[:, 0], self.counts[:, 1]
        overlap = inside @ calibrated / (self.found + outside @ calibrated + FEW)
        both = outside + inside
        steadiness = both[:, PROBABILITIES > 0.75].sum(1) / (both[:, PROBABILITIES > 0.25].sum(1) + FEW)
        doubtful = both @ (4 * calibrated * (1 - calibrated)) / (self.faces + FEW)
        common, either = self.shared.T
        agreement = np.where(either > 0, common / (either + FEW), np.nan)
        return np.stack([logit(overlap), logit(steadiness), -np.log(doubtful + 0.05), logit(agreement)], axis=1)

    def appearance(self) -> np.ndarray:
        """What the frame and its mask look like, in numbers that are alike for images of a kind, `(features,)`.

        Of each channel how much it varies from each level to the next, and how skewed it is; of each class how bright
        and how uneven it is inside, the step at its outline, its share of the frame and the length of its outline.
        """
        mean = self.powers / np.maximum(self.pixels, 1)[:, None, None]
        squares, cubes = mean[..., 0], mean[..., 1]
        lost = squares - np.vstack([squares[1:], np.zeros_like(squares[:1])])
        skewness = (cubes / np.maximum(squares, 1e-5) ** 1.5)[::2]
        weights = np.maximum(self.within[1:3, ..., 0], 1)
        inside = self.within[1:3, ..., 1] / weights
        uneven = np.maximum(self.within[1:3, ..., 2] / weights - inside**2, 1e-3)
        found, pixels = self.found, self.counts.sum((1, 2))
        return np.concatenate([
            np.log(np.maximum(lost, 1e-5)).ravel(),
            skewness.ravel(),
            inside[0].ravel(),
            np.log(uneven).ravel(),
            (self.steps / (self.faces + FEW)[:, None]).ravel(),
            np.log((found + FEW) / (pixels - found + FEW)),
            np.log((self.faces + FEW) / (found + 3 * FEW)),
        ])

    def form(self) -> np.ndarray:
        """What the outlines look like, whatever the image looks like and however large it is, `(features,)`.

        Of each class, how much of its outlines is left at half of the size, and of that at a quarter, as logarithms:
        about 0 of what is round and whole, far below of crumbs and of what is ragged or has holes.
        """
        lengths = np.vstack([self.faces, self.coarse]) + FEW
        return np.log(lengths[1:] / lengths[:-1]).ravel()


def _faces(inside: np.ndarray) -> int:
    """Pairs of neighbours of which one is inside."""
    return sum(int(np.count_nonzero(np.diff(inside, axis=axis))) for axis in range(inside.ndim))


def halved(planes: np.ndarray) -> np.ndarray:
    """Means of blocks two pixels wide along each axis, `(planes, *space)`; the last of an odd side is left out."""
    for axis in range(1, planes.ndim):
        length = planes.shape[axis] // 2 * 2
        if length:
            before = (slice(None),) * axis
            planes = (planes[(*before, slice(0, length, 2))] + planes[(*before, slice(1, length, 2))]) * np.float32(0.5)
    return planes


def tempered(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Probabilities of a class against all others, with their logits divided by a temperature (arXiv 1706.04599)."""
    return 1 / (1 + (1 / probabilities - 1) ** (1 / temperature))


def logit(share: np.ndarray) -> np.ndarray:
    """The logarithm of the odds of a share; of none and of all, about 7."""
    return np.log((share + 1e-3) / (1 - share + 1e-3))
