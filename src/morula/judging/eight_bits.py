"""Whether masks survive that a network computes with eight bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from morula.examples.example import Example
from morula.judging.validation import score, scored_box
from morula.models.plan import Plan
from morula.models.quantisation import measure_ranges, rounded
from morula.models.sweep import filled_up
from morula.networks.unet import UNet
from morula.pairs.spread import evenly

MEASURED, SCORED = 16, 32
"""Frames that ranges are measured on, and frames that masks are compared on, at most."""
PIXELS = 2**23
"""Pixels of all of them, about: some seconds' work. A few frames are looked at however large they are."""
LOST = 0.001
"""Of the IoU, what may be lost, and by how much distances from edges may be farther off: less than any two trainings
differ by."""


def harmless_ranges(
    network: UNet,
    training: Sequence[Example],
    validation: Sequence[Example],
    plan: Plan,
    known: Mapping[str, float] | None = None,
) -> dict[str, tuple[float, float]]:
    """The ranges that eight bits must span in a trained network; none if masks were worse for it.

    Args:
        network: the network.
        training: what it learned from, on which the ranges are measured.
        validation: what the masks are compared on; if there is none, what it learned from.
        plan: how it was trained.
        known: the scores of all these frames without rounding, where somebody has them, as `score` gives them.
    """
    pieces = (example.cut(scored_box(example)) for example in _some(training, MEASURED))
    ranges = measure_ranges(network, (filled_up(piece.image, plan.architecture.multiple) for piece in pieces))
    judged = _some(validation or training, SCORED)
    coarse = score(rounded(network, ranges), judged, plan, "auto").scores
    if known is None or len(judged) < len(validation or training):
        known = score(network, judged, plan, "auto").scores
    lost = [known[name] - coarse[name] for name in ("foreground_iou", "mean_iou")]
    if plan.separation:
        lost.append(coarse["distance_error"] - known["distance_error"])
    return ranges if max(lost) <= LOST else {}


def _some(examples: Sequence[Example], count: int) -> list[Example]:
    """Evenly spread examples: at most so many, and fewer if they are large."""
    pixels = np.mean([np.prod([part.stop - part.start for part in scored_box(each)]) for each in examples])
    return evenly(examples, min(count, max(3, int(PIXELS / pixels))))
