"""Bent bands become straight ones, with what lies along and across them where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
import tifffile

import morula
from morula.images.write import write_mask
from morula.measures.straightening import straightened

RADIUS, HALF, SWEEP = 60.0, 12.0, 2.0


def bent_band(spacing: tuple[float, float], turn: float = 0.0):
    """A band along a circle with rounded ends, and at each pixel how far along and how far outward it lies."""
    y, x = (np.arange(int(190 / size)) * size - 95 for size in spacing)
    y, x = y[:, None] * np.cos(turn) + x * np.sin(turn), x * np.cos(turn) - y[:, None] * np.sin(turn)
    y = y + 30
    angle = np.arctan2(x, y)
    outward = np.hypot(x, y) - RADIUS
    ends = np.hypot(x - RADIUS * np.sin(np.clip(angle, -SWEEP / 2, SWEEP / 2)),
                    y - RADIUS * np.cos(np.clip(angle, -SWEEP / 2, SWEEP / 2)))
    return ends <= HALF, RADIUS * angle, outward


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (1.0, 0.6)])
@pytest.mark.parametrize("turn", [0.0, 0.7, 2.5])
def test_a_bent_band_becomes_straight(turn, spacing, body):
    mask, along, outward = bent_band(spacing, turn)
    found = straightened(body(mask, spacing, np.stack([along, outward])))
    height, width = found.shape.shape
    middle = found.shape[:, width // 4 : -width // 4]
    assert middle.sum(axis=0).mean() * found.pixel == pytest.approx(2 * HALF, rel=0.03)
    assert found.shape[height // 2].sum() * found.pixel == pytest.approx(RADIUS * SWEEP + 2 * HALF, rel=0.03)
    inside = found.shape[:, width // 4 : -width // 4] > 0
    y, x = np.mgrid[:height, :width] * found.pixel
    for channel, position in zip(found.pixels, (x - x.mean(), y - y.mean()), strict=True):
        values, expected = channel[:, width // 4 : -width // 4][inside], position[:, width // 4 : -width // 4][inside]
        direction = np.sign(np.corrcoef(values, expected)[0, 1])
        assert np.abs(values - direction * expected).max() < 2.5


def test_it_is_no_mirror_image(body):
    mask, along, outward = bent_band((1.0, 1.0))
    found = straightened(body(mask, None, np.stack([along, outward])))
    steps = [np.stack(np.gradient(channel.astype(float)), axis=-1)[found.shape > 0].mean(axis=0)
             for channel in found.pixels]
    before = [np.stack(np.gradient(channel), axis=-1)[mask] for channel in (along, outward)]
    turned = np.median(np.linalg.det(np.stack(before, axis=1)))
    assert np.sign(np.linalg.det(np.stack(steps))) == np.sign(turned)


def test_a_bent_tube_becomes_straight(body):
    z, y, x = np.mgrid[:26, :80, :110] - np.array([12.6, 4.0, 55.0])[:, None, None, None]
    angle = np.clip(np.arctan2(x, y), -0.8, 0.8)
    distance = np.sqrt((x - 50 * np.sin(angle)) ** 2 + (y - 50 * np.cos(angle)) ** 2 + z**2)
    found = straightened(body(distance <= 9))
    sections = found.shape.sum(axis=(0, 1))
    middle = slice(len(sections) // 4, -len(sections) // 4)
    assert sections[middle].mean() == pytest.approx(np.pi * 9**2, rel=0.05)
    assert (sections > 0).sum() == pytest.approx(50 * 1.6 + 18, rel=0.03)


def test_files_hold_the_image_the_shape_and_the_size(tmp_path):
    mask, along, _ = bent_band((1.0, 1.0))
    write_mask(tmp_path / "masks" / "a.tif", [mask.astype(np.uint8)], pixel_size=(2.0, 2.0))
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "a.tif", (along + 200).astype(np.float32), imagej=True)
    morula.measure(tmp_path / "masks", tmp_path / "t.csv", images=tmp_path / "images", straighten=tmp_path / "out",
                   measures=["size"])
    written = morula.open_image(tmp_path / "out" / "a_0000_1.tif")
    assert written.channels == ("grey", "object")
    assert written.pixel_size == (2.0, 2.0)
    assert set(np.unique(written.frame()[1])) == {0, 1}
