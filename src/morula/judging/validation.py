"""How good the masks of a network are on prepared frames, as it sees them: coarse, and only a part of huge ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from morula.examples.example import Example
from morula.images.image import Box
from morula.machine.number_formats import Precision
from morula.models.engines import Engine
from morula.models.plan import Plan
from morula.models.sweep import at_once
from morula.networks.unet import UNet
from morula.objects.distances import mean_error
from morula.objects.tidying import tidied
from morula.scores.compare import compare_masks, summarise

LARGEST_SCORED = 2**21
"""Pixels of a frame that are scored at most."""


@dataclass(frozen=True)
class Validation:
    """Masks of prepared frames beside the truth.

    Attributes:
        scores: `foreground_iou`, `mean_iou` and `pixel_accuracy`; `distance_error`, in shares of the reach, where the
            network tells how far pixels lie from edges.
        confusion: annotated pixels of all frames by class, `(truth, predicted)`.
    """

    scores: Mapping[str, float]
    confusion: np.ndarray


def scored_box(example: Example) -> Box:
    """What is scored of a frame: all of it, or a part of a huge one, which goes through the network at once."""
    space = example.shape[1:]
    if np.prod(space, dtype=np.int64) <= LARGEST_SCORED:
        return tuple(slice(0, length) for length in space)
    return example.places.window(space, LARGEST_SCORED)


def score(network: UNet, examples: Sequence[Example], plan: Plan, precision: Precision) -> Validation:
    """Scores of a network on prepared frames."""
    engine = Engine(network, precision)
    compared, errors = [], []
    for example in examples:
        piece = example.cut(scored_box(example))
        found = at_once(engine, piece.image)
        predicted = np.asarray(tidied(found.classes, plan.specks, alone=plan.main_object, unit=prod(plan.binning)))
        compared.append(compare_masks(piece.truth, predicted, len(plan.classes), name=example.name, outlines=False))
        if piece.distances is not None:
            errors.append(mean_error(found.distances, piece.distances[0]))
    summary = summarise(compared)
    scores = {name: getattr(summary, name) or 0.0 for name in ("foreground_iou", "mean_iou", "pixel_accuracy")}
    if errors:
        scores["distance_error"] = float(np.mean(errors))
    return Validation(scores, summary.confusion)
