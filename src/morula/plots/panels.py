"""What the pictures of an experiment have in common: panels, the colours of conditions, and how many there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from morula.plots import palette
from morula.plots.experiment import Experiment
from morula.plots.quantities import quantity
from morula.plurals import many

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

Item = TypeVar("Item")

LARGE = 10_000
"""Numbers from here on are written with commas between thousands."""

ACROSS = 4
"""Panels beside each other at most."""

LETTER, BESIDE = 0.066, 0.55
"""Inches that a letter of a legend takes, and a line and the room beside it."""

PANEL = (2.5, 2.1)
"""Width and height of a panel in inches."""

ALONE = (4.4, 3.2)
"""The same of a figure with a single one."""


def size_of_panels(count: int, panel: tuple[float, float] = PANEL, above: float = 0.4) -> tuple[float, float]:
    """Width and height of a figure with so many panels, in inches, and room for a legend above them."""
    across = min(ACROSS, count)
    return max(4.0, panel[0] * across), panel[1] * -(-count // across) + above


def grid_of_panels(figure: Figure, items: Sequence[Item]) -> Iterator[tuple[Axes, Item]]:
    """A panel for each item, from left to right and then down."""
    across = min(ACROSS, len(items))
    for place, item in enumerate(items):
        yield figure.add_subplot(-(-len(items) // across), across, place + 1), item


def label_axes(axes: Axes, experiment: Experiment, column: str, *, through_time: bool) -> None:
    """The quantity upwards and, where it is seen through time, time to the right."""
    from matplotlib.ticker import MaxNLocator

    axes.set_ylabel(quantity(column))
    label_numbers(axes.yaxis, axes.get_ylim())
    if through_time:
        axes.set_xlabel(experiment.time_label)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=experiment.time_label == "frame"))


def label_numbers(axis: Axis, ends: tuple[float, float]) -> None:
    """Large numbers along an axis as people write them."""
    from matplotlib.ticker import StrMethodFormatter

    if max(map(abs, ends)) >= LARGE:
        axis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def condition_colours(experiment: Experiment) -> list[str]:
    """The colour of each condition; of a single one, that of the text."""
    if len(experiment.conditions) == 1:
        return [palette.ACCENT]
    return [palette.CONDITIONS[place % len(palette.CONDITIONS)] for place in range(len(experiment.conditions))]


def condition_legend(figure: Figure, experiment: Experiment, sentence: str, markers: str = "") -> None:
    """Above all panels the conditions with how many samples each has, and what is drawn.

    Args:
        figure: whose width decides how much stands in a row.
        experiment: with the conditions.
        sentence: what is drawn.
        markers: of the conditions, where they are points and not lines.
    """
    from matplotlib.lines import Line2D

    lines = []
    groups = experiment.in_conditions(experiment.group).tolist()
    for place, colour in enumerate(condition_colours(experiment)):
        name, number = experiment.conditions[place], many(groups[place], experiment.group_word)
        lines.append(Line2D([], [], color=colour, label=f"{name}: {number}" if name else number,
                            marker=markers[place % len(markers)] if markers else None,
                            linewidth=0 if markers else 2.2))
    room = figure.get_figwidth()
    if sentence:
        lines.append(Line2D([], [], color="none", label=fill(sentence, int((room - BESIDE) / LETTER))))
    widths = [BESIDE + LETTER * max(map(len, str(line.get_label()).split("\n"))) for line in lines]
    columns = len(lines) if sum(widths) <= room else max(1, int(room / max(widths)))
    figure.legend(handles=lines, loc="outside upper left", ncols=columns, frameon=False, handlelength=1.4)


def counted(experiment: Experiment, known: np.ndarray) -> str:
    """How many groups and tracks the known rows are of."""
    groups, tracks = (len(np.unique(of[known])) for of in (experiment.group, experiment.track))
    words = many(groups, experiment.group_word)
    return f"n = {words}" if groups == tracks else f"n = {words}, {many(tracks, 'object')}"
