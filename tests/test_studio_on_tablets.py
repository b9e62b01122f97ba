"""The studio on tablets and small screens: fingers and a pen, and room for everything."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from browser import Studio, opened
from morula.segmenting.frames import TABLE, SegmentedFrame, write_frames

pytestmark = pytest.mark.slow

LYING, STANDING = {"width": 1180, "height": 820}, {"width": 820, "height": 1180}
SIZES = {"desk": {"width": 1280, "height": 720}, "lying": LYING, "standing": STANDING,
         "half": {"width": 820, "height": 720}}
CUT_OFF = """() => {
    const found = [];
    for (const each of document.querySelectorAll('button, select, input, a, h2, output')) {
        if (!each.checkVisibility() || each.closest('.scroller, .head-group, #gallery, .unseen')) continue;
        each.scrollIntoView({ block: 'nearest', inline: 'nearest' });
        const { left, top, right, bottom } = each.getBoundingClientRect();
        const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
        const free = over && (each.contains(over) || over.contains(each) || over.closest('label')?.contains(each));
        const words = each.textContent.trim() || each.ariaLabel || each.id;
        if (!free) found.push(`${words}: covered by ${over?.outerHTML.slice(0, 80)}`);
        const inside = left > -1 && top > -1 && right < innerWidth + 1 && bottom < innerHeight + 1;
        if (!inside) found.push(`${words}: outside`);
        if (each.matches('button, a') && each.scrollWidth > each.clientWidth + 1) found.push(`${words}: cut`);
    }
    return found;
}"""


class Hand:
    """Fingers on the view, whose places are shares of its width and height."""

    def __init__(self, studio: Studio):
        self.page = studio.page
        self.devices = self.page.context.new_cdp_session(self.page)
        self.box = self.page.locator("#view").bounding_box()

    def at(self, across: float, down: float) -> dict[str, float]:
        return {"x": self.box["x"] + across * self.box["width"], "y": self.box["y"] + down * self.box["height"]}

    def fingers(self, what: str, *places: tuple[float, float]) -> None:
        """What happens, `touchStart`, `touchMove` or `touchEnd`, and where fingers are then."""
        points = [{**self.at(*place), "id": number} for number, place in enumerate(places)]
        self.devices.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})

    def pinch(self, before: float, after: float) -> None:
        """Two fingers that many shares of the width apart, and then so many."""
        self.fingers("touchStart", (0.5 - before / 2, 0.5))
        self.fingers("touchStart", (0.5 - before / 2, 0.5), (0.5 + before / 2, 0.5))
        for part in np.linspace(0, 1, 8):
            apart = before + part * (after - before)
            self.fingers("touchMove", (0.5 - apart / 2, 0.5), (0.5 + apart / 2, 0.5))
        self.fingers("touchEnd")

    def drag(self, *places: tuple[float, float]) -> None:
        self.fingers("touchStart", places[0])
        for place in places:
            self.fingers("touchMove", place)
        self.fingers("touchEnd")

    def pen(self, what: str, across: float, down: float) -> None:
        """What a pen does: `mousePressed`, `mouseMoved` or `mouseReleased`."""
        self.devices.send("Input.dispatchMouseEvent", {
            "type": what, **self.at(across, down), "button": "left", "buttons": 1, "clickCount": 1,
            "pointerType": "pen", "force": 0.5})

    @property
    def zoom(self) -> float:
        return float(self.page.locator("#zoom").inner_text().removesuffix("%"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images of 100 × 100 pixels with a model's masks of them."""
    folder = tmp_path / "touched"
    for sub in ("images", "results/masks"):
        (folder / sub).mkdir(parents=True)
    mask = np.zeros((100, 100), np.uint8)
    mask[30:70, 30:70] = 1
    for number in range(3):
        tifffile.imwrite(folder / "images" / f"{number}.tif", 100 * mask + 20)
        tifffile.imwrite(folder / "results" / "masks" / f"{number}.tif", mask)
    write_frames(folder / "results" / "masks" / TABLE,
                 [SegmentedFrame(f"{number}.tif", 0, f"{number}.tif", "model", 1, 1600) for number in range(3)])
    return folder


def drawn(folder: Path, name: str = "0.tif") -> np.ndarray:
    path = folder / "masks" / name
    return tifffile.imread(path) == 1 if path.is_file() else np.zeros((100, 100), bool)


@pytest.mark.parametrize("size", [LYING, STANDING], ids=["lying", "standing"])
def test_masks_are_reviewed_by_touch(browser, folder, size):
    with opened(browser, folder, has_touch=True, viewport=size) as studio:
        page = studio.page
        page.get_by_role("tab", name="Review").tap()
        page.locator("#queue [data-number]").first.tap()
        hand = Hand(studio)
        before = hand.zoom
        hand.pinch(0.2, 0.6)
        assert hand.zoom == pytest.approx(3 * before, rel=0.1)
        hand.pinch(0.6, 0.2)
        assert hand.zoom == pytest.approx(before, rel=0.1)
        studio.picture(f"touch {size['width']}")
        page.locator("[data-action=accept]").tap()
        page.locator("#queue [data-number]").nth(2).wait_for(state="detached")
        page.locator("[data-action=reject]").tap()
        page.locator("#queue [data-number]").nth(1).wait_for(state="detached")
        told = page.evaluate("async () => (await fetch('/api/project')).json()")
        assert [image["states"][0]["review"] for image in told["images"]] == ["accepted", "rejected", None]
        page.wait_for_timeout(1500)
    assert drawn(folder)[30:70, 30:70].all()
    assert drawn(folder).sum() == 1600


def test_a_finger_draws_and_two_zoom(browser, folder):
    with opened(browser, folder, has_touch=True, viewport=LYING) as studio:
        hand = Hand(studio)
        before = hand.zoom
        hand.pinch(0.3, 0.45)
        assert hand.zoom > 1.2 * before
        studio.page.locator("[data-action=fit]").tap()
        hand.drag((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
        studio.saved()
        studio.page.wait_for_timeout(1500)
        area = drawn(folder).sum()
        assert 200 < area < 2500  # the square, and nothing of what two fingers did
        studio.page.locator("[data-tool=polygon]").tap()
        for place in ((0.3, 0.2), (0.7, 0.2), (0.7, 0.8)):
            hand.drag(place)
        hand.pinch(0.3, 0.31)
        assert studio.page.locator("#draft .corners circle").count() == 3


def test_where_there_is_a_pen_it_draws_and_the_hand_does_not(browser, folder):
    with opened(browser, folder, has_touch=True, viewport=LYING) as studio:
        hand = Hand(studio)
        hand.fingers("touchStart", (0.8, 0.8))  # the palm
        hand.pen("mousePressed", 0.4, 0.4)
        hand.fingers("touchMove", (0.82, 0.8))
        for place in ((0.6, 0.4), (0.6, 0.6), (0.4, 0.6)):
            hand.pen("mouseMoved", *place)
        hand.fingers("touchEnd")
        hand.pen("mouseReleased", 0.4, 0.6)
        studio.saved()
        studio.page.wait_for_timeout(1500)
        mask = drawn(folder)
        assert mask[47:53, 47:53].all()
        assert 200 < mask.sum() < 2500
        hand.drag((0.2, 0.2), (0.3, 0.2), (0.3, 0.3))
        studio.page.wait_for_timeout(1500)
        assert np.array_equal(drawn(folder), mask)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off_or_covered(browser, tmp_path, size):
    """With all that the page may have to show: a long name, frames, slices, channels."""
    folder = tmp_path / "room"
    (folder / "images").mkdir(parents=True)
    pixels = np.random.default_rng(0).integers(0, 200, (3, 4, 2, 60, 80), np.uint8)
    tifffile.imwrite(folder / "images" / "a name as long as microscopes like to give them 0001.tif", pixels,
                     imagej=True, metadata={"axes": "TZCYX"})
    with opened(browser, folder, viewport=SIZES[size], has_touch=size != "desk") as studio:
        for step in ("Annotate", "Train", "Review", "Measure", "Check"):
            studio.step(step)
            studio.picture(f"room {size} {step}")
            assert studio.page.evaluate(CUT_OFF) == [], step
        for sheet in ("contrast", "layers"):
            button = studio.page.locator(f"[data-action={sheet}]")
            button.click()
            studio.page.locator(f"#{sheet} input").first.wait_for()
            assert studio.page.evaluate(CUT_OFF) == [], sheet
            button.click()
