"""Rows of labels tell what is expected of their frames."""

from __future__ import annotations

import numpy as np
import pytest

from morula.images.image import Image
from morula.napari_plugin.mask_features import features_of, told_of
from morula.segmenting.frames import SegmentedFrame
from morula.segmenting.in_memory import SegmentedImage
from morula.trust.expectation import Estimate, Expected


def made(*expected: Expected | None, flags: tuple[str, ...] = ()) -> SegmentedImage:
    """Frames with the labels 2 and 7."""
    masks = np.zeros((len(expected), 4, 4), np.uint16)
    masks[0, 0], masks[-1, 1] = 2, 7
    frames = tuple(SegmentedFrame("a", number, "", "f", 1, 8, flags=flags if number == 0 else (), expected=each)
                   for number, each in enumerate(expected))
    return SegmentedImage(masks, frames, Image.from_array(masks, "TYX"))


def iou(value: float) -> Estimate:
    return Estimate(value, value - 0.1, value + 0.1)


def test_classes_have_the_mean_of_the_frames_where_they_are_expected():
    found = made(Expected(iou(0.7), {"cell": iou(0.8)}), Expected(iou(0.7), {"cell": iou(0.6), "wall": iou(0.5)}))
    table = features_of(found, ("cell", "wall"))
    assert table["index"].tolist() == [1, 2]
    assert table["class"].tolist() == ["cell", "wall"]
    assert table["expected_iou"].tolist() == [pytest.approx(0.7), 0.5]


def test_objects_have_what_is_expected_of_all():
    table = features_of(made(Expected(iou(0.8)), Expected(iou(0.6)), flags=("unsure outline",)), ())
    assert table["index"].tolist() == [2, 7]
    assert table["expected_iou"].tolist() == [pytest.approx(0.7)] * 2
    assert set(table["flags"]) == {"unsure outline"}


def test_what_nobody_knows_is_unknown():
    found = made(None)
    assert features_of(found, ("cell",))["expected_iou"].isna().all()
    assert told_of(found) == {"model": "f", "frames": ["nothing unusual"], "note": ""}
