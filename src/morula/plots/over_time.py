"""Measures over time: every track as a thin line, the mean of each condition as a thick one.

The mean has an interval where it is one of several groups: objects of a single movie are no samples of a condition.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from morula.plots.effects import interval
from morula.plots.experiment import Experiment
from morula.plots.panels import condition_colours, condition_legend, counted, grid_of_panels, label_axes
from morula.plots.quantities import LIMITS, is_angle

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEW = 6
"""With so many tracks or fewer, each has its own interval drawn."""

MOST = 300
"""Of more tracks than this, some are drawn, evenly chosen; the mean is that of all."""


def draw_over_time(figure: Figure, experiment: Experiment) -> None:
    """A panel for each measure; intervals of single tracks where the table has them."""
    for axes, column in grid_of_panels(figure, experiment.measures):
        _panel(axes, experiment, column)
    condition_legend(figure, experiment, "; ".join(_drawn(experiment)))


def _drawn(experiment: Experiment) -> Iterator[str]:
    """What lines and bands are."""
    groups, tracks = (max(experiment.in_conditions(of)) for of in (experiment.group, experiment.track))
    if groups > 1:
        yield f"thick: mean of {experiment.group_word}s with its 95 % interval"
    elif tracks > 1:
        yield "thick: mean of its objects"
    if experiment.tracks <= FEW and any(f"{column}_low" in experiment.columns for column in experiment.measures):
        yield "pale: intervals of single objects"


def _panel(axes: Axes, experiment: Experiment, column: str) -> None:
    values = experiment.numbers(column)
    known = np.isfinite(values)
    tracks = [rows[known[rows]] for rows in experiment.through_time(experiment.track)]
    tracks = [rows for rows in tracks if len(rows)]
    colours = condition_colours(experiment)
    shown = tracks[:: len(tracks) // MOST + 1]
    for rows in shown:
        colour = colours[experiment.condition[rows[0]]]
        single = len(rows) == 1
        axes.plot(experiment.time[rows], values[rows], "." if single else "-", color=colour,
                  linewidth=1.3 if len(tracks) <= len(colours) else 0.6,
                  markersize=2.5, alpha=max(0.12, 0.6 - len(shown) / 300), zorder=1.5)
        if len(tracks) <= FEW and f"{column}_low" in experiment.columns:
            low, high = (experiment.numbers(f"{column}{end}")[rows] for end in LIMITS)
            axes.fill_between(experiment.time[rows], low, high, color=colour, alpha=0.15, linewidth=0, zorder=1.2)
    if not is_angle(column):
        for condition, colour in enumerate(colours):
            _mean(axes, experiment, values, condition, colour)
    axes.margins(x=0.02)
    label_axes(axes, experiment, column, through_time=True)
    axes.set_title(counted(experiment, known), loc="right", fontsize=7.5)


def _mean(axes: Axes, experiment: Experiment, values: np.ndarray, condition: int, colour: str) -> None:
    """The mean over groups, at moments that at least half of them reach.

    Where a group has no value between others of its own, the straight line between these stands for it: the mean
    would jump if one group came and went.
    """
    here = (experiment.condition == condition) & np.isfinite(values)
    if len(np.unique(experiment.track[here])) < 2:
        return
    moments = np.unique(experiment.time[here])
    means = np.array([_of_group(experiment, values, here & (experiment.group == group), moments)
                      for group in np.unique(experiment.group[here])])
    known = np.isfinite(means)
    told = [(moment, each[have].mean(), *interval(each[have]))
            for moment, each, have in zip(moments, means.T, known.T, strict=True) if 2 * have.sum() >= len(means)]
    time, mean, low, high = np.array(told).reshape(-1, 4).T
    axes.plot(time, mean, color=colour, linewidth=2.2, zorder=3)
    if np.isfinite(low).any():
        axes.fill_between(time, low, high, color=colour, alpha=0.18, linewidth=0, zorder=2)


def _of_group(experiment: Experiment, values: np.ndarray, rows: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """The mean of a group at each moment, NaN before its first and after its last."""
    time, place = np.unique(experiment.time[rows], return_inverse=True)
    means = np.bincount(place, values[rows]) / np.bincount(place)
    return np.interp(moments, time, means, left=np.nan, right=np.nan)
