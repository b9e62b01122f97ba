"""`Body`: one object cut out of its frame, and what follows from it that several measures need.

Lengths are in the unit of the pixel size, and positions are those of the frame: 0 is the centre of its first pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from morula.measures import boundaries, contours, extents, midlines
from morula.objects.selection import Objects

RIM = 2
"""Pixels beyond the outline that belong to neither side, since every microscope blurs."""

RING = 3
"""The ring around an object is at least so many pixels wide; around large objects, a tenth of their diameter."""


@dataclass(frozen=True, eq=False)
class Body:
    """One object in the box that holds it and the ring around it.

    Attributes:
        inside: bool `(*box)`, with background all around, beyond the frame too.
        outside: where there is no object and still frame, bool `(*box)`.
        corner: the position of the box's first pixel in the frame, in pixels.
        spacing: the size of a pixel along each axis: µm, or 1 where it is not known.
        pixels: the image, float `(channels, *box)`; None without one.
        cut: whether the object touches the border of the frame.
        others: how many other objects of each class there are beside a main one.
    """

    inside: np.ndarray
    outside: np.ndarray
    corner: np.ndarray
    spacing: np.ndarray
    pixels: np.ndarray | None = None
    cut: bool = False
    others: Sequence[int] = ()

    @property
    def axes(self) -> int:
        return self.inside.ndim

    @property
    def sides(self) -> list[tuple[int, int]]:
        """From where to where the box lies along each axis of the frame, maybe beyond it."""
        return [(start, start + size) for start, size in zip(self.corner.tolist(), self.inside.shape, strict=True)]

    @property
    def count(self) -> int:
        """How many pixels the object has."""
        return len(self.places)

    @cached_property
    def volume(self) -> float:
        """Of all pixels: the area of a plane object."""
        return self.count * float(self.spacing.prod())

    @cached_property
    def diameter(self) -> float:
        """Of the circle or the sphere with the same area or volume."""
        return 2 * (self.volume / UNIT_BALL[self.axes]) ** (1 / self.axes)

    @property
    def has_shape(self) -> bool:
        """Whether there are enough pixels for a shape to be told."""
        return self.count >= 3**self.axes

    @cached_property
    def places(self) -> np.ndarray:
        """The object's pixels in the box, int `(pixels, axes)`."""
        return np.argwhere(self.inside)

    @cached_property
    def positions(self) -> np.ndarray:
        """Their positions in the frame, `(pixels, axes)`."""
        return (self.places + self.corner) * self.spacing

    @cached_property
    def centroid(self) -> np.ndarray:
        return self.positions.mean(axis=0)

    @cached_property
    def spread(self) -> tuple[np.ndarray, np.ndarray]:
        """The variances along the principal axes, the largest first, and these axes `(axes, components)`.

        A pixel is no point: the variance of a square of its size is added, a twelfth of the square of its side.
        """
        offsets = self.positions - self.centroid
        variances, directions = np.linalg.eigh(offsets.T @ offsets / self.count + np.diag(self.spacing**2 / 12))
        return variances[::-1], directions.T[::-1]

    @cached_property
    def depth(self) -> np.ndarray:
        """How far each pixel inside lies from the nearest one outside, `(*box)`; 0 outside."""
        from scipy import ndimage

        return np.asarray(ndimage.distance_transform_edt(self.inside, sampling=self.spacing))

    @cached_property
    def smooth(self) -> tuple[np.ndarray, float]:
        """The field whose level is the smooth boundary, and that level."""
        return boundaries.smooth_field(self.inside, self.spacing, float(self.depth.max()))

    @cached_property
    def boundary(self) -> np.ndarray:
        """Points on the smooth boundary, `(points, axes)`."""
        return boundaries.boundary_points(*self.smooth, self.spacing) + self.corner * self.spacing

    @cached_property
    def surface(self) -> float:
        """The area of the surface."""
        return boundaries.boundary_size(self.inside, self.smooth[0], self.spacing)

    @cached_property
    def outlines(self) -> contours.Outlines:
        """The outlines of a plane object, `(points, 2)` each."""
        return contours.trace(*self.smooth, self.spacing).moved(self.corner * self.spacing)

    @cached_property
    def even_outline(self) -> np.ndarray:
        """Points at equal distances along the outline of the largest piece."""
        return contours.evenly(self.outlines.outer)

    @cached_property
    def curvature(self) -> np.ndarray:
        """At the points of `even_outline`."""
        return contours.curvature(self.even_outline, float(self.spacing.max()))

    @cached_property
    def protrusions(self) -> np.ndarray:
        """Where among the points of `even_outline` there are protrusions, the strongest first."""
        return contours.protrusions(self.curvature, contours.polygon_length(self.outlines.outer))

    @cached_property
    def harmonics(self) -> np.ndarray:
        """The half axes of the outline's elliptical Fourier harmonics, `(harmonics, 2)`."""
        return contours.harmonic_axes(self.even_outline)

    @cached_property
    def hull(self):
        """The convex hull of the smooth boundary."""
        from scipy.spatial import ConvexHull

        return ConvexHull(self.boundary)

    @cached_property
    def corners(self) -> np.ndarray:
        """The corners of the convex hull, `(corners, axes)`."""
        return self.boundary[self.hull.vertices]

    @cached_property
    def longest(self) -> np.ndarray:
        """From one to the other of the two points of the object that are farthest apart, `(axes,)`."""
        first, second = extents.farthest_pair(self.corners)
        return second - first

    @cached_property
    def ball_around(self) -> tuple[np.ndarray, float]:
        """Centre and radius of the smallest circle or sphere around the object."""
        return extents.smallest_ball_around(self.corners)

    @cached_property
    def ball_inside(self) -> tuple[np.ndarray, float]:
        """Centre and radius of the largest circle or sphere inside the object."""
        deepest = np.unravel_index(int(self.depth.argmax()), self.depth.shape)
        start = (np.array(deepest) + self.corner) * self.spacing
        return extents.largest_ball_inside(self.boundary, start, float(self.spacing.max()))

    @cached_property
    def midline(self) -> midlines.Midline:
        """From the thicker end to the thinner; holes are closed for it."""
        filled = _without_holes(self.inside)
        found = midlines.find_midline(filled, *self.smooth, self.spacing, self.longest)
        return found.moved(self.corner * self.spacing).of(self.inside[filled])

    @cached_property
    def values(self) -> np.ndarray:
        """The image inside the object, `(channels, pixels)`; without channels where there is no image."""
        return np.empty((0, self.count)) if self.pixels is None else self.pixels[:, self.inside]

    @cached_property
    def ring(self) -> np.ndarray:
        """The image around the object where no other lies, `(channels, pixels)`."""
        from scipy import ndimage

        if self.pixels is None:
            return np.empty((0, 0))
        pixel = float(self.spacing.prod()) ** (1 / self.axes)
        distance = np.asarray(ndimage.distance_transform_edt(~self.inside, sampling=self.spacing))
        wide = max(RING * pixel, self.diameter / 10)
        around = self.outside & (distance > RIM * pixel) & (distance <= RIM * pixel + wide)
        return self.pixels[:, around]


def cut_out(
    objects: Objects, spacing: np.ndarray, pixels: np.ndarray | None = None, room: float = 0
) -> Iterator[Body]:
    """Each object of a frame as a body, one at a time.

    Args:
        objects: of one frame.
        spacing: the size of a pixel along each axis, `(axes,)`.
        pixels: the image, `(channels, *space)`.
        room: how much larger an object may become in its box, as a share of its longest side.
    """
    for place, (box, cut) in enumerate(zip(objects.boxes, objects.cut, strict=True), 1):
        margin = _margin(box, spacing, pixels is not None, room)
        corner = np.array([side.start for side in box]) - margin
        wide = [(side.start - more, side.stop + more) for side, more in zip(box, margin, strict=True)]
        labels = region(objects.labels, wide, beyond=-1)
        image = None if pixels is None else region(pixels, wide, beyond=0).astype(float)
        yield Body(labels == place, labels == 0, corner, spacing, image, cut, objects.others)


def _margin(box: tuple[slice, ...], spacing: np.ndarray, with_ring: bool, room: float) -> np.ndarray:
    """Pixels around a box that leave room to grow, to blur, and for the ring."""
    extent = max((side.stop - side.start) * size for side, size in zip(box, spacing, strict=True))
    reach = 3 * spacing.max() + room * extent
    if with_ring:
        pixel = float(spacing.prod()) ** (1 / len(box))
        reach = max(reach, RIM * pixel + max(RING * pixel, extent / 10))
    return np.ceil(reach / spacing).astype(int) + 1


def region(array: np.ndarray, sides: Sequence[tuple[int, int]], beyond: int) -> np.ndarray:
    """A part of the last axes of an array that may go beyond them."""
    space = array.shape[-len(sides) :]
    within = tuple(slice(max(0, start), stop) for start, stop in sides)
    more = [(max(0, -start), max(0, stop - size)) for (start, stop), size in zip(sides, space, strict=True)]
    part = array[(..., *within)]
    if not any(map(any, more)):
        return part
    return np.pad(part, [(0, 0)] * (array.ndim - len(sides)) + more, constant_values=beyond)


def _without_holes(inside: np.ndarray) -> np.ndarray:
    """An object with its holes closed; there must be background all around it."""
    from scipy import ndimage

    pieces = np.empty(inside.shape, np.int32)
    count = ndimage.label(~inside, output=pieces)
    return inside if count == 1 else pieces != pieces.flat[0]


UNIT_BALL = {2: np.pi, 3: 4 / 3 * np.pi}
"""The area of a circle and the volume of a sphere of radius 1."""
