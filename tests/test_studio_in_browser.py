"""The studio in a real browser, driven by mouse and keys as a person does it: from images to a table."""

from __future__ import annotations

import csv
import io
import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile

from browser import Studio, command_line, iou, opened, outline_of, served
from morula.workflows import draw

pytestmark = pytest.mark.slow

FRAMES, ANNOTATED, SPOILED = 30, (0, 6, 12, 18, 24), 22
MINUTES = float(os.environ.get("MORULA_STUDIO_MINUTES", "0.5"))
"""That each training takes."""


def test_from_images_to_a_table(browser, tmp_path):
    """Five of thirty frames are outlined; a model finds the rest; a spoiled one is found, corrected and learned."""
    made = draw("gastruloids", tmp_path / "drawn", count=FRAMES, seed=5)
    folder, taken = tmp_path / "gastruloids", tmp_path / "from the microscope"
    folder.mkdir()
    taken.mkdir()
    names = sorted(path.name for path in made.images.iterdir())
    truth = {name: tifffile.imread(made.masks / name) > 0 for name in names}
    for name in names:
        shutil.copy(made.images / name, taken / name)
    spoiled = taken / names[SPOILED]
    pixels = tifffile.imread(spoiled)
    tifffile.imwrite(spoiled, (pixels.max() - pixels[::-1]).astype(pixels.dtype))  # a negative, upside down
    truth[spoiled.name] = truth[spoiled.name][::-1]

    with opened(browser, folder) as studio:
        page = studio.page
        studio.count_clicks()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose images").click()
        chooser.value.set_files([taken / name for name in names])
        page.get_by_text(f"{FRAMES} images added").wait_for()
        studio.picture("open")
        for number in ANNOTATED:
            name = names[number]
            studio.choose(Path(name).stem)
            studio.draw_around(outline_of(truth[name]), truth[name].shape)
            studio.picture("annotate")
            page.keyboard.press("f")
            page.locator("[data-action=finished][aria-pressed=true]").first.wait_for()
        studio.step("Train")
        page.locator("#minutes").fill(f"{MINUTES:g}")
        page.locator("[data-action=train]").click()
        page.wait_for_timeout(1000 * 60 * MINUTES * 0.6)
        studio.picture("train")
        studio.wait_for("train", 3 * MINUTES + 12)
        page.locator("[data-action=segment]").click()
        segmented = studio.wait_for("segment", 3)
        clicks = studio.clicks
        drawn = {name: tifffile.imread(folder / "masks" / name) for name in names if (folder / "masks" / name).exists()}
        assert set(drawn) == {names[number] for number in ANNOTATED}
        for name, mask in drawn.items():
            assert set(np.unique(mask)) == {0, 1}
            assert iou(mask == 1, truth[name]) > 0.97
        others = [name for number, name in enumerate(names) if number not in (*ANNOTATED, SPOILED)]
        found = [iou(tifffile.imread(folder / "results" / "masks" / name) == 1, truth[name]) for name in others]
        assert np.mean(found) > 0.95

        studio.step("Review")
        first = page.locator("#queue [role=listitem], #queue [data-number]").first
        first.wait_for()
        studio.picture("review")
        assert Path(spoiled.name).stem in first.inner_text()
        first.click()
        page.locator("#title", has_text=Path(spoiled.name).stem).wait_for()
        page.locator("[data-action=correct]:enabled").wait_for()
        page.keyboard.press("c")
        page.locator("#tools").wait_for()
        height, width = truth[spoiled.name].shape
        page.locator("#annotate").get_by_text("Background", exact=True).click()
        page.locator("[data-tool=encircle]").click()
        studio.draw_around(np.array([[0, 0], [0, width], [height, width], [height, 0]]) - 0.5, (height, width))
        page.keyboard.press("1")
        studio.draw_around(outline_of(truth[spoiled.name]), (height, width))
        page.keyboard.press("f")
        page.wait_for_timeout(1500)
        corrected = tifffile.imread(folder / "masks" / spoiled.name)
        assert iou(corrected == 1, truth[spoiled.name]) > 0.97

        studio.step("Train")
        page.locator("[data-action=train]").click()
        page.wait_for_timeout(1000)
        trained = studio.wait_for("train", 3 * MINUTES + 12)
        assert trained["result"]["images"] == len(ANNOTATED) + 1
        page.locator("[data-action=segment]").click()
        page.wait_for_timeout(1000)
        segmented = studio.wait_for("segment", 3)
        clicks -= studio.clicks
        studio.step("Measure")
        page.locator("[data-action=measure]").click()
        measured = studio.wait_for("measure", 2)
        page.wait_for_timeout(500)
        studio.picture("measure")
        table = studio.download("measurements.csv")
        assert clicks + studio.clicks <= 7  # as docs/studio.md says, without those of the correction
        rows = list(csv.DictReader(io.StringIO(table.decode())))
        assert {row["file"] for row in rows} == set(names)
        masks = zipfile.ZipFile(io.BytesIO(studio.download("masks.zip")))
        studio.step("Check")
        page.locator("[data-action=check]").click()
        studio.wait_for("check", 2)
        studio.picture("check")

    # What was exported is what the command line makes of the same folder.
    command_line(segmented["command"].replace("results/masks", "by-hand"), folder)
    for name in names:
        ours = tifffile.imread(folder / "results" / "masks" / name)
        assert np.array_equal(tifffile.imread(folder / "by-hand" / name), ours)
        own = names.index(name) in ANNOTATED or name == spoiled.name
        exported = tifffile.imread(io.BytesIO(masks.read(name)))
        assert np.array_equal(exported, tifffile.imread(folder / "masks" / name) if own else ours)
    command_line(measured["command"].replace("measurements.csv", "again.csv"), folder)
    assert (folder / "results" / "again.csv").read_bytes() == table


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """A project with three plain images."""
    folder = tmp_path / "few"
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(3):
        tifffile.imwrite(folder / "images" / f"image {number}.tif", rng.integers(0, 200, (120, 120)).astype(np.uint8))
    return folder


def square(low: int, high: int) -> np.ndarray:
    """The outline of a square."""
    return np.array([[low, low], [low, high], [high, high], [high, low]], float)


def drawn(folder: Path, name: str = "image 0.tif") -> np.ndarray:
    """Where class 1 is in a mask; nowhere if there is no mask."""
    path = folder / "masks" / name
    return tifffile.imread(path) == 1 if path.exists() else np.zeros((120, 120), bool)


def settled(studio: Studio, wanted: int, name: str = "image 0.tif") -> np.ndarray:
    """The mask, once about so many pixels of it are class 1."""
    for _ in range(40):
        mask = drawn(studio.folder, name)
        if abs(int(mask.sum()) - wanted) <= 0.1 * wanted:
            return mask
        studio.page.wait_for_timeout(100)
    raise AssertionError(int(drawn(studio.folder, name).sum()))


def test_a_server_that_is_stopped_lets_pages_go(browser, few):
    """At once, and without a word of alarm, though a page listens to it without end."""
    with served(few) as (link, _):
        page = browser.new_page()
        page.goto(link)
        page.locator("html[data-ready=yes]").wait_for(state="attached")
        page.wait_for_timeout(500)
    page.close()


def test_undo_and_redo(browser, few):
    with opened(browser, few) as studio:
        keys = studio.page.keyboard
        studio.page.locator("[data-tool=encircle]").click()
        studio.draw_around(square(20, 40), (120, 120))
        studio.draw_around(square(60, 100), (120, 120))
        both = settled(studio, 400 + 1600)
        keys.press("Control+z")
        assert not settled(studio, 400)[60:100, 60:100].any()
        keys.press("Control+z")
        settled(studio, 0)
        keys.press("Control+Shift+z")
        keys.press("Control+Shift+z")
        assert np.array_equal(settled(studio, 2000), both)


def test_a_first_mask_follows_the_strokes(browser, tmp_path):
    """Without any training: a stroke on the body, a stroke on the background."""
    made = draw("gastruloids", tmp_path / "drawn", count=1, movies=1, seed=5)
    folder = tmp_path / "one"
    shutil.copytree(made.images, folder / "images")
    name = next((folder / "images").iterdir()).name
    truth = tifffile.imread(made.masks / name) > 0
    with opened(browser, folder) as studio:
        page = studio.page
        page.locator("[data-tool=brush]").click()
        middle = np.argwhere(truth).mean(0)
        studio.draw_around(middle + np.array([[0, -15], [0, 15], [10, 15], [10, -15]]), truth.shape)
        page.locator("#preview", has_text="Draw a stroke on the background").wait_for()
        page.locator("#annotate").get_by_text("Background", exact=True).click()
        for row in (8, truth.shape[0] - 9):
            studio.draw_around(np.array([[row, 25], [row, truth.shape[1] - 26]]), truth.shape)
        page.locator("#preview", has_text="a first mask from your strokes").wait_for()
        page.wait_for_timeout(1000)
        studio.picture("sketch")
        page.get_by_role("button", name="The dashed mask").click()
        page.keyboard.press("f")
        for _ in range(40):
            if (folder / "masks" / name).exists() and iou(tifffile.imread(folder / "masks" / name) == 1, truth) > 0.75:
                return
            page.wait_for_timeout(250)
        raise AssertionError("the first mask is far from the truth, or did not become the annotation")


def test_a_reload_in_the_middle_of_a_stroke_loses_no_more_than_its_last_second(browser, few):
    with opened(browser, few) as studio:
        page = studio.page
        page.locator("[data-tool=encircle]").click()
        studio.draw_around(square(20, 40), (120, 120))
        page.locator("[data-tool=brush]").click()
        box = page.locator("#view").bounding_box()
        page.mouse.move(box["x"] + 300, box["y"] + 400)
        page.mouse.down()
        for step in range(30):
            page.mouse.move(box["x"] + 300 + 5 * step, box["y"] + 400)
            page.wait_for_timeout(60)
        page.reload()
        studio.ready()
        page.wait_for_timeout(1500)
        mask = drawn(few)
        assert mask[22:38, 22:38].all()
        assert mask[60:].sum() > 50  # the part of the stroke that was a second old


def test_two_tabs_do_not_lose_each_others_strokes(browser, few):
    with opened(browser, few) as studio:
        other = Studio(studio.page.context.new_page(), few)
        other.page.goto(studio.page.url)
        other.ready()
        for page, outline in ((studio, square(20, 40)), (other, square(60, 100)), (studio, square(105, 115))):
            page.page.bring_to_front()
            page.page.locator("[data-tool=encircle]").click()
            page.draw_around(outline, (120, 120))
        mask = settled(studio, 400 + 1600 + 100)
        assert mask[25:35, 25:35].all()
        assert mask[65:95, 65:95].all()
        other.page.close()


def test_the_name_of_a_file_is_never_markup(browser, few):
    name = "<img src=x onerror=alert(1)> & 'quotes'.tif"
    shutil.copy(few / "images" / "image 0.tif", few / "images" / name)
    with opened(browser, few) as studio:
        dialogs = []
        studio.page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
        studio.page.keyboard.press("p")
        studio.page.get_by_text("onerror").first.wait_for()
        studio.page.keyboard.press("n")
        studio.page.wait_for_timeout(300)
        assert not dialogs
        assert studio.page.locator("img[src=x]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out(browser, few, scheme):
    """axe-core finds nothing serious on any step, in light and in dark."""
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, few, color_scheme=scheme) as studio:
        for step in ("Annotate", "Train", "Review", "Measure", "Check"):
            studio.step(step)
            found = Axe().run(studio.page).response["violations"]
            serious = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found
                       if each["impact"] in ("serious", "critical")]
            assert not serious, (step, serious)
