"""How an image or a volume becomes flat: the planes that show it, and their places beside each other.

A volume is seen from three sides, with the edges that planes share side by side:

    ┌──────┐ ┌──┐
    │  xy  │ │yz│        ticks at the borders of a plane say
    └──────┘ └──┘        where the other planes cut it
    ┌──────┐
    │  xz  │
    └──────┘
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.pairs.masks import NOT_ANNOTATED
from morula.plots import palette

PLANES: dict[int, dict[tuple[int, int], tuple[int, int]]] = {
    2: {(0, 0): (0, 1)},
    3: {(0, 0): (1, 2), (1, 0): (0, 2), (0, 1): (1, 0)},
}
"""By the number of spatial axes, the axes that run down and across each plane, by its row and column."""

MARGIN = 7
"""Pixels around planes that stand beside others; ticks lie there, so that they hide nothing."""


class Planes:
    """The planes of an image or a volume through one point, and how large they are shown.

    Args:
        space: the shape of the image, `(y, x)` or `(z, y, x)`.
        point: a pixel or voxel that all planes pass through.
        spacing: the size of a pixel along each axis, in any unit; without it, they are as long as wide.
        longest: the longer side of the whole picture in pixels, without margins. Small images are enlarged by
            whole numbers.
    """

    def __init__(self, space: Sequence[int], point: Sequence[int], spacing: Sequence[float] | None, longest: int):
        self.space, self.point = tuple(space), tuple(point)
        self._axes = PLANES[len(self.space)]
        extent = np.array(self.space, float)
        if spacing is not None:
            extent *= np.array(spacing) / min(spacing)
        down, across = self._bands()
        scale = longest / max(extent[down].sum(), extent[across].sum())
        self.sides = [max(1, round(side * (int(scale) if scale >= 1 else scale))) for side in extent]

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Height and width of each plane as shown, in pixels."""
        return [(self.sides[down], self.sides[across]) for down, across in self._axes.values()]

    def cut(self, array: np.ndarray) -> list[np.ndarray]:
        """The planes of an array `(..., *space)`, each `(..., down, across)`."""
        return [self._plane(array, axes) for axes in self._axes.values()]

    def mounted(self, pictures: Sequence[np.ndarray]) -> np.ndarray:
        """Pictures of the planes beside each other.

        Args:
            pictures: uint8 `(height, width, 3)`, one for each plane, of `sizes`.

        Returns:
            A lone picture as it is; several in one that is clear around them, uint8 `(height, width, 4)`.
        """
        if len(pictures) == 1:
            return pictures[0]
        (tops, height), (lefts, width) = map(self._places, self._bands())
        sheet = np.zeros((height, width, 4), np.uint8)
        for (row, column), (down, across), picture in zip(self._axes, self._axes.values(), pictures, strict=True):
            top, left = tops[row], lefts[column]
            bottom, right = top + picture.shape[0], left + picture.shape[1]
            sheet[top:bottom, left:right, :3], sheet[top:bottom, left:right, 3] = picture, 255
            tick = (*palette.rgb(palette.MUTED), 255)
            y, x = top + self._shown_at(down), left + self._shown_at(across)
            for ends in (slice(top - MARGIN + 1, top - 1), slice(bottom + 1, bottom + MARGIN - 1)):
                sheet[ends, x : x + 2] = tick
            for ends in (slice(left - MARGIN + 1, left - 1), slice(right + 1, right + MARGIN - 1)):
                sheet[y : y + 2, ends] = tick
        return sheet

    def _bands(self) -> tuple[list[int], list[int]]:
        """The axes that run down the rows of planes, and across their columns."""
        down = [axes[0] for (_, column), axes in self._axes.items() if column == 0]
        across = [axes[1] for (row, _), axes in self._axes.items() if row == 0]
        return down, across

    def _places(self, axes: Sequence[int]) -> tuple[list[int], int]:
        """Where each band of planes begins, and where the picture ends."""
        ends = np.cumsum([self.sides[axis] + 2 * MARGIN for axis in axes]).tolist()
        return [end - self.sides[axis] - MARGIN for end, axis in zip(ends, axes, strict=True)], ends[-1]

    def _shown_at(self, axis: int) -> int:
        """How many pixels into a plane the middle of the point lies."""
        return int((self.point[axis] + 0.5) / self.space[axis] * self.sides[axis])

    def _plane(self, array: np.ndarray, axes: tuple[int, int]) -> np.ndarray:
        at = tuple(slice(None) if axis in axes else index for axis, index in enumerate(self.point))
        plane = array[(..., *at)]
        return plane if axes[0] < axes[1] else plane.swapaxes(-1, -2)


def point_of_interest(truth: np.ndarray, predicted: np.ndarray) -> tuple[int, ...]:
    """Where to cut a volume: along each axis where most foreground lies, and mistakes count as much again.

    Of planes that hold nearly the same, the one in the middle is taken; of an empty volume, the middle.

    Args:
        truth: class numbers, uint8 `(*space)`; 255 = not annotated.
        predicted: class numbers of the same shape.
    """
    annotated = truth != NOT_ANNOTATED
    weight = ((truth > 0) | (predicted > 0)) * annotated + ((truth != predicted) & annotated).astype(np.uint8)
    point = []
    for axis in range(truth.ndim):
        profile = weight.sum(tuple(other for other in range(truth.ndim) if other != axis), dtype=np.int64)
        nearly = np.flatnonzero(profile >= 0.95 * profile.max())
        point.append(int(nearly[len(nearly) // 2]))
    return tuple(point)
