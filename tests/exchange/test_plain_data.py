"""Files that nobody vouches for: whatever stands in them, they are read or refused in words."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotated import blank, circle, coco_of, painted, shape_of, write_json
from morula.errors import DataError, FileError
from morula.exchange import plain_data
from morula.exchange.collection import find_annotations
from morula.exchange.plain_data import numbers, size_of
from morula.exchange.run_lengths import packed

ROUND = circle(30, 30, 12, 9).round(1)
LABELME = {"shapes": [shape_of("cell", ROUND), shape_of("cell", [[1, 2], [9, 9]], "rectangle", group=3),
                      shape_of("cell", [[1, 2], [3, 4]], "mask", mask="iVBORw0KGgo=")],
           "imagePath": "a.png", "imageData": None, "imageHeight": 60, "imageWidth": 80}
COCO = coco_of([{"segmentation": [ROUND.ravel().tolist()]},
                {"segmentation": {"size": [60, 80], "counts": [100, 50, 4650]}},
                {"segmentation": {"size": [60, 80], "counts": packed([100, 50, 4650])}}])
GEOJSON = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "geometry": {"type": kind, "coordinates": rings, "plane": {"c": 0, "z": 0, "t": 0}},
     "properties": {"classification": {"name": "cell", "color": [1, 2, 3]}, "frame": 0, "object": 1}}
    for kind, rings in (("Polygon", [ROUND.tolist()]), ("MultiPolygon", [[ROUND.tolist()], [ROUND.tolist()]]))]}
ODD = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
                   | st.sampled_from(["polygon", 2**70, -1, 10**12, "_background_"]),
                   lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
                   max_leaves=4)


def places(value: Any, path: tuple = ()) -> Iterator[tuple]:
    """Every place in JSON that something may stand in."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


@pytest.mark.parametrize("whole", [LABELME, COCO, GEOJSON], ids=["labelme", "coco", "geojson"])
@settings(max_examples=150)
@given(data=st.data())
def test_whatever_stands_in_a_file_it_is_read_or_refused_in_words(whole, data, tmp_path_factory):
    changed = copy.deepcopy(whole)
    *way, last = data.draw(st.sampled_from(list(places(whole))))
    inner = changed
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(ODD)
    file = write_json(tmp_path_factory.mktemp("odd") / "a.json", changed)
    try:
        found = find_annotations(file)
        assert found is not None
        for each in found.files:
            assert found.open(each, blank(60, 80)).frame().shape == (1, 60, 80)
    except (DataError, FileError) as error:
        assert "a.json" in str(error)  # noqa: PT017


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(plain_data, "MOST_BYTES", 100)
    write_json(tmp_path / "a.json", LABELME)
    with pytest.raises(DataError, match=r"a\.json has .* GiB, and annotations are read up to"):
        painted(tmp_path / "a.json")


def test_a_file_that_begins_with_a_mark_of_its_bytes_is_read(tmp_path):
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(COCO).encode())
    assert painted(tmp_path / "a.json").any()


def test_numbers_are_numbers_that_lie_near_an_image():
    assert numbers([[1, 2.5]], "it", (-1, 2)).tolist() == [[1.0, 2.5]]
    for wrong in ([["1", "2"]], [[True, False]], [[1, None]], [[1e8, 0]], [[2**70, 0]], [[float("inf"), 0]], "12", None,
                  {"x": 1}):
        with pytest.raises(ValueError, match="it holds"):
            numbers(wrong, "it", (-1, 2))


def test_sizes_are_whole_numbers_of_as_many_pixels_as_an_image_has():
    assert size_of(46_000, 46_000, "it") == (46_000, 46_000)
    for wrong in ((46_400, 46_400), (0, 5), (None, 5), (5.0, 5), (np.nan, 5), ("5", 5), (True, 5)):
        with pytest.raises(ValueError, match="it has the height"):
            size_of(*wrong, "it")
