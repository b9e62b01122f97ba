"""Charts of a training and of its scores, as SVG text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from morula.plots import palette
from morula.plots.figures import chart
from morula.scores.compare import Scores
from morula.scores.estimate import Estimate
from morula.scores.learning_curve import LearningCurve
from morula.scores.matching import THRESHOLDS, ObjectScores

NAMED_GROUPS = 24
"""So many groups have a line of their own in a chart."""


def learning_curve(history: Sequence[Mapping[str, Any]], judged: str = "validation") -> str:
    """Loss and validation IoU against the training step, as SVG; the last validation, that of the model, is marked.

    Args:
        history: one record a line of the log, with `step` and, each where it was measured, `loss` and
            `validation_iou`.
        judged: which frames that was measured on: where none validate, those of the "training".
    """
    with chart("learning", 7.2, 2.5) as (figure, save):
        left, right = figure.subplots(1, 2)
        for axes, key, title, colour in (
            (left, "loss", "Training loss", palette.MUTED),
            (right, "validation_iou", f"{judged.capitalize()} IoU", palette.ACCENT),
        ):
            points = [(row["step"], row[key]) for row in history if np.isfinite(row.get(key) or np.nan)]
            axes.set_title(title)
            axes.set_xlabel("step")
            if not points:
                continue
            steps, values = np.array(points, float).T
            axes.plot(steps, values, color=colour, linewidth=1.5, marker="o" if len(steps) < 3 else None)
            axes.margins(x=0.02, y=0.1)
            if key == "validation_iou":
                axes.set_title(f"{title}, {values[-1]:.3f} at the end")
                axes.plot(steps[-1], values[-1], "o", color=colour, markeredgecolor=palette.PAPER)
        return save()


def score_strips(scores: Scores) -> str:
    """The IoU of every image as a dot, a row for each class, with the mean as a tick, as SVG."""
    names = scores.names
    with chart("strips", 7.2, 0.6 + 0.5 * len(names)) as (figure, save):
        axes = figure.subplots()
        spread = np.random.default_rng(0)
        lowest = 1.0
        for row, name in enumerate(names):
            values = [iou for image in scores.images if (iou := image.classes[row].iou) is not None]
            lowest = min([lowest, *values])
            height = row + spread.uniform(-0.22, 0.22, len(values))
            axes.plot(values, height, "o", color=palette.ACCENT, alpha=0.6, markersize=4.5, markeredgewidth=0)
            mean = scores.classes[row].iou
            if mean is not None:
                axes.plot([mean, mean], [row - 0.34, row + 0.34], color=palette.INK, linewidth=1.8)
                axes.annotate(f"{mean:.3f}", (1.0, row), xytext=(10, 0), textcoords="offset points",
                              xycoords=("axes fraction", "data"), va="center")
            axes.text(-0.012, row, name, transform=axes.get_yaxis_transform(), ha="right", va="center")
        axes.set_xlim(np.floor(lowest * 10 - 0.2).clip(0) / 10, 1.004)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("a dot for each, the line is their mean")
        return save()


def group_strip(estimate: Estimate) -> str:
    """The foreground IoU of every group as a dot, their mean as a line and its interval as a band, as SVG."""
    groups = [(group, iou) for group in estimate.worst_first if (iou := group.foreground("iou")) is not None]
    mean = estimate.foreground("iou")
    if mean is None:
        return ""
    few = len(groups) <= NAMED_GROUPS
    with chart("groups", 7.2, 0.75 + 0.22 * len(groups) if few else 1.6) as (figure, save):
        axes = figure.subplots()
        values = [iou for _, iou in groups]
        rows = range(len(groups)) if few else np.random.default_rng(0).uniform(0, len(groups) - 1, len(groups))
        if mean.ends:
            axes.axvspan(*mean.ends, color=palette.ACCENT, alpha=0.13, linewidth=0)
        axes.axvline(mean.mean, color=palette.INK, linewidth=1.8)
        axes.plot(values, rows, "o", color=palette.ACCENT, alpha=1 if few else 0.6, markersize=5, markeredgewidth=0,
                  clip_on=False)
        axes.set_yticks(range(len(groups)) if few else [], [group.name for group, _ in groups] if few else [])
        axes.set_ylim(len(groups) - 0.4, -0.6)
        shown = [*values, *(mean.ends or ())]
        axes.set_xlim(max(0, min(shown) - 0.02), min(1, max(shown) + 0.02))
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("foreground IoU: a dot for each group, their mean, and its 95 % interval")
        return save()


def annotation_curve(curve: LearningCurve) -> str:
    """The foreground IoU against the number of groups learned from, with what twice as many would bring, as SVG."""
    with chart("annotation", 4.6, 2.6) as (figure, save):
        axes = figure.subplots()
        groups = [point.groups for point in curve.points]
        for number in range(len(curve.points[0].scores)):
            axes.plot(groups, [point.scores[number] or np.nan for point in curve.points],
                      color=palette.ACCENT, alpha=0.25, linewidth=1)
        means = [point.mean.mean for point in curve.points]
        axes.plot(groups, means, "o-", color=palette.ACCENT, linewidth=1.8, markeredgecolor=palette.PAPER)
        ticks = [*groups, 2 * groups[-1]] if curve.forecast else groups
        if curve.forecast:
            low, high = curve.forecast
            axes.fill([groups[-1], ticks[-1], ticks[-1]], [means[-1], low, high], color=palette.ACCENT, alpha=0.13,
                      linewidth=0)
            axes.plot([ticks[-1]] * 2, [low, high], color=palette.ACCENT, linewidth=3, alpha=0.5)
        axes.set_xscale("log", base=2)
        axes.set_xticks(ticks, [str(tick) for tick in ticks])
        axes.minorticks_off()
        axes.set_xlabel("groups that were learned from")
        axes.set_title("Foreground IoU: thin lines are the validation groups" if len(curve.points[0].scores) > 1
                       else "Foreground IoU")
        return save()


def matching_curves(scores: ObjectScores) -> str:
    """Which part of the objects was found, and of those that were found is true, the stricter the match, as SVG."""
    rates = {"precision": (scores.precision, palette.ACCENT, 0.45), "recall": (scores.recall, palette.MUTED, 0.6),
             "F1": (scores.f1, palette.ACCENT, 1.0)}
    with chart("matching", 4.6, 2.4) as (figure, save):
        axes = figure.subplots()
        for name, (rate, colour, strength) in rates.items():
            values = [rate(threshold) for threshold in THRESHOLDS]
            axes.plot(THRESHOLDS, [np.nan if value is None else value for value in values], color=colour,
                      alpha=strength, linewidth=1.8 if name == "F1" else 1.2, label=name)
        axes.set_ylim(0, 1)
        axes.set_xlabel("IoU above which two objects are the same")
        axes.legend(frameon=False, loc="lower left")
        axes.set_title("Objects that were matched")
        return save()


def confusion_matrix(scores: Scores) -> str:
    """Where the pixels of each true class went, in percent of that class, as SVG."""
    names = scores.names
    totals = scores.confusion.sum(axis=1, keepdims=True)
    shares = np.divide(scores.confusion, totals, out=np.zeros(scores.confusion.shape), where=totals > 0)
    with chart("confusion", 1.6 + 0.8 * len(names), 0.9 + 0.45 * len(names)) as (figure, save):
        from matplotlib.patches import Rectangle

        axes = figure.subplots()
        for (row, column), share in np.ndenumerate(shares):
            colour = palette.ACCENT if row == column else palette.TRUTH_ONLY
            axes.add_patch(Rectangle((column - 0.48, row - 0.47), 0.96, 0.94, facecolor=colour,
                                     alpha=0.06 + 0.5 * share, linewidth=0))
            text = f"{100 * share:.2f} %" if totals[row] else "–"
            axes.text(column, row, text, ha="center", va="center")
        ends = (-0.5, len(names) - 0.5)
        axes.set(xlim=ends, ylim=ends[::-1], xlabel="predicted", ylabel="true")
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        axes.xaxis.set_label_position("top")
        axes.xaxis.tick_top()
        return save()
