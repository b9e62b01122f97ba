"""Images as the server shows them."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
import tifffile
from PIL import Image


def identity(page, stem: str) -> str:
    return next(image["id"] for image in page.get("/api/project").json()["images"] if image["name"].startswith(stem))


def opened(answer) -> np.ndarray:
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(BytesIO(answer.content)))


def test_a_tile_shows_what_is_in_the_file(page, project):
    pixels = tifffile.imread(project.images / "disc 0.tif")
    here = f"/api/images/{identity(page, 'disc 0')}"
    assert np.array_equal(opened(page.get(f"{here}/tile", params={"limits": "0:255"})), pixels)
    assert opened(page.get(f"{here}/tile", params={"level": 1})).shape == (30, 40)


def test_the_slices_of_a_volume(page, project):
    pixels = tifffile.imread(project.images / "volume.tif")
    tile = page.get(f"/api/images/{identity(page, 'volume')}/tile", params={"z": 2, "limits": "0:255"})
    assert np.array_equal(opened(tile), pixels[2])


def test_limits_follow_the_numbers(page):
    found = page.get(f"/api/images/{identity(page, 'movie')}/limits").json()
    [[low, high]], [[least, most]] = found["limits"], found["range"]
    assert least <= low < 100
    assert 1000 < high <= most


def test_thumbnails_are_small(page, project):
    tifffile.imwrite(project.images / "wide.tif", np.zeros((400, 1000), np.uint8))
    small = opened(page.get(f"/api/images/{identity(page, 'wide')}/thumbnail"))
    assert max(small.shape[:2]) <= 160
    assert small.shape[1] > 2 * small.shape[0]


@pytest.mark.parametrize("wrong", [
    {"limits": "1"}, {"limits": "1:nan"}, {"limits": "0:1,0:1"}, {"shown": "1"}, {"shown": "-1"}, {"gamma": 0},
    {"level": 99}, {"x": -1},
])
def test_what_cannot_be_shown_is_refused(page, wrong):
    assert page.get(f"/api/images/{identity(page, 'disc 0')}/tile", params=wrong).status_code == 422


@pytest.mark.parametrize("outside", [{"x": 1}, {"t": 1}, {"z": 1}, {"y": 2**30}])
def test_there_is_nothing_outside(page, outside):
    assert page.get(f"/api/images/{identity(page, 'disc 0')}/tile", params=outside).status_code == 404


def test_an_image_that_cannot_be_read_does_not_hide_the_others(page, project):
    (project.images / "broken.tif").write_bytes(b"II*\0" + bytes(20))
    images = page.get("/api/project").json()["images"]
    assert len(images) == 8
    [broken] = [image for image in images if image["problem"]]
    assert broken["name"] == "broken.tif"
    answer = page.get(f"/api/images/{broken['id']}/tile")
    assert answer.status_code == 422
    assert "broken.tif" in answer.json()["detail"]


def test_the_way_along_an_edge(page):
    """Half around a disc of radius 12 about row 25 and column 30, on either side."""
    here = f"/api/images/{identity(page, 'disc 0')}/edge"
    for side in (-1, 1):
        points = np.array(page.get(here, params={"ends": f"30.5:{25.5 - 12},{30.5 + 12 * side}:25.5"}).json()["points"])
        assert np.array_equal(points[[0, -1]], [[30.5, 13.5], [30.5 + 12 * side, 25.5]])
        assert np.abs(np.hypot(*(points - [30.5, 25.5]).T) - 12).max() < 1.7
    for wrong, words in (({"ends": "3:4"}, "Ends are x:y"), ({"ends": "a:b,3:4"}, "Ends are x:y"),
                         ({"ends": "1:1,3:4", "shown": "7"}, "Channels are shown")):
        refused = page.get(here, params=wrong)
        assert refused.status_code == 422
        assert words in refused.json()["detail"]
    assert page.get(here, params={"ends": "1:1,3:4", "t": 1}).status_code == 404
    far = page.get(here, params={"ends": "-1e9:5,1e9:5", "level": 20}).json()["points"]
    assert np.array_equal(np.array(far)[[0, -1], 0], [0, 80])
