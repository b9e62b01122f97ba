"""Scores against scikit-learn, monai, shapes whose scores are known, and properties that must hold."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from morula.errors import FileError
from morula.scores.compare import compare_masks, summarise

masks = arrays.array_shapes(min_dims=2, max_dims=3, min_side=2, max_side=9).flatmap(
    lambda shape: st.tuples(*[arrays.arrays(np.uint8, shape, elements=st.sampled_from([0, 1, 2, 255]))] * 2)
)


def blobs(seed: int, shape: tuple[int, ...] = (90, 70), classes: int = 2) -> np.ndarray:
    """Smooth random areas of class numbers, off the frame of the picture."""
    from scipy.ndimage import gaussian_filter

    noise = gaussian_filter(np.random.default_rng(seed).normal(size=shape), 5)
    mask = np.digitize(noise, np.quantile(noise, [0.6, 0.85][:classes])).astype(np.uint8)
    inside = np.zeros(shape, bool)
    inside[(slice(3, -3),) * len(shape)] = True
    return np.where(inside, mask, 0)


def rectangle(top: int, left: int, *, height: int = 20, width: int = 30, shape=(80, 100)) -> np.ndarray:
    mask = np.zeros(shape, np.uint8)
    mask[top : top + height, left : left + width] = 1
    return mask


def test_overlap_equals_scikit_learn():
    from sklearn import metrics

    truth, predicted = blobs(1), blobs(2)
    truth[:20, :10] = 255
    known = truth != 255
    scores = compare_masks(truth, predicted, 2, name="blobs")
    wanted = {"y_true": truth[known], "y_pred": predicted[known]}
    np.testing.assert_array_equal(scores.confusion, metrics.confusion_matrix(**wanted))
    assert scores.pixel_accuracy == pytest.approx(metrics.accuracy_score(**wanted))
    assert scores.pixel_accuracy == pytest.approx(1 - metrics.hamming_loss(**wanted))
    np.testing.assert_allclose([c.iou for c in scores.classes], metrics.jaccard_score(**wanted, average=None))
    np.testing.assert_allclose([c.dice for c in scores.classes], metrics.f1_score(**wanted, average=None))
    assert scores.mean_iou == pytest.approx(metrics.jaccard_score(**wanted, average="macro"))


@pytest.mark.filterwarnings("ignore::FutureWarning:monai")
@pytest.mark.parametrize(
    ("shape", "spacing"), [((90, 70), None), ((90, 70), (0.5, 2.0)), ((20, 40, 30), (3.0, 1.0, 1.0))]
)
def test_boundary_distances_equal_monai(shape, spacing):
    import torch
    from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance

    truth, predicted = blobs(3, shape), blobs(4, shape)
    one_hot = [torch.from_numpy(np.stack([mask == k for k in range(3)])[None].astype(np.float32))
               for mask in (predicted, truth)]
    mean = compute_average_surface_distance(*one_hot, symmetric=True, spacing=spacing)[0].numpy()
    largest = compute_hausdorff_distance(*one_hot, percentile=95, spacing=spacing)[0].numpy()
    scores = compare_masks(truth, predicted, 2, name="blobs", pixel_size=spacing)
    np.testing.assert_allclose([c.boundary_mean for c in scores.classes[1:]], mean, rtol=1e-5)
    np.testing.assert_allclose([c.boundary_95 for c in scores.classes[1:]], largest, rtol=1e-5)
    assert scores.unit == ("µm" if spacing else "px")


def test_a_shifted_rectangle():
    scores = compare_masks(rectangle(20, 30), rectangle(20, 40), 1, name="shifted")
    assert scores.classes[1].iou == pytest.approx(20 * 20 / (20 * 40))
    assert scores.classes[1].dice == pytest.approx(20 * 20 / (20 * 30))
    assert scores.classes[1].boundary_95 == pytest.approx(10)
    assert scores.foreground_iou == scores.classes[1].iou


def test_a_disc_in_a_disc_is_apart_by_the_difference_of_radii():
    y, x = np.mgrid[:200, :200]
    radius = np.hypot(y - 100, x - 100)
    small, large = (radius <= 60).astype(np.uint8), (radius <= 72).astype(np.uint8)
    scores = compare_masks(small, large, 1, name="discs", pixel_size=(0.5, 0.5))
    assert scores.classes[1].iou == pytest.approx((60 / 72) ** 2, abs=0.005)
    assert scores.classes[1].boundary_mean == pytest.approx(6, abs=0.2)
    assert scores.classes[1].boundary_95 == pytest.approx(6, abs=0.5)


def test_pixel_size_counts_along_its_own_axis():
    down = compare_masks(rectangle(20, 30), rectangle(25, 30), 1, name="down", pixel_size=(4.0, 0.1))
    assert down.classes[1].boundary_95 == pytest.approx(20)
    along = compare_masks(rectangle(20, 30), rectangle(20, 35), 1, name="along", pixel_size=(4.0, 0.1))
    assert along.classes[1].boundary_95 == pytest.approx(0.5)


def test_the_frame_of_the_picture_is_no_outline():
    truth, predicted = np.zeros((2, 50, 60), np.uint8)
    truth[:, :20] = predicted[:, :26] = 1  # cut by three sides, which agree by necessity
    scores = compare_masks(truth, predicted, 1, name="cut")
    assert [c.boundary_mean for c in scores.classes] == [pytest.approx(6)] * 2


def test_not_annotated_pixels_count_nowhere():
    truth, predicted = rectangle(20, 30), rectangle(20, 40)
    truth[:, 55:] = 255
    cut = compare_masks(truth, predicted, 1, name="cut")
    otherwise = compare_masks(truth, np.where(truth == 255, 1, predicted).astype(np.uint8), 1, name="cut")
    assert cut.record() == otherwise.record()
    assert cut.confusion.sum() == 80 * 55
    assert cut.classes[1].iou == pytest.approx(15 / 25)
    nothing = compare_masks(np.full((4, 4), 255, np.uint8), np.ones((4, 4), np.uint8), 1, name="nothing")
    assert nothing.pixel_accuracy is None
    assert nothing.mean_iou is None


def test_an_absent_class_does_not_count():
    empty = np.zeros((10, 10), np.uint8)
    both_empty = compare_masks(empty, empty, 2, name="empty")
    assert both_empty.classes[1].iou is None
    assert both_empty.foreground_iou is None
    assert both_empty.mean_iou == 1
    missed = compare_masks(rectangle(2, 2), np.zeros((80, 100), np.uint8), 2, name="missed")
    assert (missed.classes[1].iou, missed.classes[1].boundary_mean) == (0, None)

    scores = summarise([both_empty, missed])
    assert [c.images for c in scores.classes] == [2, 1, 0]
    assert (scores.classes[1].iou, scores.classes[2].iou) == (0, None)
    assert [image.name for image in scores.worst_first] == ["missed", "empty"]


def test_without_outlines_all_else_is_the_same():
    truth, predicted = np.random.default_rng(0).integers(0, 3, (2, 20, 20), dtype=np.uint8)
    whole, bare = (compare_masks(truth, predicted, 2, name="a", outlines=asked) for asked in (True, False))
    assert all(scores.boundary_mean is not None for scores in whole.classes)
    assert bare.classes == tuple(replace(scores, boundary_mean=None, boundary_95=None) for scores in whole.classes)
    assert bare.confusion.tolist() == whole.confusion.tolist()


def test_a_summary_is_the_mean_over_images_and_pools_pixels():
    small = compare_masks(rectangle(0, 0), rectangle(0, 10), 1, name="small")
    large = compare_masks(*[np.ones((200, 200), np.uint8)] * 2, 1, name="large")
    scores = summarise([small, large])
    assert scores.classes[1].iou == pytest.approx((0.5 + 1) / 2)
    assert scores.classes[1].boundary_95 == small.classes[1].boundary_95
    assert scores.pixel_accuracy == pytest.approx((8000 * small.pixel_accuracy + 40000) / 48000)
    assert scores.mean_iou == pytest.approx((scores.classes[0].iou + 0.75) / 2)


def test_a_summary_names_its_classes():
    images = [compare_masks(rectangle(0, 0), rectangle(0, 10), 2, name="a")]
    assert summarise(images).names == ("background", "class 1", "class 2")
    assert summarise(images, ("body", "shed")).record()["names"] == ["background", "body", "shed"]
    with pytest.raises(ValueError, match="1 names for 2 classes"):
        summarise(images, ("body",))


def test_distances_in_different_units_are_not_averaged():
    masks = rectangle(0, 0), rectangle(0, 5)
    images = [compare_masks(*masks, 1, name="a", pixel_size=size) for size in (None, (2, 2))]
    scores = summarise(images)
    assert scores.unit == "mixed"
    assert scores.classes[1].boundary_mean is None
    assert scores.classes[1].iou == images[0].classes[1].iou


def test_the_record_is_strict_json():
    images = [compare_masks(rectangle(5, 5), rectangle(5, 9), 2, name="a"),
              compare_masks(rectangle(5, 5), np.zeros((80, 100), np.uint8), 2, name="b")]
    record = json.loads(json.dumps(summarise(images).record(), allow_nan=False))
    assert record["classes"]["1"]["images"] == 2
    nothing = dict.fromkeys(("iou", "dice", "boundary_mean", "boundary_95"))
    assert record["classes"]["2"] == {**nothing, "images": 0}
    assert [image["name"] for image in record["images"]] == ["a", "b"]
    assert record["images"][0]["classes"]["1"]["iou"] == pytest.approx(26 / 34)
    assert np.sum(record["confusion"]) == 16000
    assert record["unit"] == "px"


def test_masks_that_cannot_be_compared_say_so():
    with pytest.raises(FileError, match=r"a\.png.*4 × 5.*5 × 4"):
        compare_masks(np.zeros((4, 5), np.uint8), np.zeros((5, 4), np.uint8), 1, name="a.png")
    with pytest.raises(FileError, match=r"predicted mask holds the number 7.*0 to 1"):
        compare_masks(np.zeros((4, 5), np.uint8), np.full((4, 5), 7, np.uint8), 1, name="a.png")
    with pytest.raises(ValueError, match="at least one"):
        summarise([])


@settings(max_examples=60)
@given(masks)
def test_truth_and_prediction_may_change_places(pair):
    forth, back = (compare_masks(a, b, 2, name="x") for a, b in (pair, pair[::-1]))
    np.testing.assert_array_equal(forth.confusion, back.confusion.T)
    for one, other in zip(forth.classes, back.classes, strict=True):
        assert vars(one) == pytest.approx(vars(other))


@settings(max_examples=60)
@given(masks, st.permutations(range(3)))
def test_renumbering_classes_moves_their_scores(pair, order):
    table = np.arange(256, dtype=np.uint8)
    table[:3] = order
    plain = compare_masks(*pair, 2, name="x")
    moved = compare_masks(table[pair[0]], table[pair[1]], 2, name="x")
    assert moved.pixel_accuracy == plain.pixel_accuracy
    for number, scores in enumerate(plain.classes):
        assert vars(moved.classes[order[number]]) == pytest.approx(vars(scores))


@settings(max_examples=60)
@given(masks)
def test_a_mask_agrees_with_itself(pair):
    scores = compare_masks(pair[0], pair[0], 2, name="x")
    for number, found in enumerate(scores.classes):
        occurs = bool((pair[0] == number).any())
        assert (found.iou, found.dice, found.images) == ((1, 1, 1) if occurs else (None, None, 0))
        assert found.boundary_95 in (0, None)


def test_scores_say_themselves_in_a_few_lines():
    truth, predicted = np.zeros((2, 10, 10), np.uint8)
    truth[:5], predicted[:4] = 1, 1
    images = [compare_masks(truth, predicted, 1, name=name, pixel_size=(2.0, 2.0)) for name in "ab"]
    scores = summarise(images, ["body"])
    for words in ("2 images", "0.900", "0.800", "body", "IoU 0.800, Dice 0.889, outlines 2 µm apart"):
        assert words in repr(scores)
    assert "foreground" in repr(scores.images[0])
    assert "'a'" in repr(scores.images[0])
    many = [compare_masks(truth, predicted, 200, name="n" * 999)]
    for each in (many[0], summarise(many, ["c" * 99] * 200), scores):
        assert len(repr(each)) < 600
    assert "and 196 more classes" in repr(many[0])
    assert "–" in repr(many[0])
