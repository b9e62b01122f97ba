"""Layers become images and masks become labels of their shape, whatever the axes are and in whichever order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from in_napari import napari
from morula.errors import ModelError
from morula.napari_plugin.layer_images import image_of, joined_images

SIZES = {"t": 2, "z": 3, "c": 4, "y": 5, "x": 6}


@given(st.sets(st.sampled_from("tzc")).flatmap(lambda more: st.permutations([*more, "y", "x"])))
def test_every_pixel_comes_back_to_its_place(axes):
    """Masks that say where each pixel lies, through the order of frames and back."""
    shape = [SIZES[axis] for axis in axes]
    array = np.arange(np.prod(shape)).reshape(shape)
    shown = image_of(napari.layers.Image(array, axis_labels=axes, scale=[0.5] * len(axes), units="um"), 2)
    assert shown.image.space == (5, 6)
    assert shown.image.frames == np.prod([SIZES[axis] for axis in axes if axis in "tz"], dtype=int)
    assert shown.image.pixel_size == (0.5, 0.5)
    back = shown.as_layer(shown.image.array()[:, 0])
    first = np.take(array, [0], axes.index("c")) if "c" in axes else array
    assert back.shape == array.shape
    assert (back == first).all()


def test_axes_that_nobody_named_are_walked_over():
    shown = image_of(napari.layers.Image(np.zeros((2, 3, 5, 6))), 2)
    assert (shown.image.frames, shown.image.space) == (6, (5, 6))
    assert shown.step_of(4) == {0: 1, 1: 1}
    assert shown.as_layer(np.zeros((6, 5, 6))).shape == (2, 3, 5, 6)
    assert image_of(napari.layers.Image(np.zeros((2, 3, 5, 6))), 3).image.space == (3, 5, 6)


def test_colours_are_channels():
    layer = napari.layers.Image(np.full((2, 5, 6, 4), (10, 20, 30, 255), np.uint8), rgb=True)
    shown = image_of(layer, 2)
    assert shown.image.channels == ("red", "green", "blue")
    assert shown.image.frame(1)[:, 0, 0].tolist() == [10, 20, 30]
    assert shown.as_layer(np.zeros((2, 5, 6))).shape == (2, 5, 6)


def test_the_finest_level_counts():
    array = np.arange(64.0).reshape(8, 8)
    layer = napari.layers.Image([array, array[::2, ::2]], multiscale=True)
    assert (image_of(layer, 2).image.frame()[0] == array).all()


def test_pixels_of_unknown_size_stay_so():
    assert image_of(napari.layers.Image(np.zeros((5, 6)), scale=(3, 3)), 2).image.pixel_size is None


def test_volumes_need_a_third_axis():
    with pytest.raises(ModelError, match=r"The layer plane has planes, .*axis z"):
        image_of(napari.layers.Image(np.zeros((5, 6)), name="plane"), 3)
    with pytest.raises(ModelError, match="axis z"):
        image_of(napari.layers.Image(np.zeros((2, 5, 6)), axis_labels=("t", "y", "x")), 3)


def test_layers_are_channels_of_one_image():
    layers = [napari.layers.Image(np.full((2, 5, 6), value), name=str(value)) for value in (1, 2)]
    joined = joined_images(layers, ("A", "B"), 2).image
    assert joined.channels == ("A", "B")
    assert joined.frame(1)[:, 0, 0].tolist() == [1, 2]
    with pytest.raises(ModelError, match=r"layers 1 \(2 frames of 5 × 6\) and small \(4 × 4\) differ"):
        joined_images([layers[0], napari.layers.Image(np.zeros((4, 4)), name="small")], ("A", "B"), 2)
