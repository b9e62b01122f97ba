"""The tools with which one draws, in a real browser, by mouse and keys."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import tifffile

from browser import Studio, iou, opened
from morula.segmenting.frames import SegmentedFrame, write_frames

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
    return studio.on_screen(np.asarray(points, float), (SIDE, SIDE))[:, ::-1]


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
    """The mask file after all that was drawn came to rest, however busy the machine is."""
    studio.page.wait_for_timeout(500)
    studio.saved()
    notes = studio.folder / ".morula" / "annotations"
    until(studio, lambda: not any(json.loads(path.read_text())["behind"] for path in notes.glob("[!.]*.json")))
    return mask_of(studio, name)


def until(studio: Studio, true) -> None:
    """Wait for what comes soon."""
    for _ in range(150):
        if true():
            return
        studio.page.wait_for_timeout(100)
    raise AssertionError("it did not come true")


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
        until(studio, lambda: corners.count() == 2 and len(line()) > 100 and line().max() < 3)
        studio.picture("tool cling ahead")
        page.keyboard.press("Backspace")
        until(studio, lambda: corners.count() == 1 and len(line()) > 100 and line().max() < 3)
        page.keyboard.press("Escape")
        assert corners.count() == 0
        assert len(line()) == 0
        page.keyboard.press("Enter")
        assert not (written(studio) == 1).any()


def test_an_outline_of_too_few_points_says_so_and_stays(browser, discs):
    with opened(browser, discs) as studio:
        page = studio.page
        page.locator("[data-tool=polygon]").click()
        click_on(studio, [(40, 40), (40, 120)])
        keys(studio, "Enter")
        page.locator(".message", has_text="needs three points or more").wait_for()
        studio.picture("tool too few points")
        assert page.locator("#draft .corners circle").count() == 2
        click_on(studio, [(120, 120)])
        keys(studio, "Enter")
        assert (written(studio) == 1).sum() == pytest.approx(80 * 80 / 2, rel=0.05)


def drag(studio: Studio, points) -> None:
    """Hold the button down along points, and wait until that is saved."""
    draw_along(studio, points)
    studio.saved()


def draw_along(studio: Studio, points) -> None:
    """Hold the button down along points."""
    (x, y), *others = places(studio, points)
    mouse = studio.page.mouse
    mouse.move(x, y)
    mouse.down()
    for x, y in others:
        mouse.move(x, y, steps=4)
    mouse.up()


def square(low: int, high: int) -> list[tuple[int, int]]:
    return [(low, low), (low, high), (high, high), (high, low)]


def keys(studio: Studio, *names: str) -> None:
    for name in names:
        studio.page.keyboard.press(name)


def test_no_key_leaves_a_stroke_that_is_being_drawn(browser, discs):
    """Neither for another frame, step or tool; by mouse or by keys, a stroke is drawn to its end."""
    with opened(browser, discs) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        (x, y), *others = places(studio, square(40, 120))
        page.mouse.move(x, y)
        page.mouse.down()
        for x, y in others:
            page.mouse.move(x, y, steps=4)
            keys(studio, "n", "ArrowRight", "Alt+2", "b", "Control+z")
        page.mouse.up()
        assert page.locator("#title").inner_text().startswith("disc 0")
        assert (written(studio) == 1).sum() == pytest.approx(80 * 80, rel=0.05)
        keys(studio, "n", "b", "k", " ", *["ArrowRight"] * 10, "n", "e", " ")
        assert page.locator("#title").inner_text().startswith("disc 1")
        assert (written(studio, "disc 1.tif") == 1).any()
        keys(studio, "p")
        page.locator("#title", has_text="disc 0").wait_for()


@pytest.mark.parametrize("before", ["another tool", "another class", "a pointer"])
def test_what_the_pen_of_the_keys_began_is_kept_whatever_comes_next(browser, discs, before):
    with opened(browser, discs) as studio:
        page = studio.page
        page.locator("#view").focus()
        keys(studio, "b", "k", " ")
        for _ in range(6):
            page.keyboard.press("Shift+ArrowRight")
        if before == "another tool":
            page.locator("[data-tool=eraser]").click()
        elif before == "another class":
            page.locator("#annotate").get_by_text("Background", exact=True).click()
        else:
            studio.draw_around(np.array([[20, 20], [20, 60]]), (SIDE, SIDE), wait=False)
        page.keyboard.press("Escape")
        studio.saved()
        page.keyboard.press("f")
        page.locator("[data-action=finished][aria-pressed=true]").wait_for()
        page.reload()
        studio.ready()
        page.wait_for_timeout(1500)
    drawn = tifffile.imread(discs / "masks" / "disc 0.tif") == 1
    assert np.argwhere(drawn[100:140])[:, 1].max() > SIDE / 2 + 25  # the pen began in the middle
    assert drawn[10:30].any() == (before == "a pointer")


def test_good_news_go_by_themselves_unless_somebody_is_with_them(browser, discs):
    with opened(browser, discs) as studio:
        page = studio.page
        page.clock.install()
        news = page.locator(".message", has_text="Nothing to undo")
        page.locator("[data-action=undo]").click()
        page.clock.fast_forward(7000)
        assert news.count() == 1
        page.clock.fast_forward(2000)
        news.wait_for(state="detached")
        pointing = news.hover, lambda: page.mouse.move(0, 0)
        tabbing = news.get_by_role("button").focus, page.locator("#view").focus
        for come, go in (pointing, tabbing):
            page.locator("[data-action=undo]").click()
            come()
            page.clock.fast_forward(30_000)
            assert news.count() == 1
            go()
            page.clock.fast_forward(9000)
            news.wait_for(state="detached")


def test_a_studio_that_was_started_anew_is_told_from_one_that_is_silent(browser, discs):
    """Its cookie is another one; once the page has it, all is saved, the warning goes, and news come again."""
    with opened(browser, discs) as studio:
        page, context = studio.page, studio.page.context
        page.route("**/strokes", lambda route: route.abort())
        page.locator("[data-tool=encircle]").click()
        draw_along(studio, square(20, 60))
        warning = page.locator(".message.wrong", has_text="Saving is behind")
        page.locator(".message.wrong", has_text="does not answer").wait_for()
        cookies = context.cookies()
        context.clear_cookies()
        page.unroute("**/strokes")
        page.locator(".message.wrong", has_text="The studio was started anew. Open its new link").wait_for()
        studio.picture("tool started anew")
        assert warning.count() == 1
        context.add_cookies(cookies)
        studio.saved()
        warning.wait_for(state="detached")
        assert (written(studio) == 1).sum() == pytest.approx(40 * 40, rel=0.1)

        page.route("**/api/events", lambda route: route.fulfill(status=401))
        page.reload()
        studio.ready()
        with page.expect_response(lambda answer: answer.url.endswith("/api/events") and answer.ok):
            page.unroute("**/api/events")
        studio.problems.clear()  # the browser's own words on what was refused


@pytest.fixture
def predicted(discs: Path) -> Path:
    """The same, and a mask that a model drew of the first."""
    masks = discs / "results" / "masks"
    masks.mkdir(parents=True)
    tifffile.imwrite(masks / "disc 0.tif", disc().astype(np.uint8))
    write_frames(masks / "frames.csv", [SegmentedFrame("disc 0.tif", 0, "disc 0.tif", "a model", 1, int(disc().sum()))])
    return discs


def test_only_what_is_there_can_be_begun_with(browser, predicted):
    """A mask of a model in the first frame; and then a first mask, too, once there are strokes on both sides."""
    from playwright.sync_api import expect

    with opened(browser, predicted) as studio:
        page = studio.page
        mask = page.get_by_role("button", name="The dashed mask")
        before = page.get_by_role("button", name="The frame before")
        expect(mask).to_be_enabled()
        expect(before).to_be_disabled()
        studio.choose("disc 1")
        expect(mask).to_be_disabled()
        expect(before).to_be_enabled()
        studio.picture("tool no mask")
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(90, 140))
        page.locator("#annotate").get_by_text("Background", exact=True).click()
        drag(studio, square(5, 30))
        expect(mask).to_be_enabled(timeout=30_000)


def test_undo_puts_back_what_the_server_changed_at_once(browser, predicted):
    """A stroke, the dashed mask, a stroke over it, an earlier annotation, and that it is finished: back, and forth."""
    with opened(browser, predicted) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        seen = []
        drag(studio, square(5, 30))
        seen.append(written(studio))
        page.get_by_role("button", name="The dashed mask").click()
        seen.append(written(studio))
        page.locator("#annotate").get_by_text("Background", exact=True).click()
        drag(studio, square(100, 140))
        seen.append(written(studio))
        page.get_by_text("Earlier annotations").click()
        page.get_by_role("button", name="Back to this").click()
        seen.append(written(studio))
        keys(studio, "f")
        page.locator("[data-action=finished][aria-pressed=true]").wait_for()
        seen.append(written(studio))
        assert (seen[1][disc()] == 1).all()
        assert (seen[2][105:135, 105:135] == 0).all()
        assert np.array_equal(seen[3], seen[0])
        assert set(np.unique(seen[4])) == {0, 1}
        for expected in reversed(seen[:-1]):
            keys(studio, "Control+z")
            assert np.array_equal(written(studio), expected)
        for expected in seen[1:]:
            keys(studio, "Control+Shift+z")
            assert np.array_equal(written(studio), expected)
        for _ in seen:
            keys(studio, "Control+z")  # as fast as keys go
        studio.saved()
        page.wait_for_timeout(2000)
        assert not (predicted / "masks" / "disc 0.tif").exists()


def test_undo_leaves_what_others_have_changed_since(browser, discs):
    """Another program and another page, and it is said."""
    with opened(browser, discs) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(20, 100))
        mask = written(studio)
        mask[40:60, 40:60] = 0
        tifffile.imwrite(discs / "masks" / "disc 0.tif", mask)
        page.get_by_text("Another program has changed disc 0.tif").wait_for()
        studio.picture("tool taken over")
        keys(studio, "Control+z")  # while the page reads it anew
        page.get_by_text("Some of it was changed since").wait_for()
        after = written(studio)
        assert np.array_equal(np.argwhere(after != FREE).min(0), [40, 40])
        assert (after[40:60, 40:60] == 0).all()
        assert (after != FREE).sum() == 400
        keys(studio, "Control+Shift+z")
        assert np.array_equal(written(studio), mask)
        other = page.context.new_page()
        other.goto(page.url)
        second = Studio(other, discs)
        second.ready()
        other.locator("[data-tool=encircle]").click()
        other.locator("#annotate").get_by_text("Background", exact=True).click()
        drag(second, square(70, 90))
        mask = written(second)
        page.bring_to_front()
        keys(studio, "Control+z")
        assert np.array_equal(written(studio), np.where(mask == 0, 0, FREE))


def test_undo_waits_for_an_outline_that_is_still_being_found(browser, discs):
    """An outline closed, and undo at once: the outline goes, and not the stroke before it."""
    with opened(browser, discs) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(5, 30))
        before = written(studio)
        page.locator("[data-tool=cling]").click()
        click_on(studio, on_edge(10, 100, 190, 280))
        page.route("**/edge?*", lambda route: (time.sleep(0.5), route.continue_()))
        page.keyboard.press("Enter")
        page.keyboard.press("Control+z")
        assert np.array_equal(written(studio), before)
        page.keyboard.press("Control+Shift+z")
        assert (written(studio)[disc(radius=70)] == 1).all()


def test_undo_takes_back_what_was_accepted_or_corrected(browser, predicted):
    with opened(browser, predicted) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(5, 30))
        before = written(studio)
        studio.step("Review")
        for key, words in (("a", "You accepted this mask"), ("c", "You corrected this mask")):
            page.locator("[data-action=accept]:enabled").wait_for()
            keys(studio, key)
            if key == "c":
                page.locator("#annotate").wait_for()  # where one corrects
            studio.step("Review")
            page.get_by_text(words).wait_for()
            assert (written(studio)[disc()] == 1).all()
            keys(studio, "Control+z")
            page.get_by_text(words).wait_for(state="detached")
            assert np.array_equal(written(studio), before)


def test_a_finished_frame_is_not_drawn_on(browser, discs):
    with opened(browser, discs) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(20, 60))
        keys(studio, "f")
        page.locator("[data-action=finished][aria-pressed=true]").wait_for()
        before = written(studio)
        for tool in ("encircle", "brush", "eraser", "fill"):
            page.locator(f"[data-tool={tool}]").click()
            drag(studio, square(30, 100))
            page.get_by_text("This frame is finished, so nothing changes it. Press F").wait_for()
        studio.picture("tool finished")
        keys(studio, "0")
        assert np.array_equal(written(studio), before)
        keys(studio, "f")
        page.locator("[data-action=finished][aria-pressed=false]").wait_for()
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(100, 140))
        assert (written(studio)[105:135, 105:135] == 1).all()


@pytest.fixture
def objects(discs: Path) -> Path:
    """A project in which objects are told apart."""
    (discs / "morula.json").write_text('{"objects": true}')
    return discs


def test_a_locked_object_is_not_changed(browser, objects):
    """Nor by undo; and it is locked still after the page was loaded again."""
    with opened(browser, objects) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(20, 100))
        keys(studio, "i")
        click_on(studio, [(60, 60)])
        page.get_by_role("button", name="Lock object 1").wait_for()
        keys(studio, "l")
        page.get_by_role("button", name="Unlock object 1").first.wait_for()
        before = written(studio) == 1
        page.get_by_text("Object 1 (click").click()
        keys(studio, "d")
        drag(studio, square(60, 140))  # begins on the locked one
        studio.picture("tool locked")
        keys(studio, "e")
        drag(studio, [(40, 10), (40, 110)])
        page.reload()
        studio.ready()
        keys(studio, "d")
        drag(studio, square(70, 160))
        mask = written(studio)
        assert np.array_equal(mask == 1, before)
        assert (mask[105:155, 105:135] != 65535).all()
        assert 2 in mask
        page.locator("[data-locked='1']").click()
        page.locator("[data-locked]").wait_for(state="detached")
        keys(studio, "e")
        drag(studio, [(30, 10), (30, 110)])
        assert (written(studio) == 1).sum() < before.sum()
        keys(studio, "Control+z")
        assert np.array_equal(written(studio) == 1, before)
        keys(studio, "Control+z")
        page.locator("[data-locked='1']").wait_for()


def test_two_pages_number_their_objects_apart(browser, objects):
    """Also where neither has seen what the other drew."""
    with opened(browser, objects) as studio:
        other = Studio(studio.page.context.new_page(), objects)
        other.page.goto(studio.page.url)
        other.ready()
        for at, page in enumerate((studio, other, studio, other, other, studio)):
            page.page.bring_to_front()
            page.page.locator("[data-tool=encircle]").click()
            drag(page, square(10 + 35 * at, 40 + 35 * at))
        mask = written(studio)
        own = [np.unique(mask[15 + 35 * at : 35 + 35 * at, 15 + 35 * at : 35 + 35 * at]).tolist() for at in range(6)]
        assert all(len(each) == 1 for each in own)
        assert len({each[0] for each in own}) == 6
        other.page.close()


def test_an_object_waits_for_its_number_and_a_stroke_for_none(browser, objects):
    """Numbers are there before one draws. Where they come late, a stroke is kept all the same."""
    with opened(browser, objects) as studio:
        page = studio.page
        late = []
        page.route("**/numbers", lambda route: late.append(route))
        keys(studio, "n")
        page.locator("#title", has_text="disc 1").wait_for()
        page.locator("[data-tool=brush]").click()
        (x, y), (u, v) = places(studio, [(50, 50), (50, 150)])
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(u, v, steps=10)
        page.mouse.up()
        page.wait_for_timeout(300)
        assert page.locator("html[data-saved=no]").count() == 1
        for route in late:
            route.continue_()
        assert (written(studio, "disc 1.tif")[50, 50:150] == 1).all()


def test_a_huge_outline_is_filled_and_taken_back(browser, tmp_path):
    """By the server, over what is drawn already; what was there comes back to the pixel."""
    side = 5600
    (tmp_path / "huge" / "images").mkdir(parents=True)
    grey = np.random.default_rng(0).integers(0, 200, (side, side), np.uint8)
    tifffile.imwrite(tmp_path / "huge" / "images" / "huge.tif", grey)
    with opened(browser, tmp_path / "huge") as studio:
        page = studio.page
        scale = side / SIDE  # places are those of an image of SIDE pixels
        page.locator("[data-tool=encircle]").click()
        drag(studio, square(60, 120))
        studio.saved()
        page.locator("#annotate").get_by_text("Background", exact=True).click()
        keys(studio, "d")
        drag(studio, square(4, 236))
        page.wait_for_timeout(300)
        shown = page.locator("#labels").evaluate("(canvas) => [...canvas.getContext('2d').getImageData(0, 0, "
                                                 "canvas.width, canvas.height).data].filter((each) => each).length")
        assert shown > 1000  # of the hatching
        studio.picture("tool huge")
        keys(studio, "Control+z")
        studio.saved()
        page.wait_for_timeout(4000)
        mask = tifffile.imread(tmp_path / "huge" / "masks" / "huge.tif")
        inner = slice(int(62 * scale), int(118 * scale))
        assert (mask[inner, inner] == 1).all()
        assert abs((mask == 1).sum() / (60 * scale) ** 2 - 1) < 0.02
        assert set(np.unique(mask)) == {1, 255}
        keys(studio, "Control+Shift+z")
        studio.saved()
        page.wait_for_timeout(4000)
        mask = tifffile.imread(tmp_path / "huge" / "masks" / "huge.tif")
        assert abs((mask == 0).sum() / (232 * scale) ** 2 - 1) < 0.02
