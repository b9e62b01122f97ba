"""Prepared frames are scored as their masks would be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from morula.examples.example import ArrayExample, class_shares
from morula.judging import validation
from morula.judging.validation import score
from morula.learning.health import diagnose_masks
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.pairs.masks import NOT_ANNOTATED

PLAN = Plan(channels=("grey",), classes=("body",), binning=(1, 1), patch=(16, 16), batch=4,
            architecture=Architecture(width=4, depth=2), learning_rate=0.05)


def example_of(mask: np.ndarray, image: np.ndarray | None = None) -> ArrayExample:
    image = np.zeros(mask.shape) if image is None else image
    return ArrayExample("a", image[None].astype(np.float32), class_shares(mask, 1, (1, 1)))


def all_foreground() -> UNet:
    network = UNet(PLAN.architecture).eval()
    network.head.weight.data.zero_()
    network.head.bias.data.fill_(5.0)
    return network


def test_of_a_huge_frame_the_part_around_its_foreground_is_scored(monkeypatch):
    mask = np.zeros((60, 80), np.uint8)
    mask[40:48, 60:70] = 1
    for most, scored in ((4800, 4800), (400, 400)):
        monkeypatch.setattr(validation, "LARGEST_SCORED", most)
        scores = score(all_foreground(), [example_of(mask)], PLAN, "float32").scores
        assert scores["foreground_iou"] == pytest.approx(80 / scored)


def test_scores_of_prepared_frames_are_those_of_their_masks():
    """Frames of odd sizes, a part of them not annotated."""
    network = UNet(PLAN.architecture).eval()
    mask = np.random.default_rng(0).integers(0, 2, (33, 47)).astype(np.uint8)
    mask[5:9] = NOT_ANNOTATED
    example = example_of(mask, np.random.default_rng(1).normal(size=(33, 47)))
    with torch.no_grad():
        padded = torch.from_numpy(np.pad(example.image, ((0, 0), (0, 1), (0, 1)), mode="symmetric"))
        predicted = (network(padded[None])[0, 0, :33, :47] > 0).numpy()
    known = mask != NOT_ANNOTATED
    truth = mask == 1
    expected = (predicted & truth & known).sum() / ((predicted | truth) & known).sum()
    scores = score(network, [example], PLAN, "float32").scores
    assert scores["foreground_iou"] == pytest.approx(expected)
    assert scores["pixel_accuracy"] == pytest.approx((predicted == truth)[known].mean())


def test_sparse_annotation_of_one_class_is_no_collapse():
    """Where only the body was marked, and rightly found, nothing is wrong."""
    mask = np.full((32, 32), NOT_ANNOTATED, np.uint8)
    mask[8:20, 8:20] = 1
    found = score(all_foreground(), [example_of(mask)], PLAN, "float32")
    assert found.scores["foreground_iou"] == 1
    assert diagnose_masks(found.confusion) is None
