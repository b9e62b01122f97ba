"""Whether the outlines of a track are consistent from frame to frame, and mending where they are not.

A body neither grows by half nor moves by a radius for a single frame. Where an outline does, and is back in the next
frame, the outline was wrong and not the body.
"""

from __future__ import annotations

import numpy as np

from morula.tracks.sightings import ball_diameter

LEAST_JUMP = 0.15
"""Of the area or volume, or of a typical radius; smaller jumps are no matter."""

OUTLYING = 12.0
"""A jump is so many times as large as the lower quartile of its track: about 4 standard deviations of normal noise. \
The median would not do: a jump bends three differences, and two jumps in twelve frames would hide each other."""

BACK = 0.5
"""The neighbours of a jump differ from each other by less than this share of it."""


def find_jumps(moment: np.ndarray, position: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Which outlines of one track jump, in area or position, for a single moment and come back.

    A jump is the difference from the mean of both neighbours: of the logarithm of the size, and of the position in
    radii of a disc or ball of the track's median size. It counts if it is at least 0.15, twelve times the lower
    quartile of the track, and twice the difference between the neighbours. Of two in a row the larger counts, since
    the other is judged by it. First and last outlines cannot be judged, nor can those beside a gap.

    Args:
        moment: ascending, `(n,)`.
        position: in any unit, `(n, axes)`.
        size: the area or volume in the same unit, `(n,)`.

    Returns:
        bool `(n,)`.
    """
    if len(moment) < 3:
        return np.zeros(len(moment), bool)
    return jumping(moment, np.log(size)[:, None], in_radii(position, size))


def in_radii(position: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Positions `(n, axes)` in radii of a disc or ball of the median size."""
    return position / (ball_diameter(float(np.median(size)), position.shape[1]) / 2)


def jumping(moment: np.ndarray, *measures: np.ndarray) -> np.ndarray:
    """Where one of several measures jumps, as `find_jumps` says of two.

    Args:
        moment: ascending, `(n,)`.
        measures: each `(n, any)`, in units of which 0.15 is no matter.

    Returns:
        bool `(n,)`.
    """
    excess = np.zeros(len(moment))  # the jump in parts of what is allowed, where it is more
    if len(moment) < 3:
        return excess > 0
    beside = (moment[1:-1] - moment[:-2] == 1) & (moment[2:] - moment[1:-1] == 1)
    for values in measures:
        away = np.linalg.norm(values[1:-1] - (values[:-2] + values[2:]) / 2, axis=1)
        apart = np.linalg.norm(values[2:] - values[:-2], axis=1)
        allowed = max(LEAST_JUMP, OUTLYING * float(np.percentile(away, 25)))
        jumps = beside & (away > allowed) & (apart < BACK * away)
        excess[1:-1] = np.maximum(excess[1:-1], np.where(jumps, away / allowed, 0))
    neighbours = np.maximum(np.append(excess[1:], 0), np.append(0, excess[:-1]))
    return excess > neighbours


def between(before: np.ndarray, after: np.ndarray, spacing: tuple[float, ...] | None = None) -> np.ndarray:
    """The outline halfway between two: shapes are laid on each other by their centroids and their depths averaged.

    The depth of a pixel is its distance from the outline, negative outside (shape-based interpolation: Raya and Udupa
    1990, doi 10.1109/42.52980). The place of the result is the mean of both places.

    Args:
        before: an object, bool `(*space)`, not empty.
        after: the same object later.
        spacing: the size of a pixel along each axis; 1 if left out.

    Returns:
        bool `(*space)`.
    """
    found = np.zeros_like(before)
    moves = _to_the_middle(before, after)
    box = _box_around(before | after, moves)
    found[box] = _mean_depth(before[box], after[box], moves, spacing or (1.0,) * before.ndim) > 0
    return found


def classes_between(
    before: np.ndarray, after: np.ndarray, spacing: tuple[float, ...] | None = None
) -> np.ndarray:
    """The classes halfway between those of two frames.

    Where all of them together are one piece, both frames are laid on each other as `between` does it. Where they are
    several pieces, these stay where they are, and there is something between only where they overlap. A pixel inside
    is of the class in which it lies deepest. What only one of both frames shows is left out.

    Args:
        before: class numbers, unsigned `(*space)`; 0 is background.
        after: the same later.
        spacing: the size of a pixel along each axis; 1 if left out.

    Returns:
        class numbers of the same type `(*space)`.
    """
    from scipy import ndimage

    spacing = spacing or (1.0,) * before.ndim
    found = np.zeros_like(before)
    numbers = [number for number in np.intersect1d(before, after) if number]
    if not numbers:
        return found
    both = np.isin(before, numbers), np.isin(after, numbers)
    touching = np.ones((3,) * before.ndim)
    pieces = np.empty(before.shape, np.int32)
    alone = all(ndimage.label(mask, touching, output=pieces) == 1 for mask in both)
    moves = _to_the_middle(*both) if alone else np.zeros((2, before.ndim))
    box = _box_around(both[0] | both[1], moves)
    depths = [_mean_depth(before[box] == number, after[box] == number, moves, spacing) for number in numbers]
    inside = _mean_depth(both[0][box], both[1][box], moves, spacing) > 0
    found[box] = np.where(inside, np.array(numbers)[np.argmax(depths, axis=0)], 0)
    return found


def _to_the_middle(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """How far both must be moved to lie in the middle of their places, `(2, axes)`."""
    from scipy import ndimage

    centres = np.array([ndimage.center_of_mass(mask) for mask in (before, after)])
    return centres.mean(axis=0) - centres


def _box_around(either: np.ndarray, moves: np.ndarray) -> tuple[slice, ...]:
    """The box of all there is, with room for what is moved."""
    from scipy import ndimage

    [whole] = ndimage.find_objects(either.astype(np.uint8))
    room = np.ceil(np.abs(moves[0])).astype(int) + 1
    return tuple(slice(max(s.start - more, 0), s.stop + more) for s, more in zip(whole, room.tolist(), strict=True))


def _mean_depth(
    before: np.ndarray, after: np.ndarray, moves: np.ndarray, spacing: tuple[float, ...]
) -> np.ndarray:
    from scipy import ndimage

    depths = [ndimage.shift(_depth(mask, spacing), move, order=1, mode="nearest")
              for mask, move in zip((before, after), moves, strict=True)]
    return np.mean(depths, axis=0)


def _depth(mask: np.ndarray, spacing: tuple[float, ...]) -> np.ndarray:
    from scipy import ndimage

    if mask.all():  # no outline to be far from
        return np.full(mask.shape, float(max(mask.shape)))
    inside, outside = (ndimage.distance_transform_edt(part, sampling=spacing) for part in (mask, ~mask))
    return np.asarray(inside) - np.asarray(outside)
