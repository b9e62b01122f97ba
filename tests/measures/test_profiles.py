"""Profiles along the midline and from the rim, on shapes and images whose profile is known."""

from __future__ import annotations

import numpy as np
import pytest


def test_a_drop_is_run_through_from_its_thick_end(measured):
    """A cone from 40 to 8 pixels wide, darker towards its thin end, lying in both directions."""
    y, x = np.mgrid[:70, :160].astype(float)
    along = x - 20
    mask = (along >= 0) & (along <= 120) & (np.abs(y - 34.4) <= 20 - 16 * along / 120)
    for flip in (slice(None), slice(None, None, -1)):
        row = measured(mask[:, flip], None, np.clip(200 - along, 1, None)[:, flip][None], parts=6)
        widths = [row[f"width_{part}_px"] for part in range(1, 7)]
        light = [row[f"along_{part}_a"] for part in range(1, 7)]
        middles = 120 * (np.arange(6) + 0.5) / 6
        assert widths == pytest.approx(40 - 32 * middles / 120, rel=0.06)
        assert light == pytest.approx(200 - middles, rel=0.03)


def test_a_bent_object_is_followed_round_the_bend(measured):
    """Half a ring whose light rises with the angle; straight halves would mix both ends."""
    y, x = np.mgrid[:150, :170].astype(float)
    y, x = y - 20.4, x - 84.6
    angle, distance = np.arctan2(y, x), np.hypot(y, x)
    mask = (y > 0) & (np.abs(distance - 60) <= 12)
    row = measured(mask, None, (100 + 100 * angle / np.pi)[None], parts=5)
    light = np.array([row[f"along_{part}_a"] for part in range(1, 6)])
    light = light if light[0] < light[-1] else light[::-1]
    assert light == pytest.approx(100 + 100 * (np.arange(5) + 0.5) / 5, abs=2)
    assert row["midline_length_px"] == pytest.approx(60 * np.pi, rel=0.02)
    assert row["midline_bend"] == pytest.approx(1 - 2 / np.pi, abs=0.02)


@pytest.mark.parametrize("shape", [(100, 100), (50, 50, 50)])
def test_from_the_rim_inwards(shape, measured):
    radius = min(shape) / 2 - 5
    position = np.stack(np.meshgrid(*[np.arange(size) - size / 2 + 0.3 for size in shape], indexing="ij"))
    distance = np.linalg.norm(position, axis=0)
    row = measured(distance <= radius, None, (1000 - distance)[None], parts=5)
    outer = 1 - np.arange(5) / 5
    inner = outer - 0.2
    axes = len(shape)
    mean = axes / (axes + 1) * radius * (outer ** (axes + 1) - inner ** (axes + 1)) / (outer**axes - inner**axes)
    found = [1000 - row[f"inward_{part}_a"] for part in range(1, 6)]
    assert found == pytest.approx(mean, abs=0.03 * radius)
