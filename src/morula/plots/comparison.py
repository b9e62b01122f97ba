"""Conditions beside each other: every object and every sample as a point, and how large the differences are."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from morula.plots import palette
from morula.plots.effects import Effect, effect
from morula.plots.experiment import Experiment
from morula.plots.panels import condition_colours, grid_of_panels, label_axes
from morula.plots.quantities import is_angle, number, quantity, unit_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FARTHEST = 10
"""Differences of more deviations than this lie at the edge of the picture, and are arrows."""

SMALL_LETTER = 0.056
"""Inches that a letter of the legend takes."""

MOST = 1500
"""Of more objects than this in a condition, some are drawn, evenly chosen."""


def draw_conditions(figure: Figure, experiment: Experiment) -> None:
    """A panel for each measure: objects as small points, samples as large ones, their mean and standard deviation."""
    for axes, column in grid_of_panels(figure, experiment.measures):
        _points(axes, experiment, column)
    figure.supxlabel(fill(_legend(experiment), int(figure.get_figwidth() / SMALL_LETTER)), fontsize=7.5,
                     color=palette.MUTED)


def _legend(experiment: Experiment) -> str:
    word, over = experiment.group_word, " over time" if experiment.is_movie else ""
    several = max(experiment.in_conditions(experiment.group)) > 1  # a single one does not scatter
    bars = f"; bars: mean ± standard deviation of {word}s" if several else ""
    if len(experiment.groups) == experiment.tracks:
        return f"points: {word}s{', means' + over if over else ''}{bars}; n = {word}s"
    objects = f"objects{', means' + over if over else ''}"
    return f"small points: {objects}; large: means of {word}s{bars}; n = {word}s (objects)"


def effects(experiment: Experiment) -> dict[tuple[str, int], Effect]:
    """Each condition beside the control, by measure and condition; without those that have no sample."""
    found = {}
    for column in experiment.measures:
        control = experiment.samples(column, 0)
        for condition in range(1, len(experiment.conditions)):
            values = experiment.samples(column, condition)
            if len(values) and len(control) and not is_angle(column):
                found[column, condition] = effect(values, control)
    return found


def effect_columns(experiment: Experiment) -> dict[str, list[Any]]:
    """All effects as a table, a row for each measure and condition; empty where nothing is compared."""
    rows = [
        {
            "measure": column,
            "condition": experiment.conditions[condition],
            "control": experiment.conditions[0],
            "samples": each.samples[0],
            "control_samples": each.samples[1],
            "mean": each.means[0],
            "control_mean": each.means[1],
            "difference": each.difference,
            "difference_low": each.low,
            "difference_high": each.high,
            "hedges_g": each.hedges_g,
            "hedges_g_low": each.standard[0],
            "hedges_g_high": each.standard[1],
            "cliffs_delta": each.cliffs_delta,
        }
        for (column, condition), each in effects(experiment).items()
    ]
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def draw_effects(figure: Figure, experiment: Experiment) -> None:
    """All differences from the control in units of the deviation between samples, each with its interval."""
    found = effects(experiment)
    axes, colours = figure.subplots(), condition_colours(experiment)
    beside = axes.get_yaxis_transform()
    word, control = experiment.group_word, experiment.conditions[0]
    axes.axvline(0, color=palette.MUTED, linewidth=0.8)
    for row, ((column, condition), each) in enumerate(found.items()):
        if np.isfinite(each.hedges_g):
            marker = "o" if abs(each.hedges_g) <= FARTHEST else ">" if each.hedges_g > 0 else "<"
            ends = np.clip(each.standard, -FARTHEST, FARTHEST)
            axes.plot(ends, [row, row], color=colours[condition], linewidth=2)
            axes.plot(np.clip(each.hedges_g, -FARTHEST, FARTHEST), row, marker, color=colours[condition], markersize=6)
        others = f", {experiment.conditions[condition]}" if len(experiment.conditions) > 2 else ""
        axes.text(-0.02, row, quantity(column) + others, transform=beside, ha="right", va="center")
        axes.text(1.02, row, _difference(column, each), transform=beside, va="center", fontsize=7.5)
    axes.text(1.02, -0.85, f"difference [95 % interval];  Cliff's δ;  n {word}s, of {control}", transform=beside,
              va="center", fontsize=7.5, color=palette.MUTED)
    axes.set(ylim=(len(found) - 0.5, -0.5), yticks=[], xlabel=f"Hedges' g: difference / deviation between {word}s")
    axes.spines["left"].set_visible(False)
    axes.grid(False, axis="y")
    names = experiment.conditions[1] if len(experiment.conditions) == 2 else "others"
    axes.set_title(f"{names} minus {control}")


def _points(axes: Axes, experiment: Experiment, column: str) -> None:
    tracks = experiment.of_tracks(column)
    spread = np.random.default_rng(0)
    labels = []
    for condition, colour in enumerate(condition_colours(experiment)):
        values = tracks[(experiment.condition_of_track == condition) & np.isfinite(tracks)]
        means = experiment.samples(column, condition)
        if len(values) > len(means) or is_angle(column):
            shown = values[:: len(values) // MOST + 1]
            axes.plot(condition + spread.uniform(-0.28, 0.28, len(shown)), shown, "o", color=colour, markersize=2.5,
                      markeredgewidth=0, alpha=max(0.12, 0.5 - len(shown) / 2000), rasterized=len(shown) > 300)
        if not is_angle(column):
            axes.plot(condition + _aside(means), means, "o", color=colour, markersize=5.5,
                      markeredgecolor=palette.PAPER, markeredgewidth=0.7, zorder=3)
        if len(means) > 1 and not is_angle(column):
            mean, deviation = means.mean(), means.std(ddof=1)
            axes.errorbar(condition + 0.4, mean, deviation, color=palette.INK, linewidth=1.4, zorder=4)
            axes.plot(condition + np.array([0.32, 0.48]), [mean, mean], color=palette.INK, linewidth=2, zorder=4)
        name = experiment.conditions[condition]
        count = f"{len(means)}" if len(values) == len(means) else f"{len(means)} ({len(values):,})"
        labels.append(f"{name}\nn = {count}" if name else f"n = {count}")
    axes.set_xticks(range(len(labels)), labels)
    axes.set_xlim(-0.6, len(labels) - 0.3)
    label_axes(axes, experiment, column, through_time=False)
    axes.tick_params(axis="x", length=0)
    axes.grid(False, axis="x")


def _aside(values: np.ndarray) -> np.ndarray:
    """Sideways places that keep points of similar value apart."""
    order = np.argsort(np.argsort(values))
    return 0.3 * (order / max(1, len(values) - 1) - 0.5)


def _difference(column: str, each: Effect) -> str:
    unit = unit_of(column)
    words = f"{number(each.difference, '+')} {unit}".rstrip()
    if each.means[1]:
        words += f" ({number(100 * each.difference / abs(each.means[1]), '+')} %)"
    if np.isfinite(each.low):
        words += f" [{number(each.low, '+')}, {number(each.high, '+')}]"
    return f"{words};  δ {number(each.cliffs_delta, '+')};  n {each.samples[0]}, {each.samples[1]}"
