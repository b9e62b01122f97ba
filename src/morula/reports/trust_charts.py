"""Whether a model knows how good its masks are: its probabilities and its estimates against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from morula.plots import palette
from morula.plots.figures import chart
from morula.plurals import many


def trust_chart(learned: Mapping[str, Any]) -> str:
    """How often probabilities were right, before and after calibration, and expected IoU against the true, as SVG.

    Args:
        learned: what a model's record says of its quality, see `Judgement`.
    """
    with chart("trust", 7.2, 3.4) as (figure, save):
        left, right = figure.subplots(1, 2)
        for axes in (left, right):
            axes.plot([0, 1], [0, 1], color=palette.LINE, linewidth=1.2, zorder=1)
            axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
        for curve, colour, label in zip(learned["reliability"], (palette.MUTED, palette.ACCENT), ("as they are",
                                        "calibrated"), strict=True):
            said, true, _ = np.array(curve, float).reshape(-1, 3).T
            left.plot(said, true, "o-", color=colour, markersize=4, linewidth=1.2, label=label)
        left.set_title("Probabilities")
        left.set(xlabel="said", ylabel="true")
        mean, true, plain = np.array(learned["estimates"], float).reshape(-1, 3).T
        for kept, colour, size, label in ((plain == 0, palette.MUTED, 2.5, "spoiled on purpose"),
                                          (plain == 1, palette.ACCENT, 5, "held out, as they are")):
            right.plot(mean[kept], true[kept], "o", color=colour, markersize=size, markeredgewidth=0, alpha=0.7,
                       label=label)
        right.set_title("IoU of a frame")
        right.set(xlabel="expected", ylabel="true")
        for axes in (left, right):
            # Points may lie anywhere within.
            axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.18), ncols=2, frameon=False, handletextpad=0.4)
        return save()


def trust_sentences(learned: Mapping[str, Any]) -> str:
    """What the chart shows, in words."""
    before, after = learned["calibration_error"]
    known = ""
    if count := len(learned["learned_from"]):
        verb = "is" if count == 1 else "are"
        known = (f" Since so few frames were held out, {count} that the network learned from {verb} among them, which "
                 "flatters.")
    return (
        f"Each of {many(learned['frames'], 'frame')} was judged by a fit without it, as it was and spoiled in many "
        f"ways. Of those as they were, the expected IoU was off by {learned['mean_error']:.3f} in the mean, and "
        f"{100 * learned['covered']:.0f} % of the true values lay in their intervals. Probabilities are divided by a "
        f"temperature of {learned['temperature']:.2f}, and their calibration error falls from {before:.4f} to "
        f"{after:.4f}.{known}"
    )
