"""Which objects are measured, on masks where it can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from morula.objects.labels import connected_objects
from morula.objects.selection import ObjectSettings, choose_objects


def chosen(mask, **rules):
    labels, classes = connected_objects(mask)
    return choose_objects(labels, np.arange(len(classes)), classes, ObjectSettings(**rules), pixel_volume=0.5,
                          most_classes=2)


@pytest.fixture
def mask():
    """A body with a hole, a touching cell of class 2, a speck, and a cell at the border."""
    mask = np.zeros((30, 40), np.uint8)
    mask[5:20, 5:20] = 1
    mask[10:13, 10:13] = 0
    mask[8:12, 20:24] = 2
    mask[25, 30] = 2
    mask[0:6, 33:40] = 2
    return mask


def test_all_are_taken_as_they_are(mask):
    objects = chosen(mask)
    assert objects.classes == (1, 2, 2, 2)
    assert sorted(np.bincount(objects.labels.ravel())[1:]) == [1, 16, 42, 216]
    assert sum(objects.cut) == 1


def test_specks_are_left_out_by_their_area(mask):
    assert len(chosen(mask, min_size=0.6).numbers) == 3
    assert len(chosen(mask, min_size=8).numbers) == 3
    assert len(chosen(mask, min_size=8.1).numbers) == 2


def test_holes_are_filled_unless_another_object_is_in_them(mask):
    assert (chosen(mask, fill_holes=True).labels == 1).sum() == 225
    mask[11, 11] = 2
    filled = chosen(mask, fill_holes=True)
    assert (filled.labels == 1).sum() == 224
    assert filled.labels[11, 11] > 1


def test_the_main_object_is_alone_and_the_others_are_counted(mask):
    objects = chosen(mask, main_object=True)
    assert objects.classes == (1,)
    assert objects.others == (0, 3)
    assert (objects.labels == -1).sum() == 59
    assert chosen(mask, main_object=True, min_size=1).others == (0, 2)


def test_what_touches_the_border_is_left_out(mask):
    objects = chosen(mask, drop_border=True)
    assert len(objects.numbers) == 3
    assert not any(objects.cut)


def test_a_main_object_at_the_border_is_not_replaced_by_a_lesser_one(mask):
    mask[:, 5] = 1
    assert chosen(mask, main_object=True, drop_border=True).numbers == ()


def test_label_images_keep_their_numbers():
    labels = np.array([[0, 1, 1, 2], [0, 0, 0, 2]], np.int32)
    objects = choose_objects(labels, np.array([0, 7, 70_000]), np.array([0, 1, 1]), ObjectSettings(), pixel_volume=1,
                             most_classes=1)
    assert objects.numbers == (7, 70_000)


@pytest.mark.parametrize("shape", [(10, 12), (6, 7, 8)])
def test_an_empty_mask_has_no_objects(shape):
    for rules in ({}, {"main_object": True, "fill_holes": True}):
        assert chosen(np.zeros(shape, np.uint8), **rules).numbers == ()
