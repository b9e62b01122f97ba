"""How many objects were found: predicted objects matched with true ones.

Two objects match if their intersection over union (IoU) is larger than a threshold. From 0.5 on, an object can
match only one other, since two that share more than half of their union with a third would overlap each other; so
there is nothing to choose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from morula.objects.overlaps import Overlaps
from morula.pairs.masks import NOT_ANNOTATED

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""IoU 0.5, 0.55, … 0.95."""


@dataclass(frozen=True, eq=False)
class ObjectScores:
    """How well the objects of an image, or of a set of images, were found.

    A score is None where it does not exist: precision without predicted objects, recall without true ones, and all
    others without any.

    Attributes:
        true: the number of true objects.
        predicted: the number of predicted objects.
        ious: the IoU of each matched pair, all above 0.5, descending, `(pairs,)`.
    """

    true: int
    predicted: int
    ious: np.ndarray

    @classmethod
    def pool(cls, scores: Sequence[ObjectScores]) -> Self:
        """The scores of all objects together, so that an image counts by the objects in it."""
        ious = np.concatenate([np.empty(0), *(each.ious for each in scores)])
        return cls(sum(each.true for each in scores), sum(each.predicted for each in scores), -np.sort(-ious))

    def matched(self, threshold: float = 0.5) -> int:
        """How many pairs have an IoU larger than `threshold`, at least 0.5: the true positives."""
        return int((self.ious > threshold).sum())

    def precision(self, threshold: float = 0.5) -> float | None:
        """The share of the predicted objects that are true."""
        return _share(self.matched(threshold), self.predicted)

    def recall(self, threshold: float = 0.5) -> float | None:
        """The share of the true objects that were found."""
        return _share(self.matched(threshold), self.true)

    def f1(self, threshold: float = 0.5) -> float | None:
        """The harmonic mean of precision and recall: 2 TP / (2 TP + FP + FN)."""
        return _share(2 * self.matched(threshold), self.true + self.predicted)

    def average_precision(self, threshold: float = 0.5) -> float | None:
        """TP / (TP + FP + FN), called average precision since the Data Science Bowl 2018.

        See Caicedo et al. 2019, doi 10.1038/s41592-019-0612-7; it is not the area under a curve.
        """
        matched = self.matched(threshold)
        return _share(matched, self.true + self.predicted - matched)

    @property
    def mean_average_precision(self) -> float | None:
        """The mean of the average precision over IoU 0.5 to 0.95."""
        values = [value for t in THRESHOLDS if (value := self.average_precision(t)) is not None]
        return float(np.mean(values)) if values else None

    @property
    def panoptic_quality(self) -> float | None:
        """The sum of the matched IoUs over TP + FP/2 + FN/2 (Kirillov et al. 2019, arXiv 1801.00868)."""
        return _share(2 * float(self.ious.sum()), self.true + self.predicted)

    def record(self) -> dict[str, Any]:
        """Plain numbers for JSON; None where a score does not exist."""
        return {
            "true": self.true,
            "predicted": self.predicted,
            "panoptic_quality": self.panoptic_quality,
            "mean_average_precision": self.mean_average_precision,
            "thresholds": {
                f"{threshold:.2f}": {
                    "matched": self.matched(threshold),
                    "precision": self.precision(threshold),
                    "recall": self.recall(threshold),
                    "f1": self.f1(threshold),
                    "average_precision": self.average_precision(threshold),
                }
                for threshold in THRESHOLDS
            },
        }


def match_objects(truth: np.ndarray, predicted: np.ndarray) -> ObjectScores:
    """Match the objects of two label images, whole numbers `(*space)` each; 0 is no object.

    Raises:
        ValueError: the images differ in shape.

    >>> match_objects(np.array([1, 1, 1, 2]), np.array([5, 5, 0, 0])).f1()
    0.6666666666666666
    """
    found = Overlaps.count(truth, predicted)
    ious = found.ious
    return ObjectScores(len(found.first), len(found.second), -np.sort(-ious[ious > 0.5]))


def match_classes(
    labels: tuple[np.ndarray, np.ndarray], masks: tuple[np.ndarray, np.ndarray], classes: int
) -> ObjectScores:
    """Match objects with those of the same class, and only where both masks are annotated.

    Args:
        labels: the true and the predicted label image, `(*space)` each.
        masks: the class numbers of both, uint8 `(*space)` each.
        classes: the number of classes without background.
    """
    known = (masks[0] != NOT_ANNOTATED) & (masks[1] != NOT_ANNOTATED)
    scores = []
    for number in range(1, classes + 1):
        both = zip(labels, masks, strict=True)
        truth, predicted = (np.where(known & (mask == number), image, 0) for image, mask in both)
        scores.append(match_objects(truth, predicted))
    return ObjectScores.pool(scores)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
