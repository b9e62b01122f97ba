"""What is known of labels, as napari keeps it: a row for each label, and words for each frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pandas import DataFrame

    from morula.segmenting.frames import SegmentedFrame
    from morula.segmenting.in_memory import SegmentedImage


def features_of(made: SegmentedImage, classes: Sequence[str]) -> DataFrame:
    """A row for each label, which napari shows of the label under the mouse.

    Args:
        made: masks and what is said of them; of several frames, the mean, and all that is said of any.
        classes: what the labels 1, 2 and so on are called; empty where they are objects.
    """
    from pandas import DataFrame

    labels = range(1, len(classes) + 1) if classes else np.unique(made.masks[made.masks > 0]).tolist()
    flags = ", ".join(dict.fromkeys(flag for row in made.frames for flag in row.flags))
    names = {"class": list(classes)} if classes else {}
    expected = [_mean(_iou(row, classes[label - 1] if len(classes) > 1 else None) for row in made.frames)
                for label in labels] if classes else [_mean(_iou(row, None) for row in made.frames)] * len(labels)
    return DataFrame({"index": list(labels), **names, "expected_iou": expected, "flags": [flags] * len(labels)})


def told_of(made: SegmentedImage) -> dict[str, Any]:
    """Which model made labels, and what is said of each frame."""
    return {"model": made.frames[0].model, "frames": [row.in_words for row in made.frames], "note": made.note}


def _iou(row: SegmentedFrame, name: str | None) -> float:
    if row.expected is None:
        return np.nan
    estimate = row.expected.mean if name is None else row.expected.classes.get(name)
    return estimate.iou if estimate else np.nan


def _mean(values) -> float:
    known = [value for value in values if not np.isnan(value)]
    return round(float(np.mean(known)), 3) if known else np.nan
