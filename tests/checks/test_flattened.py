"""Planes of frames of every shape, against the means of their blocks, in bands or at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from morula.checks.flattened import LARGEST, plane_of
from morula.checks.landmarks import landmarks_of
from morula.images import room
from morula.images.image import Image


def plane(frame: np.ndarray) -> np.ndarray:
    return plane_of(Image.from_array(frame, "CYX" if frame.ndim == 3 else "CZYX"))


@pytest.mark.parametrize("shape", [(1, 3, 40, 50), (3, 40, 50), (1, 1, 700), (2, 900, 3), (1, 1, 1)])
def test_planes_of_every_shape(shape):
    found = plane(np.random.default_rng(0).random(shape, np.float32))
    assert found.ndim == 2
    assert max(found.shape) <= LARGEST
    assert min(found.shape) >= 1
    assert landmarks_of(found).patches.shape[1] == 100


def test_channels_count_alike_and_volumes_are_averaged():
    rng = np.random.default_rng(0)
    channels = rng.random((2, 30, 40), np.float32)
    bright = channels * np.array([1, 1000], np.float32)[:, None, None]
    assert plane(bright) == pytest.approx(plane(channels), abs=1e-4)
    volume = rng.random((1, 5, 30, 40), np.float32)
    assert plane(volume) == pytest.approx(plane(volume.mean(axis=1)), abs=1e-5)


@settings(max_examples=15)
@given(shape=st.sampled_from([(600, 40), (513, 7), (7, 513), (300, 300), (9, 30, 20), (5, 300, 40)]),
       channels=st.integers(1, 2), band=st.integers(1, 5000), dtype=st.sampled_from([np.uint8, np.uint16, np.float32]))
def test_bands_of_any_size_give_the_plane_of_the_whole(shape, channels, band, dtype):
    frame = np.random.default_rng(0).integers(0, 255, (channels, *shape)).astype(dtype)
    flat = frame.astype(float).mean(axis=1) if frame.ndim == 4 else frame.astype(float)
    tall, wide = (min(side, -(-max(shape[-2:]) // LARGEST)) for side in shape[-2:])
    high, broad = (side // most for side, most in zip(shape[-2:], (tall, wide), strict=True))
    flat = flat[:, : high * tall, : broad * wide].reshape(channels, high, tall, broad, wide).mean(axis=(2, 4))
    flat -= flat.mean(axis=(1, 2), keepdims=True)
    flat /= flat.std(axis=(1, 2), keepdims=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(room, "BAND", band)
        assert plane(frame) == pytest.approx(flat.mean(axis=0), abs=1e-4)
