from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given

from annotated import LABELS, blank, circle, in_circle, iou, opened, painted, write_json
from morula.errors import DataError, FileError
from morula.exchange.collection import find_annotations
from morula.exchange.geojson import read_written, write_geojson
from morula.exchange.outlined import OutlinedMask, OutlinedObject

IMAGE = blank(60, 80)


def feature(coordinates: list, kind: str = "Polygon", plane: dict | None = None, **properties) -> dict:
    """As QuPath writes it."""
    geometry = {"type": kind, "coordinates": coordinates, **({"plane": plane} if plane else {})}
    told = {"objectType": "annotation", **properties}
    return {"type": "Feature", "id": "1f0d", "geometry": geometry, "properties": told}


def closed(corners: np.ndarray) -> list:
    return [*corners.tolist(), corners[0].tolist()]


def collection(*features: dict) -> dict:
    return {"type": "FeatureCollection", "features": list(features)}


RING = [closed(circle(30, 30, 20)), closed(circle(30, 30, 8))]


@pytest.mark.parametrize("whole", [collection(feature(RING)), [feature(RING)], feature(RING)],
                         ids=["collection", "list", "one"])
def test_collections_lists_and_single_features_are_read_with_their_holes(whole, tmp_path):
    write_json(tmp_path / "a.geojson", whole)
    expected = in_circle(30, 30, 20, 60, 80) & ~in_circle(30, 30, 8, 60, 80)
    assert iou(painted(tmp_path / "a.geojson", IMAGE)[0] == 1, expected) > 0.99


def test_parts_are_one_object_and_lie_in_their_plane(tmp_path):
    parts = [[closed(circle(20, 20, 9))], [closed(circle(25, 20, 9))]]
    write_json(tmp_path / "a.geojson", collection(
        feature(parts, "MultiPolygon", {"c": -1, "z": 0, "t": 2}), feature([closed(circle(60, 40, 9))])))
    found = painted(tmp_path / "a.geojson", blank(60, 80, frames=3))
    assert [np.unique(frame).tolist() for frame in found] == [[0, 1], [0], [0, 1]]
    assert iou(found[2] == 1, in_circle(20, 20, 9, 60, 80) | in_circle(25, 20, 9, 60, 80)) > 0.99


def test_classes_are_told_in_each_way_that_qupath_had(tmp_path):
    named = [{"name": "Tumor", "color": [200, 0, 0]}, {"names": ["Tumor", "Positive"]},
             {"name": "Stroma", "colorRGB": -1}, None]
    write_json(tmp_path / "a.geojson", collection(
        *(feature([closed(circle(10 + 20 * place, 30, 5))], classification=each) for place, each in enumerate(named))))
    found = find_annotations(tmp_path)
    assert found is not None
    assert found.classes == ("Stroma", "Tumor", "Tumor: Positive", "unnamed")


WRONG = {
    "kind": (feature([1, 2], "Cloud"), "feature 1 is of the type 'Cloud'"),
    "ring": (feature([[[1, 2], [3, 4]]]), "a ring of feature 1 has fewer than three corners"),
    "no ring": (feature([[]], "MultiPolygon"), "feature 1 is a polygon without rings"),
    "words": (feature([[["a", "b"]] * 4]), "holds something else than the numbers"),
    "flat": (feature([[1, 2, 3]]), "holds something else than the numbers"),
    "plane": (feature(RING, plane={"z": -4}), "should be whole numbers from 0 on"),
    "none": ({"type": "Feature", "geometry": None, "properties": {}}, "should hold under 'geometry' a table"),
}


@pytest.mark.parametrize(("each", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_the_file(each, said, tmp_path):
    write_json(tmp_path / "a.geojson", collection(each))
    with pytest.raises(DataError, match=rf"a\.geojson: .*{said}"):
        find_annotations(tmp_path)


def mask_of(labels: np.ndarray, file, shift: int = 0, **more) -> OutlinedMask:
    numbers = np.unique(labels[labels > 0]).tolist()
    objects = [OutlinedObject(0, number, 1, labels == number, (0, shift), {"area_px": 3.0}) for number in numbers]
    return OutlinedMask("a", file, (labels.shape[0], labels.shape[1] + shift), ["cell"], objects, **more)


@given(labels=LABELS)
def test_what_is_written_is_read_as_the_same(labels, tmp_path_factory):
    file = tmp_path_factory.mktemp("geojson") / "a.geojson"
    write_geojson(file, mask_of(labels, file, 39_990))
    numbers = np.unique(labels[labels > 0])
    read = painted(file, blank(labels.shape[0], labels.shape[1] + 39_990))[0]
    assert (read[:, 39_990:] == np.searchsorted([0, *numbers], labels)).all()
    for each in json.loads(file.read_text())["features"]:
        geometry = each["geometry"]
        assert (geometry["type"] == "Polygon") == (isinstance(geometry["coordinates"][0][0][0], int))
        assert geometry["type"] == "Polygon" or len(geometry["coordinates"]) > 1
        for outer, *holes in [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]:
            assert all(ring[0] == ring[-1] for ring in (outer, *holes))
            assert counterclockwise(outer)
            assert not any(map(counterclockwise, holes))


def counterclockwise(ring: list) -> bool:
    x, y = np.array(ring).T
    return float(x[:-1] @ y[1:] - x[1:] @ y[:-1]) > 0


def test_what_qupath_wants_is_there_and_the_same_each_time(tmp_path):
    labels = np.zeros((9, 9), np.uint8)
    labels[2:5, 2:5] = 1
    first, second = (tmp_path / name for name in ("a.geojson", "b.geojson"))
    for file in (first, second):
        write_geojson(file, mask_of(labels, file, pixel_size=(0.5, 0.5)))
    [each] = json.loads(first.read_text())["features"]
    assert first.read_bytes() == second.read_bytes()
    assert len(each["id"]) == 36
    assert each["properties"]["objectType"] == "annotation"
    assert each["properties"]["classification"] == {"name": "cell", "color": [230, 159, 0]}
    assert each["properties"]["measurements"] == {"area_px": 3.0}
    [back] = read_written(first)
    assert (back.frame, back.number, back.pixel_size) == (0, 1, (0.5, 0.5))


def test_outlines_of_others_are_none_of_a_table(tmp_path):
    write_json(tmp_path / "a.geojson", collection(feature(RING)))
    with pytest.raises(FileError, match="has no outlines that morula measure --geojson wrote"):
        read_written(tmp_path / "a.geojson")
    assert opened(tmp_path / "a.geojson", IMAGE).name == "a"
