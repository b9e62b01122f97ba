"""Measures over time: every track as a thin line, the mean of each condition as a thick one with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from morula.reports.effects import interval
from morula.reports.experiment import Experiment
from morula.reports.panels import condition_colours, condition_legend, counted, grid_of_panels
from morula.reports.quantities import is_angle, quantity

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
    condition_legend(figure, experiment, "mean of {groups}, with its 95 % interval")


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
        axes.plot(experiment.time[rows], values[rows], "." if single else "-", color=colour, linewidth=0.6,
                  markersize=2.5, alpha=max(0.12, 0.5 - len(shown) / 400), zorder=1.5)
        if len(tracks) <= FEW and f"{column}_low" in experiment.columns:
            ends = (experiment.numbers(f"{column}{end}")[rows] for end in ("_low", "_high"))
            axes.fill_between(experiment.time[rows], *ends, color=colour, alpha=0.15, linewidth=0, zorder=1.2)
    if not is_angle(column):
        for condition, colour in enumerate(colours):
            _mean(axes, experiment, values, condition, colour)
    axes.set(xlabel=experiment.time_label, ylabel=quantity(column))
    axes.margins(x=0.02)
    axes.set_title(counted(experiment, known), loc="right", fontsize=7.5)


def _mean(axes: Axes, experiment: Experiment, values: np.ndarray, condition: int, colour: str) -> None:
    """The mean over groups, at moments that at least half of them have."""
    here = (experiment.condition == condition) & np.isfinite(values)
    groups = len(np.unique(experiment.group[here]))
    told = []
    for moment in np.unique(experiment.time[here]):
        rows = here & (experiment.time == moment)
        _, place = np.unique(experiment.group[rows], return_inverse=True)
        means = np.bincount(place, values[rows]) / np.bincount(place)
        if 2 * len(means) >= groups:
            told.append((moment, means.mean(), *interval(means)))
    if groups > 1 or len(np.unique(experiment.track[here])) > 1:
        time, mean, low, high = np.array(told).reshape(-1, 4).T
        axes.plot(time, mean, color=colour, linewidth=2.2, zorder=3)
        axes.fill_between(time, low, high, color=colour, alpha=0.18, linewidth=0, zorder=2)
