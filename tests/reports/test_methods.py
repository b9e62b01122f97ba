"""A methods paragraph says the true numbers, and nothing about what was not done."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from morula.models.plan import Augmentation, Plan
from morula.networks.architecture import Architecture
from morula.reports.methods import TrainingFacts, duration, methods_paragraph
from morula.scores.compare import compare_masks, summarise

VERSIONS = {"Morula": "0.1.0", "PyTorch": "2.13.0"}


def facts(**changes) -> TrainingFacts:
    plan = Plan(
        channels=("phase",), classes=("body",), pixel_size=(0.65, 0.65), binning=(4, 4),
        architecture=Architecture(width=16, depth=4), patch=(160, 160), batch=8, learning_rate=1e-3,
        **changes,
    )
    return TrainingFacts(plan, frames=255, validation_frames=45, groups=True, parameters=481_201, steps=1200,
                         seconds=58.4, processor="2 cores", validation_iou=0.9812, seed=3)


def test_a_training_is_told_with_its_numbers():
    text = methods_paragraph(VERSIONS, facts())
    for words in ("Morula 0.1.0 (PyTorch 2.13.0)", "4 levels of 16 to 128 features (481,201 parameters)",
                  "255 annotated images, with 45 more", "never split",
                  "averaged over 4 × 4 pixels (to 2.6 × 2.6 µm per pixel)", "percentiles 1 and 99.5",
                  "1,200 steps, 8 patches of 160 × 160", "58 s on 2 cores (seed 3)",
                  "average of the weights over the last steps", "0.981 on the validation images", "elastic warping"):
        assert words in text
    assert "Against the annotation" not in text


@pytest.mark.parametrize(("axes", "words"), [(1, "stretches of 3 points"), (2, "squares of 3 × 3 pixels"),
                                             (3, "cubes of 3 × 3 × 3 voxels")])
def test_what_is_folded_is_told(axes, words):
    architecture = Architecture(axes=axes, width=16, depth=4, stem=3)
    plan = facts().plan.model_copy(update={"architecture": architecture})
    assert f"blocks over {words} with 4 levels" in methods_paragraph(VERSIONS, replace(facts(), plan=plan), axes=axes)
    assert " over " not in methods_paragraph(VERSIONS, facts()).split("levels")[0]


@pytest.mark.parametrize(("loss", "weights", "words"), [
    ("dice + cross_entropy", None, "and the sum of Dice loss and cross-entropy was minimised"),
    ("dice + 0.5 focal + brier", None, "the sum of Dice loss, 0.5 × focal loss and Brier score was minimised"),
    ("topk", (1, 2.5), "and top-k cross-entropy, with the weights 1 for background, 2.5 for body, was minimised"),
])
def test_the_loss_is_told(loss, weights, words):
    assert words in methods_paragraph(VERSIONS, facts(loss=loss, class_weights=weights))


def test_an_earlier_model_is_told():
    sentence = "Training began with the weights of an earlier model (d3c6aab3dfa9)."
    assert sentence in methods_paragraph(VERSIONS, replace(facts(), earlier="d3c6aab3dfa9"))
    assert "earlier" not in methods_paragraph(VERSIONS, facts())


def test_what_was_learned_from_drawings_is_told():
    sentence = "Training began with weights learned from drawn images (plane 0123456789ab)."
    assert sentence in methods_paragraph(VERSIONS, replace(facts(), start="plane 0123456789ab"))
    assert "began with" not in methods_paragraph(VERSIONS, facts())


def test_frames_that_were_shown_more_often_are_told():
    assert "1 image was shown 8 times as often." in methods_paragraph(VERSIONS, facts(repeated={"a": 8}))
    assert "2 images were shown 2 or 3 times as often." in methods_paragraph(VERSIONS, facts(repeated={"a": 2, "b": 3}))
    assert "as often" not in methods_paragraph(VERSIONS, facts())


def test_colours_that_varied_are_told():
    words = "changes of brightness, contrast and gamma; mixing and weighing of colours; blur"
    for changes in ({"mixing": 0.3}, {"balance": 1.5}):
        assert words in methods_paragraph(VERSIONS, facts(augmentation=Augmentation(**changes)))
    assert "colours" not in methods_paragraph(VERSIONS, facts(augmentation=Augmentation(intensity=0, mixing=0.3)))
    assert "colours" not in methods_paragraph(VERSIONS, facts())


def test_what_was_not_done_is_not_told():
    still = Augmentation(flips=(), turns=False, warp=0, intensity=0, blur=0, noise=0)
    text = methods_paragraph(VERSIONS, facts(augmentation=still))
    assert "varied" not in text
    evaluation = methods_paragraph({"Morula": "0.1.0"})
    assert evaluation == "Masks were scored with Morula 0.1.0."  # who made them is not known


def test_scores_are_told_by_class():
    truth, predicted = np.zeros((2, 20, 20), np.uint8)
    truth[5:15, 5:15] = predicted[5:15, 6:16] = 1
    scores = summarise([compare_masks(truth, predicted, 2, name="a", pixel_size=(2, 2))], ("body", "shed"))
    text = methods_paragraph(VERSIONS, scores=scores, held_out=True)
    for words in ("1 image that took no part in the training", "0.9500", "For body", f"{90 / 110:.3f}",
                  "0.900", f"{scores.classes[1].boundary_mean:.2f} µm apart",
                  "95 % Hausdorff distance of 2.00 µm"):
        assert words in text
    assert "shed" not in text
    assert "took no part" not in methods_paragraph(VERSIONS, scores=scores)


@pytest.mark.parametrize(("seconds", "words"), [
    (0.84, "0.8 s"), (9.96, "10 s"), (59.6, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min"),
])
def test_durations_read_well(seconds, words):
    assert duration(seconds) == words


def test_volumes_are_told_as_such():
    architecture = Architecture(axes=3, block="nested", skips="unet++", attention=True, width=8, depth=3)
    plan = Plan(channels=("MRI",), classes=("front", "back"), pixel_size=(2, 0.5, 0.5), binning=(1, 2, 2),
                architecture=architecture, patch=(16, 32, 32), batch=2, learning_rate=1e-3)
    training = TrainingFacts(plan, 90, 10, groups=False, parameters=123, steps=500, seconds=60, processor="a",
                             validation_iou=0.8, seed=0)
    truth = np.zeros((6, 8, 8), np.uint8)
    truth[2:4, 2:6, 2:6] = 1
    scores = summarise([compare_masks(truth, truth, 1, name="a")])
    text = methods_paragraph(VERSIONS, training, scores, axes=3)
    for words in ("3-D UNet++ of nested blocks with attention gates and 3 levels", "90 annotated volumes",
                  "Volumes were averaged over 1 × 2 × 2 voxels (to 2 × 1 × 1 µm per voxel)",
                  "2 patches of 16 × 32 × 32 voxels", "1 volume", "share of correct voxels",
                  "surfaces were 0.00 px apart"):
        assert words in text
    for word in ("pixel", "image", "outline"):
        assert word not in text.removeprefix("Images were segmented")
