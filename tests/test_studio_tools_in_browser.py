"""The tools with which one draws, in a real browser, by mouse and keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from browser import MARGIN, Studio, iou, opened

pytestmark = pytest.mark.slow

SIDE, RADIUS, CENTRE = 240, 80, (118, 124)
FREE = 255
"""What nobody annotated, in a project of classes."""


def disc(radius: float = RADIUS, centre: tuple[float, float] = CENTRE) -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE]
    return np.hypot(y - centre[0], x - centre[1]) <= radius


@pytest.fixture
def discs(tmp_path: Path) -> Path:
    """A project with two images of a disc in noise."""
    folder = tmp_path / "discs"
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(2):
        grey = 90 + 70 * disc() + rng.normal(0, 15, (SIDE, SIDE))
        tifffile.imwrite(folder / "images" / f"disc {number}.tif", grey.clip(0, 255).astype(np.uint8))
    return folder


def places(studio: Studio, points) -> np.ndarray:
    """Where pixels (rows, columns) of an image that is shown whole are on the screen, x and y."""
    box = studio.page.locator("#view").bounding_box()
    zoom = MARGIN * min(box["width"], box["height"]) / SIDE
    middle = np.array([box["y"] + box["height"] / 2, box["x"] + box["width"] / 2])
    return (middle + (np.asarray(points, float) + 0.5 - SIDE / 2) * zoom)[:, ::-1]


def on_edge(*degrees: float) -> np.ndarray:
    """Points on the edge of the disc."""
    angles = np.deg2rad(degrees)
    return np.array(CENTRE) + RADIUS * np.stack([np.sin(angles), np.cos(angles)], axis=1)


def click_on(studio: Studio, points) -> None:
    for x, y in places(studio, points):
        studio.page.mouse.move(x, y, steps=3)
        studio.page.mouse.click(x, y)
        studio.page.wait_for_timeout(400)  # or two of them would be a double click


def mask_of(studio: Studio, name: str = "disc 0.tif", *, pixels: int | None = None) -> np.ndarray:
    """The mask file, once about so many pixels of it are annotated as something."""
    path = studio.folder / "masks" / name
    count = -1
    for _ in range(60):
        mask = tifffile.imread(path) if path.exists() else np.full((SIDE, SIDE), FREE)
        count = int(((mask > 0) & (mask < FREE)).sum())
        if pixels is None or abs(count - pixels) <= 0.02 * pixels:
            return mask
        studio.page.wait_for_timeout(100)
    raise AssertionError(count)


def written(studio: Studio, name: str = "disc 0.tif") -> np.ndarray:
    """The mask file after all that was drawn came to rest."""
    studio.saved()
    studio.page.wait_for_timeout(1800)
    return mask_of(studio, name)


@pytest.mark.parametrize("close", ["Enter", "click"])
def test_an_outline_clings_to_the_edge_where_a_polygon_cuts_it(browser, discs, close):
    """Four clicks round a disc, by either tool."""
    found = {}
    with opened(browser, discs) as studio:
        for stem, tool in (("disc 0", "cling"), ("disc 1", "polygon")):
            studio.choose(stem)
            studio.page.locator(f"[data-tool={tool}]").click()
            corners = on_edge(10, 100, 190, 280)
            click_on(studio, corners)
            if close == "Enter":
                studio.page.keyboard.press("Enter")
            else:
                click_on(studio, corners[:1] + 1)
            found[tool] = iou(written(studio, f"{stem}.tif") == 1, disc())
            studio.picture(f"tool {tool}")
    assert found["cling"] > 0.97
    assert found["polygon"] < 0.7


def test_a_clinging_outline_shows_where_it_goes_and_goes_back(browser, discs):
    """The line follows the edge to the pointer; Backspace takes a point back, Escape all of them."""
    def line() -> np.ndarray:
        words = studio.page.locator("#draft .line").get_attribute("points") or ""
        points = np.array([each.split(",") for each in words.split()], float).reshape(-1, 2)
        return np.abs(np.hypot(points[:, 1] - 0.5 - CENTRE[0], points[:, 0] - 0.5 - CENTRE[1]) - RADIUS)

    with opened(browser, discs) as studio:
        page = studio.page
        page.keyboard.press("c")
        click_on(studio, on_edge(0, 60))
        [(x, y)] = places(studio, on_edge(150))
        page.mouse.move(x, y)
        corners = page.locator("#draft .corners circle")
        page.wait_for_timeout(500)
        assert corners.count() == 2
        assert len(line()) > 100
        assert line().max() < 3
        studio.picture("tool cling ahead")
        page.keyboard.press("Backspace")
        page.wait_for_timeout(500)
        assert corners.count() == 1
        assert line().max() < 3
        page.keyboard.press("Escape")
        assert corners.count() == 0
        assert len(line()) == 0
        page.keyboard.press("Enter")
        assert not (written(studio) == 1).any()
