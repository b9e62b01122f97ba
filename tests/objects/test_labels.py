"""Pieces of masks, against scikit-image and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.measure import label, regionprops

from morula.objects.labels import connected_pieces, has_one_object, main_object


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 0, 1, 2])))
def test_pieces_are_those_of_scikit_image(mask):
    pieces, sizes = connected_pieces(mask)
    reference = label(mask > 0, connectivity=2)
    assert sorted(sizes[1:]) == sorted(region.area for region in regionprops(reference))
    together = np.unique(np.stack([pieces.ravel(), reference.ravel()]), axis=1)
    assert together.shape[1] == reference.max() + (mask == 0).any()


@pytest.mark.parametrize("shape", [(40, 50), (12, 14, 16)])
def test_the_main_object_keeps_its_classes_and_loses_the_others(shape):
    mask = np.zeros(shape, np.uint8)
    mask[tuple(slice(2, 9) for _ in shape)] = 1
    mask[tuple(slice(4, 6) for _ in shape)] = 2
    whole = mask.copy()
    mask[tuple(slice(10, 11) for _ in shape)] = 1
    np.testing.assert_array_equal(main_object(mask), whole)
    np.testing.assert_array_equal(main_object(whole), whole)


def test_what_is_not_annotated_is_no_object_and_stays():
    mask = np.array([[1, 1, 0, 255, 255, 255, 0, 1]], np.uint8)
    assert main_object(mask).tolist() == [[1, 1, 0, 255, 255, 255, 0, 0]]


def test_specks_do_not_count_as_a_second_object():
    mask = np.zeros((60, 60), np.uint8)
    mask[5:45, 5:45] = 1
    mask[55, 55] = 1
    assert has_one_object(mask)
    mask[50:58, 50:58] = 1
    assert not has_one_object(mask)
    assert has_one_object(np.zeros((5, 5), np.uint8))


def test_of_scribbles_nobody_knows_whether_they_mark_the_only_object():
    mask = np.full((30, 30), 255, np.uint8)
    mask[3:6], mask[10:13, 5:20] = 0, 1
    assert not has_one_object(mask)
    mask[mask == 255] = 0
    assert has_one_object(mask)
