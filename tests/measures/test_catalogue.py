"""Measures against the analytic truth: discs, ellipses, rectangles, rings, balls, ellipsoids, boxes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipe
from skimage.measure import label, regionprops

from morula.measures.catalogue import MEASURES
from morula.measures.columns import Layout

SPACINGS = {2: [(1.0, 1.0), (1.0, 0.5), (0.4, 1.1)], 3: [(1.0, 1.0, 1.0), (2.0, 0.7, 0.7), (1.0, 1.5, 1.2)]}


def grid(reach: float, spacing: tuple[float, ...], shift: float = 0.0) -> list[np.ndarray]:
    """Positions along each axis, around a point that is no pixel centre, as far as `reach`."""
    axes = len(spacing)
    lines = [np.arange(-int(reach / size), int(reach / size) + 1) * size + shift * size for size in spacing]
    return [line.reshape([-1 if axis == place else 1 for place in range(axes)]) for axis, line in enumerate(lines)]


def turned(y: np.ndarray, x: np.ndarray, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions across and along a direction, counted from the right upwards."""
    angle = np.radians(degrees)
    return y * np.cos(angle) + x * np.sin(angle), x * np.cos(angle) - y * np.sin(angle)


def ellipse(a: float, b: float, degrees: float = 0.0, shift: float = 0.3) -> np.ndarray:
    across, along = turned(*grid(max(a, b) + 8, (1.0, 1.0), shift), degrees)
    return (along / a) ** 2 + (across / b) ** 2 <= 1


def rectangle(width: float, height: float, degrees: float = 0.0) -> np.ndarray:
    across, along = turned(*grid(np.hypot(width, height) / 2 + 8, (1.0, 1.0), 0.3), degrees)
    return (np.abs(along) <= width / 2) & (np.abs(across) <= height / 2)


def within(percent: float, **truth: float) -> dict:
    return {name: pytest.approx(value, rel=percent / 100) for name, value in truth.items()}


def part_of(row: dict, names) -> dict:
    return {name: row[name] for name in names}


@pytest.mark.parametrize("spacing", SPACINGS[2])
@pytest.mark.parametrize("shift", [0.0, 0.37])
@pytest.mark.parametrize("radius", [20, 33])
def test_discs(radius, shift, spacing, measured):
    y, x = grid(radius + 8, spacing, shift)
    row = measured(y**2 + x**2 <= radius**2, spacing)
    truth = {
        **within(1, area_px2=np.pi * radius**2, equivalent_diameter_px=2 * radius,
                 major_axis_px=2 * radius, minor_axis_px=2 * radius, aspect_ratio=1),
        **within(2, perimeter_px=2 * np.pi * radius, feret_max_px=2 * radius, feret_min_px=2 * radius,
                 inscribed_radius_px=radius, enclosing_radius_px=radius, circularity=1, solidity=1, convexity=1),
        **within(4, midline_length_px=2 * radius),  # whose direction is a matter of chance
        **within(5, curvature_max_per_px=1 / radius, curvature_min_per_px=1 / radius),
        "protrusions": 0, "concave_share": 0, "holes": 0, "touches_border": 0,
    }
    assert part_of(row, truth) == truth


@pytest.mark.parametrize("degrees", [0, 10, 27, 45, 70, 110, 163])
@pytest.mark.parametrize(("a", "b"), [(40, 20), (60, 20), (30, 24)])
def test_ellipses_however_they_lie(a, b, degrees, measured):
    row = measured(ellipse(a, b, degrees))
    truth = {
        **within(1, area_px2=np.pi * a * b, major_axis_px=2 * a, minor_axis_px=2 * b, aspect_ratio=a / b,
                 eccentricity=np.sqrt(1 - (b / a) ** 2)),
        **within(2, perimeter_px=4 * a * ellipe(1 - (b / a) ** 2), feret_max_px=2 * a, feret_min_px=2 * b,
                 midline_length_px=2 * a, inscribed_radius_px=b, enclosing_radius_px=a),
        **within(3, straight_aspect_ratio=a / b),
        "elongation": pytest.approx(1 - b / a, abs=0.01),
        "protrusions": 0 if a / b < 1.5 else 2,
    }
    assert part_of(row, truth) == truth
    for angle, tolerance in (("orientation_deg", 1), ("feret_max_angle_deg", 8 if a / b < 1.5 else 3)):
        assert abs((row[angle] - degrees + 90) % 180 - 90) < tolerance
    if row["protrusions"]:
        assert abs((row["protrusion_angle_deg"] - degrees + 90) % 180 - 90) < 5


@pytest.mark.parametrize("degrees", [0, 6, 11, 20, 33, 44])
@pytest.mark.parametrize(("width", "height"), [(80, 42), (140, 44)])
def test_rectangles_however_they_lie(width, height, degrees, measured):
    row = measured(rectangle(width, height, degrees))
    truth = {
        **within(1, area_px2=width * height),
        **within(1, major_axis_px=2 * width / np.sqrt(3), minor_axis_px=2 * height / np.sqrt(3)),
        **within(2, perimeter_px=2 * (width + height), feret_max_px=np.hypot(width, height), feret_min_px=height,
                 midline_length_px=width, midline_width_px=height, inscribed_radius_px=height / 2, convexity=1,
                 enclosing_radius_px=np.hypot(width, height) / 2),
        "protrusions": 4,
    }
    assert part_of(row, truth) == truth


@pytest.mark.parametrize("degrees", [0, 7, 15, 22, 33, 45])
@pytest.mark.parametrize(("longer", "length"), [(60, 60 * np.sqrt(2)), (61, 60 * np.sqrt(2)), (68, 68), (76, 76)])
def test_the_midline_of_what_is_nearly_square_is_straight(longer, length, degrees, measured):
    """It is the diagonal or the longer side, and never a curve between both."""
    row = measured(rectangle(longer, 60, degrees))
    assert row["midline_length_px"] == pytest.approx(length, rel=0.06)
    assert row["midline_bend"] < 0.05
    assert row["midline_clarity"] == pytest.approx(1 - (60 / longer) ** 2, abs=0.03)


def test_pixels_that_touch_by_corners_alone_have_measures(measured):
    row = measured(np.pad(np.eye(14, dtype=bool), 3))
    assert row["area_px2"] == 14
    assert row["midline_length_px"] == pytest.approx(14 * np.sqrt(2), rel=0.15)


def test_a_ring_has_two_outlines_and_one_hole(measured):
    y, x = grid(50, (1.0, 1.0), 0.2)
    distance = np.hypot(y, x)
    row = measured((distance <= 40) & (distance >= 22))
    truth = {**within(1, area_px2=np.pi * (40**2 - 22**2)), **within(2, perimeter_px=2 * np.pi * 62), "holes": 1,
             **within(2, solidity=1 - (22 / 40) ** 2, convexity=1, enclosing_radius_px=40, inscribed_radius_px=9)}
    assert part_of(row, truth) == truth


@pytest.mark.parametrize("degrees", [0, 20, 50])
@pytest.mark.parametrize(("radius", "half_width", "sweep"), [(60, 15, 1.6), (50, 20, 2.5)])
def test_a_banana_is_straightened(radius, half_width, sweep, degrees, measured):
    across, along = turned(*grid(100, (1.0, 1.0), 0.3), degrees)
    across = across - 20
    angle = np.clip(np.arctan2(along, -across), -sweep / 2, sweep / 2)
    distance = np.hypot(along - radius * np.sin(angle), across + radius * np.cos(angle))
    row = measured(distance <= half_width)
    length = radius * sweep + 2 * half_width
    chord = 2 * (radius * np.sin(sweep / 2) + half_width * np.cos(sweep / 2))
    truth = {
        **within(1, area_px2=2 * half_width * radius * sweep + np.pi * half_width**2),
        **within(2, midline_length_px=length, perimeter_px=2 * radius * sweep + 2 * np.pi * half_width),
        **within(3, straight_aspect_ratio=length / (2 * half_width), width_5_px=2 * half_width),
        **within(5, curvature_min_per_px=-1 / (radius - half_width)),
        "midline_bend": pytest.approx(1 - chord / length, abs=0.045),
    }
    assert part_of(row, truth) == truth


@pytest.mark.parametrize("spacing", SPACINGS[3])
def test_balls(spacing, measured):
    radius = 20
    z, y, x = grid(radius + 7, spacing, 0.3)
    row = measured(z**2 + y**2 + x**2 <= radius**2, spacing)
    truth = {
        **within(1, volume_px3=4 / 3 * np.pi * radius**3, equivalent_diameter_px=2 * radius, longest_axis_px=2 * radius,
                 middle_axis_px=2 * radius, shortest_axis_px=2 * radius),
        **within(2, surface_area_px2=4 * np.pi * radius**2, sphericity=1, solidity=1, feret_max_px=2 * radius,
                 enclosing_radius_px=radius),
        **within(3, inscribed_radius_px=radius),
    }
    assert part_of(row, truth) == truth


@pytest.mark.parametrize(("degrees", "tilt"), [(0, 0), (25, 15), (42, 0)])
@pytest.mark.parametrize("kind", ["ellipsoid", "box"])
def test_ellipsoids_and_boxes_however_they_lie(kind, degrees, tilt, measured):
    z, y, x = grid(46, (1.0, 1.0, 1.0), 0.2)
    across, along = turned(y, x, degrees)
    height, along = turned(z, along, tilt)
    if kind == "ellipsoid":
        a, b, c = 36, 26, 20
        mask = (along / a) ** 2 + (across / b) ** 2 + (height / c) ** 2 <= 1
        power = 1.6075  # Thomsen's formula, right to about 1 %
        surface = 4 * np.pi * (((a * b) ** power + (a * c) ** power + (b * c) ** power) / 3) ** (1 / power)
        lengths, volume, solidity = (2 * a, 2 * b, 2 * c), 4 / 3 * np.pi * a * b * c, 1
    else:
        sides = np.array([60, 52, 44])
        mask = (np.abs(along) <= 30) & (np.abs(across) <= 26) & (np.abs(height) <= 22)
        surface = 2 * (60 * 52 + 60 * 44 + 52 * 44)
        lengths, volume, solidity = sides * np.sqrt(5 / 3), sides.prod(), 1
    row = measured(mask)
    truth = {
        **within(1, volume_px3=volume, longest_axis_px=lengths[0], middle_axis_px=lengths[1],
                 shortest_axis_px=lengths[2], aspect_ratio=lengths[0] / lengths[1]),
        **within(2, surface_area_px2=surface),
        **within(3, solidity=solidity, flatness=1 - lengths[2] / lengths[1]),
    }
    assert part_of(row, truth) == truth
    direction = np.array([-np.sin(np.radians(tilt)), -np.sin(np.radians(degrees)) * np.cos(np.radians(tilt)),
                          np.cos(np.radians(degrees)) * np.cos(np.radians(tilt))])
    found = np.array([row[f"long_axis_{axis}"] for axis in "zyx"])
    assert abs(found @ direction) > np.cos(np.radians(2))


def blob(seed: int) -> np.ndarray:
    """A smooth irregular shape of about 60 pixels across."""
    generator = np.random.default_rng(seed)
    y, x = grid(52, (1.0, 1.0), 0.3)
    angle, waves = np.arctan2(y, x), np.arange(2, 5)
    heights, phases = generator.uniform(0, 0.22 / waves, 3), generator.uniform(0, 2 * np.pi, 3)
    radius = 33 * (1 + (heights[:, None, None] * np.cos(waves[:, None, None] * angle - phases[:, None, None])).sum(0))
    return np.hypot(y, x) <= radius


@pytest.mark.parametrize("seed", range(8))
def test_a_quarter_turn_turns_angles_and_changes_nothing_else(seed, measured):
    mask = blob(seed)
    image = np.add.outer(np.linspace(50, 90, len(mask)), np.linspace(0, 60, len(mask)) ** 2 / 60)[None]
    row = measured(mask, None, image)
    quarter = measured(np.rot90(mask), None, np.rot90(image, axes=(1, 2)).copy())
    for name, value in row.items():
        if "angle" in name or "orientation" in name:
            period = 360 if "protrusion" in name or "polarisation" in name else 180
            if value is not None:
                turned_by = (quarter[name] - value - 90 + period / 2) % period - period / 2
                assert turned_by == pytest.approx(0, abs=1.5), name
        elif not name.startswith(("centroid_y", "centroid_x", "bounding", "width", "along")) and value is not None:
            assert quarter[name] == pytest.approx(value, rel=0.02, abs=0.01), name
    profiles = [[each[f"width_{part}_px"] for part in range(1, 11)] for each in (row, quarter)]
    # Which end of a shape is the thicker hangs on few pixels where both are alike.
    assert profiles[1] in (pytest.approx(profiles[0], rel=0.05), pytest.approx(profiles[0][::-1], rel=0.05))


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_scikit_image_measures_the_same(seed):
    from scipy.ndimage import gaussian_filter

    from morula.measures.bodies import cut_out
    from morula.objects.selection import ObjectSettings, choose_objects

    noise = gaussian_filter(np.random.default_rng(seed).normal(size=(80, 90)), 4)
    labels = label(noise > np.percentile(noise, 70))
    spacing = (0.7, 1.3)
    regions = regionprops(labels, spacing=spacing)
    numbers = np.arange(labels.max() + 1)
    objects = choose_objects(labels.astype(np.int32), numbers, np.minimum(numbers, 1), ObjectSettings(),
                             pixel_volume=1, most_classes=1)
    for body, region in zip(cut_out(objects, np.array(spacing)), regions, strict=True):
        row = Layout(2, False).row(body)
        assert row["area_px2"] == pytest.approx(region.area)
        assert row["centroid_y_px"] == pytest.approx(region.centroid[0])
        assert row["centroid_x_px"] == pytest.approx(region.centroid[1])
        assert row["equivalent_diameter_px"] == pytest.approx(region.equivalent_diameter_area)
        # There, pixels are points. Here they have a deviation of their own, which lies between those of their sides.
        thin, thick = (4 * side / 12**0.5 for side in spacing)
        for name, length in (("major", region.axis_major_length), ("minor", region.axis_minor_length)):
            assert np.hypot(length, thin) - 1e-6 <= row[f"{name}_axis_px"] <= np.hypot(length, thick) + 1e-6


def test_the_axes_and_perimeter_of_scikit_image(measured):
    mask = blob(3)
    [region] = regionprops(mask.astype(int))
    row = measured(mask)
    pixel = 16 / 12  # four times the deviation of a pixel itself, squared: there, pixels are points
    assert row["major_axis_px"] ** 2 - pixel == pytest.approx(region.axis_major_length**2, rel=1e-6)
    assert row["minor_axis_px"] ** 2 - pixel == pytest.approx(region.axis_minor_length**2, rel=1e-6)
    assert row["eccentricity"] == pytest.approx(region.eccentricity, rel=1e-3)
    assert row["perimeter_px"] == pytest.approx(region.perimeter_crofton, rel=0.02)
    assert row["solidity"] == pytest.approx(region.solidity, abs=0.02)
    assert row["feret_max_px"] == pytest.approx(region.feret_diameter_max, rel=0.02)
    assert np.tan(np.radians(row["orientation_deg"] - 90)) == pytest.approx(np.tan(region.orientation), abs=1e-6)


def test_the_pixel_size_scales_what_has_a_unit_and_nothing_else(body):
    mask = blob(1)
    fine, coarse = Layout(2, False).row(body(mask)), Layout(2, True).row(body(mask, (2.5, 2.5)))
    powers = {"length": 1, "area": 2, "curvature": -1}
    for measure, names in Layout(2, False).measures:
        for name in names:
            other = coarse[name.replace("_px2", "_um2").replace("_px", "_um") if measure.unit in powers else name]
            if fine[name] is not None:
                assert other == pytest.approx(fine[name] * 2.5 ** powers.get(measure.unit, 0), rel=1e-4, abs=1e-6), name


def test_too_few_pixels_have_size_and_place_and_no_shape(measured):
    mask = np.zeros((9, 9), bool)
    mask[4, 5] = True
    row = measured(mask, None, np.full((1, 9, 9), 7.0))
    assert row["area_px2"] == 1
    assert (row["centroid_y_px"], row["centroid_x_px"]) == (4, 5)
    assert row["mean_a"] == row["total_a"] == 7
    for name in ("perimeter_px", "aspect_ratio", "solidity", "midline_length_px", "curvature_max_per_px"):
        assert row[name] is None


@pytest.mark.parametrize("shape", [(30, 40), (12, 14, 16)])
def test_what_fills_the_frame_touches_its_border_and_has_no_surroundings(shape, measured):
    row = measured(np.ones(shape, bool), None, np.ones((1, *shape)))
    assert row["touches_border"] == 1
    assert row["ring_a"] is None
    assert row["contrast_a"] is None
    assert row["solidity"] == pytest.approx(1, abs=0.01)


def test_every_measure_is_explained_and_has_a_name_of_its_own():
    assert len({measure.column for measure in MEASURES}) == len(MEASURES)
    for measure in MEASURES:
        assert all((measure.meaning, measure.formula, measure.dimensions)), measure.name
