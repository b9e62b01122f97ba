"""What a model remembers: pixels it knows, and how frames look."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from morula.errors import ModelError
from morula.images.image import Image
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.segmenting.appearance import BLURS, SHARES, appearance
from morula.trust import memory as module
from morula.trust.memory import Memory, frame_digest


def model(axes: int = 2) -> Model:
    torch.manual_seed(0)
    architecture = Architecture(axes=axes, inputs=1, width=4, depth=3)
    plan = Plan(channels=("grey",), classes=("body",), binning=(1,) * axes, architecture=architecture,
                patch=(32,) * axes, batch=2, learning_rate=0.01)
    return Model(UNet(architecture).eval(), plan)


def waves(*space: int, length: float = 7.0) -> np.ndarray:
    places = np.indices(space)
    return (100 + 50 * np.sin(places.sum(0) / length) + np.random.default_rng(0).normal(0, 5, space)).astype(np.uint8)


def seen(array: np.ndarray) -> np.ndarray:
    return appearance(model(array.ndim), Image.from_array(array, "ZYX"[-array.ndim :]))


def test_the_same_pixels_are_known_and_others_are_not(monkeypatch):
    def digest(array: np.ndarray) -> bytes:
        return frame_digest(Image.from_array(array, "YX"), 0)

    picture = waves(20, 30)
    digests = [np.frombuffer(digest(array), np.uint8) for array in (picture, picture + 1)]
    memory = Memory(np.zeros((1, 4), np.float16), np.stack(digests))
    assert memory.knows(digest(picture.copy()))
    whole = digest(picture)
    monkeypatch.setattr(module, "BAND", 70)
    assert digest(picture) == whole  # however it is read
    changed = picture.copy()
    changed[3, 4] += 1
    for other in (changed, picture.astype(np.uint16), picture.reshape(30, 20), picture[:, :-1]):
        assert not memory.knows(digest(other))


@pytest.mark.parametrize("space", [(64, 48), (40, 33), (24, 32, 40)])
def test_a_frame_is_as_many_numbers_whatever_its_size(space):
    found = seen(waves(*space))
    assert found.shape == (10,)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("wavelength", [5.3, 16.7, 40.9])
def test_detail_of_a_wave_is_what_each_blur_takes_of_it(wavelength):
    """A Gaussian leaves exp(-σ²k²/2) of a wave of the wave number k; its brightness is told by the arcsine law."""
    rows = np.sin(2 * np.pi * np.arange(900) / wavelength)
    found = seen(np.tile(rows, (40, 1)).astype(np.float32))
    amplitude = 0.5 * np.ptp(np.quantile(found[:5], [0, 1])) / np.sin(np.pi * 0.45)  # brightness from 5 % to 95 %
    left = np.exp(-((2 * np.pi / wavelength * np.array(BLURS)) ** 2) / 2)
    contrasts = amplitude / np.sqrt(2) * (left[:-1] - left[1:])
    np.testing.assert_allclose(np.exp(found[5:9]), contrasts, rtol=0.05, atol=0.02)  # mirrored at the border
    middle = (found[0] + found[4]) / 2
    np.testing.assert_allclose(found[:5], middle + amplitude * np.sin(np.pi * (np.array(SHARES) - 0.5)), atol=0.03)


def test_mirror_images_look_the_same():
    one = waves(50, 64)
    np.testing.assert_allclose(seen(one[::-1].copy()), seen(one), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(seen(one.T.copy()), seen(one), rtol=1e-4, atol=1e-4)


def test_what_is_alike_is_near_and_brightness_does_not_matter():
    one, brighter, other = waves(64, 64), (waves(64, 64) * 0.5 + 20).astype(np.float32), waves(64, 64, length=1.5)
    near = np.linalg.norm(seen(one) - seen(brighter))
    assert 10 * near < np.linalg.norm(seen(one) - seen(other))


def test_another_kind_of_image_is_refused():
    with pytest.raises(ModelError, match="2-D"):
        appearance(model(), Image.from_array(waves(8, 32, 32), "ZYX"))
