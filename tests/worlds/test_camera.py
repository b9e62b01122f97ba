"""What cameras do to light: each effect as often as the table says, and none of them where it is turned off."""

from __future__ import annotations

import numpy as np
import pytest

from morula.worlds import ranges
from morula.worlds.camera import photograph

RAMP = np.tile(np.linspace(0.2, 0.8, 160, dtype=np.float32), (120, 1))
SHARES = ("MOVED", "INVERTED", "BURNT", "COMPRESSED", "COARSE", "CLIPPED")


@pytest.fixture
def plain(monkeypatch):
    """A camera of which nothing is to be seen."""
    for name in SHARES:
        monkeypatch.setattr(ranges, name, 0.0)
    for name, value in (("UNEVEN", 0), ("VIGNETTE", 0), ("NOISE", 0), ("GAMMA", 1), ("BLUR", 0.01)):
        monkeypatch.setattr(ranges, name, ranges.Range(value, value))


def pictures(count: int = 30) -> list[np.ndarray]:
    return [photograph(RAMP, np.random.default_rng(seed)) for seed in range(count)]


def test_a_plain_camera_keeps_the_order_of_grey_levels(plain):
    for picture in pictures():
        assert picture.dtype == np.uint8
        assert (np.diff(picture[60].astype(int)) >= 0).all()
        assert (picture == picture[:1]).all()


def test_negatives_are_as_many_as_is_said(plain, monkeypatch):
    monkeypatch.setattr(ranges, "INVERTED", 0.3)
    turned = [picture[0, -1] < picture[0, 0] for picture in pictures(200)]
    assert abs(np.mean(turned) - 0.3) < 0.1


def test_noise_and_blur_are_as_strong_as_is_said(plain, monkeypatch):
    monkeypatch.setattr(ranges, "NOISE", ranges.Range(0.05, 0.05))
    rough = [np.diff(picture.astype(float), axis=0).std() / np.sqrt(2) for picture in pictures()]
    assert 0.4 * 0.05 * 255 < np.median(rough) <= 1.02 * 0.05 * 255  # less where it grows with the light
    step = np.where(np.arange(160) < 80, 0.2, 0.8).astype(np.float32) * np.ones((120, 1), np.float32)
    monkeypatch.setattr(ranges, "NOISE", ranges.Range(0, 0))
    monkeypatch.setattr(ranges, "BLUR", ranges.Range(3, 3))
    row = photograph(step, np.random.default_rng(0))[60].astype(float)
    share = (row - row.min()) / np.ptp(row)
    width = np.interp([0.1587, 0.8413], share, np.arange(160))
    assert np.diff(width)[0] / 2 == pytest.approx(3, abs=0.3)


@pytest.mark.parametrize(("name", "levels"), [("COARSE", 70), ("CLIPPED", 256)])
def test_few_levels_and_clipping(plain, monkeypatch, name, levels):
    before = [len(np.unique(picture)) for picture in pictures()]
    monkeypatch.setattr(ranges, name, 1.0)
    after = pictures()
    if name == "COARSE":
        assert all(len(np.unique(picture)) <= levels for picture in after)
        assert np.median(before) > levels
    else:
        clipped = [((picture == 0) | (picture == 255)).mean() for picture in after]
        assert np.mean(np.array(clipped) > 0.03) > 0.5
