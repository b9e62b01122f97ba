"""Outlines that an object might have as well, drawn by how unsure a model was of the one that it made.

Summed up across an outline, doubt has the unit of a length: if probabilities were true, it would be the mean distance
between this outline and the true one. Plausible outlines are displaced by so much, times what outlines of known
frames were seen to err: together all around the object, and from place to place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from pydantic import Field

from morula.measures.bodies import Body, region
from morula.settings import Settings

WAVES = 32
"""Of a random displacement; from about so many on, their sum is distributed normally."""

FARTHEST = 3.0
"""Standard deviations by which an outline is displaced at most."""

SOFT = 0.7
"""Of a pixel, by which probabilities are blurred: across a step from 0 to 1 the distance is then right to a tenth."""

NEAR, NEAR_PIXELS = 1 / 12, 4.0
"""Doubt belongs to the outline within so much of the object's diameter, but at least so many pixels."""

SMOOTH = 2.0
"""Pixels that go together at least: no network draws outlines that are more ragged."""


class OutlineErrors(Settings):
    """How outlines err."""

    strength: float = Field(default=1.25, gt=0)
    """The standard deviation of an outline's displacement, over the doubt across it. Of the normal distribution it is
    √(π / 2) times the mean distance."""
    least: float = Field(default=0.3, ge=0)
    """The standard deviation where there is no doubt, in pixels."""
    shared: float = Field(default=0.1, ge=0, le=1)
    """The part of the variance that is the same all around an object."""
    reach: float = Field(default=0.1, gt=0)
    """How far along an outline displacements go together, in diameters of the object."""


@dataclass(frozen=True, eq=False)
class UnsureBody:
    """An object with the doubt about it.

    Attributes:
        body: the object, cut out with room around it for outlines that lie farther out.
        doubt: the probability that a pixel is not of its class, float `(*box)`.
    """

    body: Body
    doubt: np.ndarray

    @classmethod
    def of(cls, body: Body, doubt: np.ndarray) -> UnsureBody:
        """A body with the doubt in its frame, uint8 `(*space)`, 255 for no trust at all."""
        return cls(body, region(doubt, body.sides, beyond=0) / 255)

    @cached_property
    def allowed(self) -> np.ndarray:
        """Where the object may be, bool `(*box)`: not in others, nor where there is no room to blur its outline."""
        free = self.body.outside.copy()
        for axis, rim in enumerate(np.ceil(3 * self.body.spacing.max() / self.body.spacing).astype(int)):
            ends = np.moveaxis(free, axis, 0)
            ends[:rim] = ends[-rim:] = False
        return free | self.body.inside

    @cached_property
    def depth(self) -> np.ndarray:
        """How far each pixel lies within the outline, negative outside, `(*box)`, in the unit of the spacing.

        At the outline itself, where a pixel's distance is told best by its probability, it is the logit over its slope.
        """
        from scipy import ndimage

        inside, spacing = self.body.inside, self.body.spacing
        pixel = spacing.min()
        depth = signed_depth(inside, spacing)
        probability = np.where(inside, 1 - self.doubt, np.where(self.body.outside, self.doubt, 0))
        soft = ndimage.gaussian_filter(probability, SOFT * pixel / spacing).clip(1e-6, 1 - 1e-6)
        logit = np.log(soft / (1 - soft))
        slope = np.linalg.norm(np.array(np.gradient(logit, *spacing)), axis=0)
        fine = np.minimum(np.abs(logit) / np.maximum(slope, 1e-6), pixel)
        return np.where(np.abs(depth) < pixel, np.where(inside, fine, -fine), depth)

    @cached_property
    def width(self) -> np.ndarray:
        """The doubt across the nearest outline, `(*box)`, in the unit of the spacing."""
        from scipy import ndimage

        body = self.body
        pixel = body.spacing.max()
        blurred = ndimage.gaussian_filter(body.inside.astype(np.float32), pixel / body.spacing)
        step = np.array(np.gradient(blurred, *body.spacing))
        reach = max(NEAR_PIXELS * pixel, NEAR * body.diameter) / body.spacing
        doubt = np.where(body.inside | body.outside, self.doubt, 0).astype(np.float32)
        fields = np.linalg.norm(step, axis=0), doubt
        outline, around = (ndimage.gaussian_filter(field, reach, truncate=3) for field in fields)
        along = around / np.maximum(outline, 1e-3 * outline.max())
        beside = np.abs(self.depth) >= pixel
        nearest = ndimage.distance_transform_edt(beside, sampling=body.spacing, return_distances=False,
                                                 return_indices=True)
        return along[tuple(np.asarray(nearest))]

    def plausible(self, errors: OutlineErrors, count: int) -> Iterator[Body]:
        """Bodies that the object might be as well, the same for the same object; fewer where it vanishes in some.

        Args:
            errors: how far outlines are displaced.
            count: how many are drawn.
        """
        body = self.body
        deviation = np.hypot(errors.strength * self.width, errors.least * float(body.spacing.max()))
        near = self.allowed & (np.abs(self.depth) < FARTHEST * deviation)
        places = (np.argwhere(near) + body.corner) * body.spacing - body.centroid
        places = (places / max(errors.reach * body.diameter, SMOOTH * body.spacing.max())).astype(np.float32)
        depth, deviation = self.depth[near], deviation[near]
        rng = np.random.default_rng(0)
        for _ in range(count):
            local = _smooth_noise(places, rng)
            noise = np.sqrt(errors.shared) * rng.standard_normal() + np.sqrt(1 - errors.shared) * local
            drawn = body.inside.copy()
            drawn[near] = depth + deviation * noise.clip(-FARTHEST, FARTHEST) > 0
            if (piece := _same_object(drawn, body.inside)) is not None:
                yield replace(body, inside=piece)


def signed_depth(inside: np.ndarray, spacing: np.ndarray) -> np.ndarray:
    """How far the centre of each pixel lies within an outline, negative outside, `(*space)`.

    The outline lies halfway between the centres of pixels on both sides of it.
    """
    from scipy import ndimage

    half = spacing.min() / 2
    within, beyond = (np.asarray(ndimage.distance_transform_edt(part, sampling=spacing)) for part in (inside, ~inside))
    return np.where(inside, within - half, half - beyond)


def _smooth_noise(places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Normal noise at places `(n, axes)`, whose correlation falls with their distance as exp(−distance² / 2).

    A sum of cosines of random directions and lengths of wave (Rahimi and Recht 2007, "Random features for large-scale
    kernel machines").
    """
    waves = rng.standard_normal((places.shape[1], WAVES)).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, WAVES).astype(np.float32)
    return np.cos(places @ waves + phases).sum(axis=1) * np.float32(np.sqrt(2 / WAVES))


def _same_object(drawn: np.ndarray, inside: np.ndarray) -> np.ndarray | None:
    """The connected piece of a drawn mask that shares most with the object; None if none does."""
    from scipy import ndimage

    pieces = np.empty(drawn.shape, np.int32)
    ndimage.label(drawn, np.ones((3,) * drawn.ndim), output=pieces)
    shared = np.bincount(pieces[inside], minlength=2)
    shared[0] = 0
    return pieces == shared.argmax() if shared.any() else None
