"""What lies around outlined objects is background, and what lies beyond is not annotated."""

import numpy as np
import pytest
from scipy import ndimage

from morula.images.image import Image
from morula.pairs.masks import NOT_ANNOTATED
from morula.pairs.pair import Frame, Pair
from morula.pairs.partial import partly_annotated, with_unknown
from morula.pairs.recognition import recognise

SIDE, RIM = 20.0, 3  # pixels; the rim is 15 % of the side


def labelled(dtype: type = np.uint16) -> np.ndarray:
    """Two frames with two boxes each."""
    labels = np.zeros((2, 60, 70), dtype)
    labels[:, 8:20, 10:30] = 1
    labels[:, 35:50, 40:66] = 2
    return labels


def partial_pair(labels: np.ndarray, axes: str = "TYX", pixel_size: tuple[float, ...] | None = None):
    mask = Image.from_array(labels, axes, pixel_size=pixel_size)
    reading = recognise([mask], read_as="objects")
    return partly_annotated(Pair(mask, mask, "group"), reading, {1}, SIDE), with_unknown(reading, 1, 2)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int32, np.float32])
def test_a_rim_is_background_and_the_rest_is_not_annotated(dtype):
    labels = labelled(dtype)
    pair, reading = partial_pair(labels)
    whole, part = (reading.class_numbers(frame) for frame in pair.mask)
    away = np.asarray(ndimage.distance_transform_edt(labels[1] == 0))
    assert (whole == (labels[0] > 0)).all()
    assert (part == np.where(away > RIM, NOT_ANNOTATED, labels[1] > 0)).all()
    assert [Frame(pair, index).partly_annotated for index in (0, 1)] == [False, True]
    assert pair.mask.frame(1).dtype == pair.mask.dtype


def test_a_part_is_read_as_it_is_in_the_whole():
    pair, _ = partial_pair(labelled())
    whole = pair.mask.frame(1)
    for box in ((slice(21, 24), slice(5, 40)), (slice(0, 60), slice(66, 70)), (slice(55, 60), slice(0, 4))):
        np.testing.assert_array_equal(pair.mask.region(1, box), whole[(slice(None), *box)])


def test_a_rim_in_a_volume_is_as_wide_along_coarse_axes():
    labels = np.zeros((2, 9, 40, 40), np.uint16)
    labels[:, 4, 15:25, 15:25] = 1
    pair, reading = partial_pair(labels, "TZYX", (3.0, 1.0, 1.0))
    known = reading.class_numbers(pair.mask.frame(1)) != NOT_ANNOTATED
    assert known[:, 20, 20].tolist() == [3 <= z <= 5 for z in range(9)]
    assert known[4, 20].tolist() == [12 <= x < 28 for x in range(40)]


def test_minus_one_that_is_no_object_stays_background():
    labels = labelled(np.int16)
    labels[labels == 0] = -1
    mask = Image.from_array(labels, "TYX")
    reading = recognise([mask], read_as="objects")
    pair = partly_annotated(Pair(mask, mask, "group"), reading, {1}, SIDE)
    whole, part = (with_unknown(reading, 1, 2).class_numbers(frame) for frame in pair.mask)
    assert (whole == (labels[0] > 0)).all()
    assert (part[:8, 10:30] == np.where(np.arange(8)[:, None] < 8 - RIM, NOT_ANNOTATED, 0)).all()


def test_an_empty_mask_says_nothing():
    pair, reading = partial_pair(np.stack([labelled()[0], np.zeros((60, 70), np.uint16)]))
    assert (reading.class_numbers(pair.mask.frame(1)) == NOT_ANNOTATED).all()
