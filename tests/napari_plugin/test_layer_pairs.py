"""Of a movie, the frames that somebody drew on become pairs, and no others."""

from __future__ import annotations

import numpy as np
import pytest

from in_napari import napari
from morula.errors import RequestError
from morula.images.read import open_image
from morula.napari_plugin.layer_pairs import write_pairs
from morula.progress import silent


def test_frames_with_labels_are_written(discs, tmp_path):
    movie, labels = discs
    place = {"scale": (1, 0.65, 0.65), "units": ("pixel", "um", "um")}
    pairs = write_pairs(napari.layers.Image(movie, **place), napari.layers.Labels(labels, **place), 2, tmp_path, silent)
    assert pairs.frames == (0, 3)
    assert pairs.sentence == "2 of 5 frames with labels"
    for number, image, mask in zip(pairs.frames, *(sorted(folder.iterdir()) for folder in (pairs.images, pairs.masks)),
                                   strict=True):
        assert (open_image(image).frame()[0] == movie[number]).all()
        assert (open_image(mask).frame()[0] == labels[number]).all()
        assert image.name == mask.name
        assert open_image(image).pixel_size == pytest.approx((0.65, 0.65))


def test_volumes_and_strange_types(tmp_path):
    volume, labels = np.random.default_rng(0).normal(size=(4, 9, 9)), np.zeros((4, 9, 9), int)
    labels[1, 2:5, 2:5] = 1
    pairs = write_pairs(napari.layers.Image(volume), napari.layers.Labels(labels), 3, tmp_path, silent)
    [image] = pairs.images.iterdir()
    assert open_image(image).space == (4, 9, 9)
    np.testing.assert_allclose(open_image(image).frame()[0], volume, atol=1e-6)


@pytest.mark.parametrize(("shape", "value", "words"), [((5, 96, 96), 0, "nothing drawn on drawn"),
                                                        ((96, 95), 1, "5 frames of 96 × 96.*96 × 95")])
def test_what_cannot_be_learned_from_is_said(discs, tmp_path, shape, value, words):
    labels = napari.layers.Labels(np.full(shape, value), name="drawn")
    with pytest.raises(RequestError, match=words):
        write_pairs(napari.layers.Image(discs[0]), labels, 2, tmp_path, silent)
