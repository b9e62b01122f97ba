"""Pieces of masks, against scikit-image and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from skimage.measure import label, regionprops

from morula.images import room
from morula.objects.labels import (
    connected_objects,
    connected_pieces,
    has_one_object,
    main_object,
    numbered_objects,
    numbers_objects,
)
from morula.pairs.census import Census
from morula.pairs.recognition import decide


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 0, 1, 2])))
def test_pieces_are_those_of_scikit_image(mask):
    pieces, sizes = connected_pieces(mask)
    reference = label(mask > 0, connectivity=2)
    assert sorted(sizes[1:]) == sorted(region.area for region in regionprops(reference))
    together = np.unique(np.stack([pieces.ravel(), reference.ravel()]), axis=1)
    assert together.shape[1] == reference.max() + (mask == 0).any()


@settings(max_examples=100)
@given(data=st.data(), shape=st.integers(1, 3).flatmap(lambda axes: st.tuples(*[st.integers(1, 9)] * axes)),
       band=st.integers(1, 60))
def test_the_main_object_is_the_same_whether_a_mask_is_seen_whole_or_in_bands(data, shape, band):
    mask = data.draw(arrays(np.uint8, shape, elements=st.sampled_from([0, 0, 1, 2, 255])))
    pieces, sizes = connected_pieces(mask)
    expected = np.where((pieces == sizes.argmax()) & (pieces > 0) | (mask == 255), mask, 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BAND", band)
        np.testing.assert_array_equal(main_object(mask), expected)


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


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 0, 1, 2, 255])))
def test_the_pieces_of_each_class_are_objects(mask):
    labels, classes = connected_objects(mask)
    assert classes[0] == 0
    assert sorted(classes) == classes.tolist()
    np.testing.assert_array_equal(classes[labels], np.where(mask == 255, 0, mask))
    reference = label(np.where(mask == 255, 0, mask), connectivity=2)
    together = np.unique(np.stack([labels.ravel(), reference.ravel()]), axis=1)
    assert together.shape[1] == len(np.unique(reference)) == len(np.unique(labels))
    assert labels.max() == len(classes) - 1


def numbered(dtype=np.uint32, numbers=(3, 70_000, 12)) -> np.ndarray:
    stored = np.zeros((1, 40, 50), dtype)
    for place, number in enumerate(numbers):
        stored[0, 5 + 10 * place : 12 + 10 * place, 8:20] = number
    return stored


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_numbers_are_kept_however_large_and_in_however_many_channels(channels):
    stored = np.repeat(numbered(), channels, axis=0)
    if channels in (2, 4):
        stored[-1] = 255
    np.testing.assert_array_equal(numbered_objects(stored), numbered()[0])


@pytest.mark.parametrize(
    ("stored", "wrong"),
    [
        (numbered(np.float32, (3, 4.5, 12)), "whole"),
        (numbered(np.int16, (3, -4, 12)), "-4"),
        (np.concatenate([numbered(), numbered() + 1, numbered()]), "colours"),
    ],
)
def test_fractions_and_colours_number_nothing(stored, wrong):
    with pytest.raises(ValueError, match=wrong):
        numbered_objects(stored)


def are_objects(*stored: np.ndarray, read_as="auto") -> bool:
    censuses = [Census.take(each) for each in stored]
    return numbers_objects(censuses, decide(censuses, read_as), read_as)


def test_values_of_one_piece_each_number_objects_unless_it_is_said_otherwise():
    few, many = numbered(np.uint8, (1, 2, 3)), numbered(np.uint8, (1, 2, 2))
    assert are_objects(few)
    assert not are_objects(few, many)
    assert not are_objects(few, read_as="classes")
    assert are_objects(few, many, read_as="objects")
    assert not are_objects(few / np.float32(2))  # 0.5, 1 and 1.5: codes of classes


@pytest.mark.parametrize(("background", "value"), [(100, 200), (254, 255), (64, 65)])
def test_a_background_other_than_0_is_no_object(background, value):
    stored = np.full((1, 40, 50), background, np.uint8)
    stored[:, 10:30, 10:40] = value
    assert not are_objects(stored)
    assert are_objects(stored - np.uint8(background))


def test_white_alone_is_a_class_though_it_be_one_piece_and_a_number_among_others():
    white = numbered(np.uint8, (255,))
    assert not are_objects(white)
    assert are_objects(white, read_as="objects")
    assert are_objects(numbered(np.uint8, (254, 255)))
    assert are_objects(numbered(np.uint8, (7,)))


def test_minus_1_is_no_object():
    numbers = (1, 2, 3)
    stored = numbered(np.int32, numbers)
    stored[stored == 0] = -1
    np.testing.assert_array_equal(numbered_objects(stored), numbered(np.int32, numbers)[0])
    assert are_objects(stored)


def test_inverted_masks_and_colours_number_nothing():
    inverted = np.full((1, 40, 50), 255, np.uint8)
    inverted[:, 10:30, 10:40] = 0
    assert "inverted" in decide([Census.take(inverted)]).sentence
    assert not are_objects(inverted)
    assert not are_objects(np.concatenate([inverted, 0 * inverted, 0 * inverted]))
