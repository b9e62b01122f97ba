"""A few strokes give a mask near the truth, in planes and volumes, always the same one, or words on what to draw."""

from __future__ import annotations

import sys
from subprocess import run

import numpy as np
import pytest
from scipy import ndimage

from morula.drawings.synthetic import draw_gastruloids
from morula.errors import RequestError
from morula.sketches.features import Filtered
from morula.sketches.forest import Sketch

SIDE = 96


def overlap(found: np.ndarray, true: np.ndarray) -> float:
    """IoU."""
    return float((found & true).sum() / (found | true).sum())


def cross(mask: np.ndarray, gap: int = 2) -> np.ndarray:
    """Strokes in a plane: one down and one across the middle of each class, which spare the outlines themselves."""
    strokes = np.full(mask.shape, 255, np.uint8)
    for number in range(1, mask.max() + 1):
        row, column = (round(middle) for middle in ndimage.center_of_mass(mask == number))
        for line in (np.s_[row - 1 : row + 2], np.s_[:, column - 1 : column + 2]):
            strokes[line] = mask[line]
    edge = ndimage.maximum_filter(mask, 1 + 2 * gap) != ndimage.minimum_filter(mask, 1 + 2 * gap)
    strokes[edge] = 255
    return strokes


def textures() -> tuple[np.ndarray, np.ndarray]:
    """A disc of coarse grain in fine grain, of equal mean and deviation, `(1, y, x)`, and where it is."""
    rng = np.random.default_rng(0)
    fine, coarse = (ndimage.gaussian_filter(rng.normal(size=(SIDE, SIDE)), width) for width in (0.5, 2.0))
    inside = np.hypot(*(np.indices((SIDE, SIDE)) - SIDE / 2)) < 28
    both = [(each - each[part].mean()) / each[part].std() for each, part in ((fine, ~inside), (coarse, inside))]
    return (1000 + 200 * np.where(inside, both[1], both[0]))[None].astype(np.uint16), inside


def balls() -> tuple[np.ndarray, np.ndarray]:
    """A volume with a ball of each of two classes in noise, and its mask."""
    places = np.indices((24, 40, 40))
    mask = np.zeros(places.shape[1:], np.uint8)
    for number, centre in enumerate(((12, 12, 12), (12, 27, 27)), start=1):
        mask[np.sqrt(sum((along - each) ** 2 for along, each in zip(places, centre, strict=True))) < 8] = number
    return (80.0 * mask + np.random.default_rng(1).normal(0, 25, mask.shape))[None].astype(np.float32), mask


@pytest.mark.parametrize("seed", [0, 1])
def test_one_cross_outlines_a_drawn_gastruloid(seed):
    for drawing in draw_gastruloids(3, movies=3, seed=seed):
        planes, true = drawing.image[None], drawing.mask == 1
        sketch = Sketch.learn([(planes, cross(drawing.mask))], classes=1)
        assert overlap(sketch.mask(planes) == 1, true) > 0.75


def test_grain_alone_tells_textures_of_the_same_mean_and_deviation_apart():
    planes, inside = textures()
    assert planes[0][inside].mean() == pytest.approx(planes[0][~inside].mean(), rel=1e-3)
    sketch = Sketch.learn([(planes, cross(inside.astype(np.uint8)))], classes=1)
    assert overlap(sketch.mask(planes) == 1, inside) > 0.85


def test_strokes_in_one_slice_tell_two_classes_of_a_volume_apart():
    planes, mask = balls()
    strokes = np.full(mask.shape, 255, np.uint8)
    strokes[12] = cross(mask[12])
    found = Sketch.learn([(planes, strokes)], classes=2).mask(planes)
    assert all(overlap(found == number, mask == number) > 0.7 for number in (1, 2))


def test_what_was_learned_of_one_frame_serves_the_next_brighter_one():
    first, second = draw_gastruloids(2, movies=1, seed=4)
    sketch = Sketch.learn([(first.image[None], cross(first.mask))], classes=1)
    assert overlap(sketch.mask(40 * second.image[None].astype(np.uint16) + 300) == 1, second.mask == 1) > 0.7


def test_large_frames_get_masks_of_their_own_size():
    [drawing] = draw_gastruloids(1, movies=1, seed=2, size=320)
    strokes = cross(drawing.mask)
    frame = Filtered.of(drawing.image[None], most=160**2)
    assert frame.bin == (2, 2)
    mask = Sketch.learn([(frame, strokes)], classes=1).mask(frame)
    assert mask.shape == drawing.mask.shape
    assert overlap(mask == 1, drawing.mask == 1) > 0.75


def test_the_seed_decides_everything_and_pixels_may_be_filtered_before():
    planes, inside = textures()
    strokes = cross(inside.astype(np.uint8))
    one, again, other = (Sketch.learn([(planes, strokes)], classes=1, seed=seed).probabilities(planes)
                         for seed in (3, 3, 4))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    frame = Filtered.of(planes)
    assert np.array_equal(one, Sketch.learn([(frame, strokes)], classes=1, seed=3).probabilities(frame))


def test_probabilities_are_shares_and_a_class_without_strokes_has_none():
    planes, mask = balls()
    strokes = cross(mask[12])
    strokes[strokes == 1] = 255
    sketch = Sketch.learn([(planes[:, 12], strokes)], classes=3)
    probabilities = sketch.probabilities(planes[:, 12])
    assert probabilities.shape == (4, 40, 40)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(0), 1, atol=1e-5)
    assert not probabilities[[1, 3]].any()
    found = sketch.mask(planes[:, 12])
    assert found.dtype == np.uint8
    assert np.array_equal(found, probabilities.argmax(0))


def test_strokes_of_several_frames_count_together():
    """The background is drawn in one frame, the disc in another."""
    planes, inside = textures()
    strokes = cross(inside.astype(np.uint8))
    parts = [np.where(strokes == number, strokes, np.uint8(255)) for number in (0, 1)]
    sketch = Sketch.learn([(planes, part) for part in parts], classes=1)
    assert overlap(sketch.mask(planes) == 1, inside) > 0.85


@pytest.mark.parametrize(
    ("drawn", "classes", "words"),
    [((), 1, "Nothing was drawn.*a stroke on what you study, and one on the background"),
     ((0,), 1, "Only background was drawn. Draw a stroke on what you study, too"),
     ((0,), 3, "any of the classes 1 to 3"),
     ((1,), 1, "Only class 1 was drawn, and no background. Draw a stroke on the background"),
     ((1, 2), 2, "Only classes 1, 2 were drawn, and no background")],
)
def test_what_is_missing_is_said(drawn, classes, words):
    strokes = np.full((20, 20), 255, np.uint8)
    for number in drawn:
        strokes[3 * number + 1, 2:9] = number
    with pytest.raises(RequestError, match=words):
        Sketch.learn([(np.zeros((1, 20, 20)), strokes)], classes)


def test_frames_of_another_kind_are_refused():
    planes, inside = textures()
    strokes = cross(inside.astype(np.uint8))
    sketch = Sketch.learn([(planes, strokes)], classes=1)
    with pytest.raises(RequestError, match="1 channel and 2 axes does not fit one with 3 channels and 2 axes"):
        sketch.mask(np.repeat(planes, 3, axis=0))
    with pytest.raises(RequestError, match="frames of one kind"):
        Sketch.learn([(planes, strokes), (planes[None], strokes[None])], classes=1)


def test_numbers_that_fit_no_frame_or_class_are_refused():
    planes, inside = textures()
    with pytest.raises(ValueError, match="do not fit a frame"):
        Sketch.learn([(planes, np.zeros((5, 5), np.uint8))], classes=1)
    with pytest.raises(ValueError, match="classes 0 to 1, and 2 was drawn"):
        Sketch.learn([(planes, 2 * inside.astype(np.uint8))], classes=1)


def test_no_network_is_loaded():
    code = "import sys, morula.sketches.forest; print('torch' in sys.modules, 'sklearn' in sys.modules)"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
