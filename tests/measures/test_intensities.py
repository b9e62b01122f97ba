"""What images tell about objects, on images whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

RADIUS = 30


@pytest.fixture
def disc():
    y, x = np.mgrid[:90, :100].astype(float) - np.array([44.3, 49.7])[:, None, None]
    return y, x, np.hypot(y, x) <= RADIUS


@pytest.mark.parametrize("degrees", [0, 35, 90, 161, 240, 300])
def test_a_slope_is_a_polarisation_in_its_direction(degrees, disc, measured):
    y, x, mask = disc
    slope = 0.5
    along = x * np.cos(np.radians(degrees)) - y * np.sin(np.radians(degrees))
    row = measured(mask, None, 100 * (1 + slope * along / RADIUS)[None])
    # The centroid of a half disc lies 4 R / 3π from the middle; that of the light R/4 for a slope of one.
    assert row["polarisation_a"] == pytest.approx(slope * 4 / (3 * np.pi), rel=0.02)
    assert abs((row["polarisation_angle_a_deg"] - degrees + 180) % 360 - 180) < 4
    assert row["centroid_offset_a"] == pytest.approx(slope / 4, rel=0.02)


def test_even_light_has_no_direction(disc, measured):
    _, _, mask = disc
    row = measured(mask, None, np.full((1, *mask.shape), 12.0))
    assert row["polarisation_a"] == pytest.approx(0, abs=1e-9)
    assert row["polarisation_angle_a_deg"] is None
    assert row["centroid_offset_a"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("direction", [(1, 0, 0), (0, -1, 0), (0.6, 0.48, -0.64)])
def test_a_slope_in_a_volume(direction, measured):
    position = np.stack(np.meshgrid(*[np.arange(36) - 17.6] * 3, indexing="ij"))
    mask = (position**2).sum(axis=0) <= 14**2
    along = np.tensordot(direction, position, 1)
    row = measured(mask, None, 10 * (1 + 0.6 * along / 14)[None])
    assert row["polarisation_a"] == pytest.approx(0.6 * 3 / 8, rel=0.03)
    found = [row[f"polarisation_{axis}_a"] for axis in "zyx"]
    assert np.dot(found, direction) > np.cos(np.radians(8))


def test_each_channel_for_itself(disc, measured):
    _, _, mask = disc
    image = np.stack([np.where(mask, 30.0, 10.0), np.where(mask, 5.0, 5.0)])
    row = measured(mask, None, image)
    assert (row["mean_a"], row["mean_b"]) == (30, 5)
    assert row["total_a"] == 30 * mask.sum()
    assert (row["ring_a"], row["ring_b"]) == (10, 5)
    assert row["contrast_a"] == pytest.approx(0.5)
    assert row["contrast_b"] == pytest.approx(0)


def test_a_neighbour_is_no_surroundings():
    from morula.measures.bodies import cut_out
    from morula.measures.intensities import ring_mean
    from morula.objects.labels import connected_objects
    from morula.objects.selection import ObjectSettings, choose_objects

    mask = np.zeros((60, 60), np.uint8)
    mask[20:40, 10:30] = 1
    mask[20:40, 33:50] = 2
    image = np.where(mask == 2, 1000.0, 4.0)[None]
    labels, classes = connected_objects(mask)
    for rules in (ObjectSettings(), ObjectSettings(main_object=True)):
        objects = choose_objects(labels, np.arange(3), classes, rules, pixel_volume=1, most_classes=2)
        first, *_ = cut_out(objects, np.ones(2), image)
        assert ring_mean(first).tolist() == [4]


def test_light_below_zero_has_no_ratio(disc, measured):
    _, _, mask = disc
    row = measured(mask, None, np.full((1, *mask.shape), -3.0))
    assert row["mean_a"] == -3
    for name in ("contrast_a", "polarisation_a", "centroid_offset_a"):
        assert row[name] is None
