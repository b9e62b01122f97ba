"""Frames made ready to learn from."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.measure import block_reduce

from morula.examples.example import class_shares, make_example, make_examples
from morula.images.image import Image
from morula.models.plan import Intensity
from morula.models.preprocessing import binned, measure_levels
from morula.pairs.masks import NOT_ANNOTATED, MaskReading
from morula.pairs.pair import Frame, Pair
from morula.pairs.recognition import recognise

RNG = np.random.default_rng(0)


def frame(image: np.ndarray, mask: np.ndarray, axes: str = "YX", index: int = 0) -> tuple[Frame, MaskReading]:
    pair = Pair(Image.from_array(image, axes, name="a"), Image.from_array(mask, axes.replace("C", ""), name="a"), "a")
    return Frame(pair, index), recognise([pair.mask], read_as="classes", not_annotated=NOT_ANNOTATED)


@pytest.mark.parametrize("binning", [(1, 1), (2, 2), (3, 1)])
def test_shares_say_how_much_of_a_pixel_each_class_covers(binning):
    mask = RNG.integers(0, 3, (12, 18)).astype(np.uint8)
    shares = class_shares(mask, 2, binning)
    for number in range(3):
        covered = block_reduce((mask == number).astype(float), binning, np.mean)
        np.testing.assert_allclose(shares[number] / 255, covered, atol=0.003)


def test_what_is_not_annotated_is_in_no_class():
    mask = np.array([[0, 1, 255], [1, 1, 255]], np.uint8)
    shares = class_shares(mask, 1, (1, 1))
    assert shares[:, :, 2].max() == 0
    example, reading = frame(RNG.random((2, 3)), mask)
    ready = make_example(example, reading, (1, 1), Intensity())
    np.testing.assert_array_equal(ready.cut((slice(0, 2), slice(0, 3))).truth, mask)


def test_an_example_is_a_frame_as_the_model_will_see_it():
    movie = RNG.integers(0, 60_000, (3, 2, 21, 30)).astype(np.uint16)
    masks = RNG.integers(0, 2, (3, 21, 30)).astype(np.uint8)
    pair = Pair(Image.from_array(movie, "TCYX", name="movie"), Image.from_array(masks, "TYX", name="movie"), "movie")
    reading = recognise([pair.mask], read_as="classes")
    examples = make_examples([Frame(pair, index) for index in range(3)], reading, (2, 3), Intensity())
    assert [example.name for example in examples] == ["movie[0]", "movie[1]", "movie[2]"]
    for index, example in enumerate(examples):
        assert (example.image.dtype, example.image.shape) == (np.float32, (2, 11, 10))
        assert (example.shares.dtype, example.shares.shape) == (np.uint8, (2, 11, 10))
        expected = binned(measure_levels(movie[index], Intensity()).apply(movie[index]), (2, 3))
        np.testing.assert_array_equal(example.image, expected)
