"""Profiles over time: position along an object from bottom to top, time from left to right."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from morula.plots import palette
from morula.plots.experiment import Experiment
from morula.plots.quantities import LIMITS, unit_of
from morula.plurals import many

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FEW = 4
"""So many tracks are shown each for itself; of more, the mean of each condition."""

PANEL = (2.6, 1.9)

_PART = re.compile(r"(width|along|inward)_(\d+)_?(.*)")
_WORDS = {"width": "width", "along": "along the midline", "inward": "from rim to core"}
_ENDS = {"width": "thick to thin end (%)", "along": "thick to thin end (%)", "inward": "rim to core (%)"}


def profiles(experiment: Experiment) -> dict[str, list[str]]:
    """The profiles of a table with the columns of their parts, by what they are called."""
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for column, values in experiment.columns.items():
        part = _PART.fullmatch(column)
        if part and not column.endswith(LIMITS) and any(value is not None for value in values):
            found[f"{part[1]} {part[3]}"][int(part[2])] = column
    return {name: [columns[part] for part in sorted(columns)] for name, columns in found.items()}


def kymograph_size(experiment: Experiment) -> tuple[float, float]:
    """Width and height of the figure in inches."""
    return PANEL[0] * len(_panels(experiment)) + 0.7, PANEL[1] * len(profiles(experiment)) + 0.2


def draw_kymographs(figure: Figure, experiment: Experiment) -> None:
    """A row for each profile; a column for each track, or for the mean of each condition where there are many."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.ticker import MaxNLocator

    colours = LinearSegmentedColormap.from_list("ramp", palette.RAMP)
    panels = _panels(experiment)
    rows = profiles(experiment).items()
    turned = turned_round(experiment)
    every = figure.subplots(len(rows), len(panels), squeeze=False, sharex=True)
    for place, (name, columns) in enumerate(rows):
        line = every[place]
        kind, _, channel = name.partition(" ")
        ends = np.zeros(len(turned), bool) if kind == "inward" else turned
        pictures = [_profile(experiment, columns, shown, ends[shown]) for shown in panels.values()]
        known = np.concatenate([picture[np.isfinite(picture)] for picture in pictures])
        low, high = np.percentile(known, [1, 99]) if len(known) else (0.0, 1.0)
        for axes, picture in zip(line, pictures, strict=True):
            edges = np.linspace(0, 100, len(columns) + 1)
            mesh = axes.pcolormesh(_edges(experiment.moments), edges, np.ma.masked_invalid(picture), cmap=colours,
                                   vmin=low, vmax=high, rasterized=True)
            axes.grid(False)
        line[0].set_ylabel(_ENDS[kind])
        unit = unit_of(columns[0]) if kind == "width" else ""
        label = f"width ({unit})" if unit else f"{channel} {_WORDS[kind]}".strip()
        figure.colorbar(mesh, ax=list(line), label=label, pad=0.01).outline.set_visible(False)
    for axes, title in zip(every[0], panels, strict=True):
        axes.set_title(title)
    for axes in every[-1]:
        axes.set_xlabel(experiment.time_label)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=experiment.time_label == "frame"))


def turned_round(experiment: Experiment) -> np.ndarray:
    """Which rows are seen from their thinner end, since they are more like the frame before that way, bool `(rows,)`.

    Where both ends of an object are nearly as thick, which of them comes first changes from frame to frame by chance.
    Most frames of a track are seen from the thicker end.
    """
    columns = [columns for name, columns in profiles(experiment).items() if not name.startswith("inward")]
    turned = np.zeros(len(experiment.track), bool)
    if not columns:
        return turned
    values = np.array([[experiment.numbers(column) for column in each] for each in columns])  # (profiles, parts, rows)
    values -= np.nanmean(values, axis=(1, 2), keepdims=True)
    values /= np.maximum(np.nanstd(values, axis=(1, 2), keepdims=True), 1e-12)
    values = np.nan_to_num(values)
    for rows in experiment.through_time(experiment.track):
        before = values[..., rows[0]]
        for row in rows[1:]:
            ahead = values[..., row]
            turned[row] = ((ahead[:, ::-1] - before) ** 2).sum() < ((ahead - before) ** 2).sum()
            before = ahead[:, ::-1] if turned[row] else ahead
        if 2 * np.count_nonzero(turned[rows]) > len(rows):
            turned[rows] = ~turned[rows]
    return turned


def _panels(experiment: Experiment) -> dict[str, np.ndarray]:
    """The rows that each panel shows, by its title."""
    tracks = list(experiment.through_time(experiment.track))
    if len(tracks) <= FEW:
        return {f"{place}: {experiment.name_of_group(rows[0])}": rows for place, rows in enumerate(tracks, 1)}
    chosen = {}
    for condition, name in enumerate(experiment.conditions):
        rows = np.flatnonzero(experiment.condition == condition)
        groups, tracked = (len(np.unique(of[rows])) for of in (experiment.group, experiment.track))
        words = many(groups, experiment.group_word)
        words = words if groups == tracked else f"{words}, {many(tracked, 'object')}"
        chosen[f"{name or 'mean'}, n = {words}"] = rows
    return chosen


def _profile(experiment: Experiment, columns: list[str], rows: np.ndarray, turned: np.ndarray) -> np.ndarray:
    """The mean of each part at each moment, `(parts, moments)`, NaN where there is none."""
    moment = np.searchsorted(experiment.moments, experiment.time[rows])
    picture = np.full((len(columns), len(experiment.moments)), np.nan)
    for part, column in enumerate(columns):
        values = np.where(turned, experiment.numbers(columns[-1 - part])[rows], experiment.numbers(column)[rows])
        known = np.isfinite(values)
        count = np.bincount(moment[known], minlength=picture.shape[1])
        total = np.bincount(moment[known], values[known], picture.shape[1])
        picture[part, count > 0] = total[count > 0] / count[count > 0]
    return picture


def _edges(moments: np.ndarray) -> np.ndarray:
    """Halfway between neighbouring moments, and as far beyond the ends."""
    between = (moments[1:] + moments[:-1]) / 2
    return np.concatenate([[2 * moments[0] - between[0]], between, [2 * moments[-1] - between[-1]]])
