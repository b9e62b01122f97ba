"""One measure beside another: each object as a point, the measure that all are seen against to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from morula.plots.experiment import Experiment
from morula.plots.panels import condition_colours, condition_legend, counted, grid_of_panels, label_axes, label_numbers
from morula.plots.quantities import quantity

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 3000
"""Of more objects than this in a condition, some are drawn, evenly chosen."""

MARKERS = "os^DvP"
"""Of the conditions, so that they are told apart without colours, too."""


def draw_against(figure: Figure, experiment: Experiment, column: str) -> None:
    """A panel for each measure, seen against `column`; objects of which one of both is unknown are left out."""
    for axes, measure in grid_of_panels(figure, experiment.measures):
        _cloud(axes, experiment, column, measure)
    condition_legend(figure, experiment, "points: objects" + (" at each moment" if experiment.is_movie else ""),
                     MARKERS)


def _cloud(axes: Axes, experiment: Experiment, across: str, up: str) -> None:
    x, y = experiment.numbers(across), experiment.numbers(up)
    known = np.isfinite(x) & np.isfinite(y)
    for condition, colour in enumerate(condition_colours(experiment)):
        rows = np.flatnonzero(known & (experiment.condition == condition))
        rows = rows[:: len(rows) // MOST + 1]
        axes.plot(x[rows], y[rows], MARKERS[condition % len(MARKERS)], color=colour, markersize=4, markeredgewidth=0,
                  alpha=max(0.25, 0.7 - len(rows) / 2000), rasterized=len(rows) > 300)
    label_axes(axes, experiment, up, through_time=False)
    axes.set_xlabel(quantity(across))
    label_numbers(axes.xaxis, axes.get_xlim())
    axes.set_title(counted(experiment, known), loc="right", fontsize=7.5)
