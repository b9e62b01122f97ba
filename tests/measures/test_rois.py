"""Outlines for ImageJ and QuPath, read back and painted: they must cover the pixels that they are of."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image, ImageDraw
from roifile import roiread

from morula.measures.rois import ObjectOutlines, write_geojson, write_rois


@pytest.fixture
def ring():
    y, x = np.mgrid[:60, :70].astype(float)
    distance = np.hypot(y - 28.2, x - 33.7)
    return (distance <= 22) & (distance >= 8)


def painted(polygons: list, shape: tuple[int, int]) -> np.ndarray:
    """Polygons of x and y from the corner of the frame; every second one is a hole. Eight times as fine."""
    canvas = Image.new("L", (shape[1] * 8, shape[0] * 8))
    for number, polygon in enumerate(polygons):
        ImageDraw.Draw(canvas).polygon([(x * 8, y * 8) for x, y in polygon], fill=1 - number)
    return np.asarray(canvas)[4::8, 4::8].astype(bool)


def test_geojson_covers_the_object_and_spares_its_hole(ring, body, tmp_path):
    outlines = ObjectOutlines.of(body(ring, (2.0, 0.5)), frame=3, number=17, kind=2)
    write_geojson(tmp_path / "a.geojson", [outlines])
    [feature] = json.loads((tmp_path / "a.geojson").read_text())["features"]
    assert feature["properties"]["frame"] == 3
    assert feature["properties"]["object"] == 17
    assert feature["properties"]["class"] == 2
    [polygon] = feature["geometry"]["coordinates"]
    assert len(polygon) == 2
    for closed in polygon:
        assert closed[0] == closed[-1]
    assert (painted(polygon, ring.shape) != ring).sum() < 0.03 * ring.sum()


def test_rois_are_at_their_frame_and_cover_the_object(ring, body, tmp_path):
    whole = ring | (np.hypot(*(np.mgrid[:60, :70] - np.array([28, 34])[:, None, None])) < 12)
    shapes = [ObjectOutlines.of(body(whole), frame=frame, number=5, kind=1) for frame in (0, 11)]
    write_rois(tmp_path / "a.zip", shapes)
    first, last = roiread(tmp_path / "a.zip")
    assert (first.name, last.name) == ("0000_5", "0011_5")
    assert (first.t_position, last.t_position) == (1, 12)
    assert (painted([last.coordinates()], whole.shape) != whole).sum() < 0.02 * whole.sum()


def test_a_single_pixel_has_an_outline(body, tmp_path):
    mask = np.zeros((5, 6), bool)
    mask[2, 3] = True
    outlines = ObjectOutlines.of(body(mask), frame=0, number=1, kind=1)
    assert outlines.outlines.outer.mean(axis=0) == pytest.approx([2.5, 3.5], abs=0.05)
