"""How fast measures change: the slope of a straight line through the values of neighbouring moments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

MINUTES_PER_HOUR = 60


def slopes(time: np.ndarray, values: np.ndarray, reach: float) -> np.ndarray:
    """At each moment the slope of the straight line fitted by least squares to all values at most `reach` away.

    For evenly spaced moments away from the ends this is the derivative of Savitzky and Golay (1964,
    doi 10.1021/ac60214a047) of degree 1; moments may be missing or unevenly spaced.

    Args:
        time: `(n,)`, in any order.
        values: `(n,)` or `(n, columns)`; those that are NaN do not count.
        reach: in the unit of `time`.

    Returns:
        float64 of the shape of `values`, in their unit over that of `time`; NaN where fewer than two moments count.

    >>> slopes(np.arange(4), np.array([0.0, 2.0, 4.0, 6.0]), reach=1).tolist()
    [2.0, 2.0, 2.0, 2.0]
    """
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    near = (np.abs(time[:, None] - time[None]) <= reach).astype(float)
    shifted = time - np.mean(time) if len(time) else time
    shifted = shifted.reshape(-1, *[1] * (values.ndim - 1))
    count, t, v, tt, tv = (near @ part for part in (
        known.astype(float), known * shifted, filled, known * shifted**2, filled * shifted
    ))
    spread = count * tt - t**2
    enough = (count > 1) & (spread > 1e-12 * np.maximum(count * tt, 1e-300))
    return np.where(enough, (count * tv - t * v) / np.where(enough, spread, 1.0), np.nan)


def rates(
    table: Mapping[str, Sequence[float] | np.ndarray],
    columns: Sequence[str],
    *,
    track: str = "track",
    frame: str = "frame",
    smooth: int = 2,
    minutes_per_frame: float | None = None,
    trusted: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """How fast columns of a table change along each track.

    Args:
        table: columns of equal length.
        columns: which of them.
        track: the column that says which rows are one object through time.
        frame: the column of the frame's number.
        smooth: lines are fitted to this many frames before and after.
        minutes_per_frame: the time between frames, if it is known.
        trusted: which rows count, bool; the rates of others come from their neighbours.

    Returns:
        A column for each, called `NAME_per_h`, or `NAME_per_frame` where the time between frames is not known;
        NaN where there are fewer than two frames to fit a line to.
    """
    per, unit = ("h", MINUTES_PER_HOUR / minutes_per_frame) if minutes_per_frame else ("frame", 1.0)
    owner, time = np.asarray(table[track]), np.asarray(table[frame], float)
    values = np.stack([np.asarray(table[name], float) for name in columns], axis=1)
    if trusted is not None:
        values = np.where(trusted[:, None], values, np.nan)
    found = np.full(values.shape, np.nan)
    order = np.argsort(owner, kind="stable")
    for rows in np.split(order, np.flatnonzero(np.diff(owner[order])) + 1):
        found[rows] = slopes(time[rows], values[rows], smooth) * unit
    return {f"{name}_per_{per}": found[:, place] for place, name in enumerate(columns)}
