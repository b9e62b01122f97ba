"""What the camera does to light: blur, noise, range and negatives as the table says."""

from __future__ import annotations

import numpy as np
import pytest

from morula.specimens import breadths
from morula.specimens.exposure import photographed, recorded, uneven
from morula.worlds.ranges import Range

RAMP = np.tile(np.linspace(1, 3, 160, dtype=np.float32), (120, 1))


@pytest.fixture
def plain(monkeypatch):
    """A camera of which nothing is to be seen."""
    for name, value in (("UNEVEN", 0), ("NOISE", 0), ("GAMMA", 1), ("BLUR", 0.01)):
        monkeypatch.setattr(breadths, name, Range(value, value))
    for name in ("INVERTED", "COMPRESSED", "MARKED", "TINTED"):
        monkeypatch.setattr(breadths, name, 0.0)


def pictures(count: int = 30) -> list[np.ndarray]:
    return [photographed(RAMP, np.random.default_rng(seed)) for seed in range(count)]


def test_a_plain_camera_keeps_the_order_of_grey_levels(plain):
    for picture in pictures():
        assert picture.dtype == np.uint8
        assert picture.shape == (120, 160, 3)
        assert (np.diff(picture[60, :, 0].astype(int)) >= 0).all()
        assert np.ptp(picture) > 80
        assert (picture == picture[..., :1]).all()


def test_shares_are_as_is_said(plain, monkeypatch):
    monkeypatch.setattr(breadths, "INVERTED", 0.3)
    monkeypatch.setattr(breadths, "TINTED", 0.4)
    many = pictures(200)
    assert abs(np.mean([picture[0, -1].mean() < picture[0, 0].mean() for picture in many]) - 0.3) < 0.1
    assert abs(np.mean([(picture != picture[..., :1]).any() for picture in many]) - 0.4) < 0.1


def test_noise_is_counted_in_contrasts(plain, monkeypatch):
    """Of light over two contrasts, noise of a tenth of one is a twentieth of the range."""
    monkeypatch.setattr(breadths, "NOISE", Range(0.1, 0.1))
    shares = []
    for seed in range(40):
        picture = recorded(RAMP, 0.0, np.random.default_rng(seed)).astype(float)
        span = np.diff(np.percentile(picture.mean(axis=0), [1, 99]))[0] / 0.98
        shares.append(np.diff(picture, axis=0).std() / np.sqrt(2) / span)
    assert np.median(shares) == pytest.approx(0.05, rel=0.35)  # in half of the pictures less, where less light is
    assert max(shares) < 0.06


def test_faint_light_is_not_blown_up(plain):
    """What varies by less than a contrast does not fill the range."""
    faint = recorded(1 + 0.1 * (RAMP - 2), 0.0, np.random.default_rng(0)).astype(float)
    assert np.ptp(faint) < 0.3 * 255


def test_light_falls_unevenly_as_far_as_is_said(monkeypatch):
    monkeypatch.setattr(breadths, "UNEVEN", Range(0.2, 0.2))
    fields = [uneven((50, 60), np.random.default_rng(seed)) for seed in range(40)]
    assert max(np.ptp(field) for field in fields) < 2.2
    assert np.median([np.ptp(field) for field in fields]) > 0.15
    monkeypatch.setattr(breadths, "UNEVEN", Range(0, 0))
    assert np.ptp(uneven((50, 60), np.random.default_rng(0))) == 0
