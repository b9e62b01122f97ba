"""What came of the work, in a real browser: measured objects, figures, findings, and movies that jump."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tifffile
from scipy import ndimage

from browser import Studio, opened
from morula.segmenting.flags import with_jumps
from morula.segmenting.frames import TABLE, SegmentedFrame, write_frames

pytestmark = pytest.mark.slow

SHAPE = (120, 160)
MIDDLES = ((30, 40), (30, 110), (85, 60))
"""Rows and columns of the discs in each image."""
LOST = (3, 10)
"""Frames of a movie whose masks are wrong."""


def discs(radii: tuple[float, ...]) -> np.ndarray:
    """A class mask of separate discs, one for each radius."""
    y, x = np.mgrid[: SHAPE[0], : SHAPE[1]]
    return sum((np.hypot(y - row, x - column) <= radius)
               for (row, column), radius in zip(MIDDLES, radii, strict=False)).astype(np.uint8)


@pytest.fixture
def project(tmp_path) -> Path:
    """Four images with finished masks: two of one condition with small discs, two of another with large ones."""
    folder, rng = tmp_path / "discs", np.random.default_rng(0)
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for place, name in enumerate(("wt a", "wt b", "mutant a", "mutant b")):
        mask = discs(tuple(10 + 3 * (place // 2) + number for number in range(3)))
        picture = rng.normal(100, 8, SHAPE) + 80 * mask
        tifffile.imwrite(folder / "images" / f"{name}.tif", picture.astype(np.uint8), resolution=(4000, 4000),
                         resolutionunit="CENTIMETER")
        tifffile.imwrite(folder / "masks" / f"{name}.tif", mask)
    return folder


def measured(page) -> None:
    """Measure, and wait for the table."""
    page.get_by_role("tab", name="Measure").click()
    page.locator("[data-action=measure]").click()
    page.locator("#measure-plot circle").first.wait_for(timeout=60_000)


def click_at(studio: Studio, row: float, column: float) -> None:
    """Click at a place of the image that is on screen, all of it."""
    [[y, x]] = studio.on_screen(np.array([[row, column]]), SHAPE)
    studio.page.mouse.click(x, y)


def cells(page, which: str) -> list[str]:
    return page.locator(f"#measure .row{which} .cell").all_inner_texts()


def test_an_object_is_the_same_in_picture_table_and_plot(browser, project):
    with opened(browser, project) as studio:
        page = studio.page
        measured(page)
        page.keyboard.press("0")
        for number, (row, column) in zip((2, 1, 3), MIDDLES, strict=True):  # the larger disc beside it begins higher
            click_at(studio, row, column)
            page.locator("#chosen text", has_text=str(number)).wait_for()
            file, known, *_ = cells(page, ".chosen")
            assert (file, known) == ("mutant a.tif", str(number))
            assert page.locator("#measure-plot .dot.chosen").count() == 1
            studio.picture(f"chosen {number}")
        click_at(studio, 110, 150)  # no object
        page.locator("#chosen[visibility=hidden]").wait_for(state="attached")
        assert page.locator("#measure .row.chosen").count() == 0

        page.locator("#measure .scroller").evaluate("box => { box.scrollTop = 1e6; }")
        page.locator("#measure .row", has_text="wt b.tif").nth(2).click()
        page.locator("#title", has_text="wt b").wait_for()
        page.locator("#chosen[visibility=visible] text", has_text="3").wait_for()
        assert "wt b" in page.locator("#measure-plot .dot.chosen title").text_content()
        page.locator("#measure-plot .dot:not(.here)").first.click()
        page.locator("#title", has_text="mutant").wait_for()
        page.locator("#chosen[visibility=visible]").wait_for()
        assert page.locator("#measure .row.chosen").count() == 1

        page.locator("#measure .scroller").focus()
        before = cells(page, ".chosen")[1]
        page.keyboard.press("ArrowDown")
        page.locator("#chosen text", has_text=str(int(before) + 1)).wait_for()
        page.get_by_role("tab", name="Annotate").click()
        page.locator("#chosen[visibility=hidden]").wait_for(state="attached")


def test_what_is_plotted_is_in_sight_in_the_table(browser, project):
    """Right after what a row is about; and frames are numbered only where there are several."""
    def heads() -> list[str]:
        return page.locator("#measure .table-head .cell").all_inner_texts()

    def in_sight(name: str) -> bool:
        head, box = page.locator("#measure .table-head .cell", has_text=name).first, page.locator("#measure .table-box")
        cell, table = head.bounding_box(), box.bounding_box()
        return cell["x"] + cell["width"] <= table["x"] + table["width"]

    movie = np.stack([discs((10, 11)), discs((12, 13))])
    with opened(browser, project) as studio:
        page = studio.page
        measured(page)
        plotted = page.locator("#column option:checked").inner_text()
        assert heads()[:3] == ["file", "object", plotted]
        assert "frame" not in heads()
        assert in_sight(plotted)
        page.locator("#column").select_option("perimeter_um")
        assert heads()[:3] == ["file", "object", "perimeter (µm)"]
        assert heads().count("perimeter (µm)") == 1
        assert cells(page, ":first-child")[0] == page.locator("#measure .row .cell").first.get_attribute("title")
        studio.picture("table")
        page.set_viewport_size({"width": 1000, "height": 720})
        assert in_sight("perimeter")
        studio.picture("table small")
        page.set_viewport_size({"width": 1280, "height": 720})
        for part, factor in (("images", 90), ("masks", 1)):
            tifffile.imwrite(project / part / "movie.tif", movie * factor, imagej=True, metadata={"axes": "TYX"})
        page.reload()
        studio.ready()
        page.get_by_role("tab", name="Measure").click()
        page.locator("[data-action=measure]").click()
        page.locator("#measure .table-head .cell", has_text="frame").wait_for(timeout=60_000)
        assert heads()[:3] == ["file", "frame", "object"]
        assert in_sight(heads()[3])


def test_a_table_stays_as_it_was_sorted(browser, project):
    """Also when it is measured anew, even in the moment when the head of a column is pressed."""
    def measured_anew() -> None:
        with page.expect_response("**/api/measurements"):
            page.locator("[data-action=measure]").evaluate("button => button.click()")  # the mouse is elsewhere

    def values() -> list[float]:
        return [float(each) for each in page.locator("#measure .row .cell:nth-child(3)").all_inner_texts()]

    with opened(browser, project) as studio:
        page = studio.page
        measured(page)
        head = page.locator("#measure .table-head .cell:nth-child(3)")
        ascending = page.locator("#measure .table-head .cell:nth-child(3)[aria-sort=ascending]")
        assert values() != sorted(values())
        head.hover()
        page.mouse.down()
        measured_anew()
        page.mouse.up()
        ascending.wait_for()
        assert values() == sorted(values())
        measured_anew()
        page.wait_for_timeout(300)  # for the table that came
        assert ascending.count() == 1
        assert values() == sorted(values())
        head.click()
        page.locator("#measure .table-head .cell:nth-child(3)[aria-sort=descending]").wait_for()
        assert values() == sorted(values(), reverse=True)


def test_work_says_what_came_of_it(browser, project):
    """How many objects were measured, and how many masks look unusual: those that Review lists, and no others."""
    predicted = project / "results" / "masks"
    predicted.mkdir(parents=True)
    names = ("wt a.tif", "wt b.tif", "mutant a.tif")
    for name in names:
        shutil.move(project / "masks" / name, predicted / name)
    write_frames(predicted / TABLE, [SegmentedFrame(name, 0, name, "model", 1, 900, flags=("its area jumps",))
                                     for name in names])
    with opened(browser, project) as studio:
        page = studio.page
        job = {"id": "20260101-000000-000", "kind": "segment", "state": "done", "words": "", "sentences": [],
               "done": 1, "total": 1, "left": None, "seconds": 1, "error": None, "command": None,
               "result": {"model": "model", "frames": 1, "failed": {}}}
        page.route("**/api/jobs", lambda route: route.fulfill(json=[job]) if route.request.method == "GET"
                   else route.fallback())
        page.reload()
        studio.ready()
        studio.step("Train")
        page.get_by_text("1 frame segmented.").wait_for()
        page.get_by_text("3 frames look unusual: see Review.").wait_for()
        for stem in ("wt b", "wt a"):
            studio.choose(stem)
            page.keyboard.press("f")
            page.locator("[data-action=finished][aria-pressed=true]").wait_for()
        page.get_by_text("1 frame looks unusual: see Review.").wait_for()
        studio.picture("unusual")
        measured(page)
        page.locator("[data-job=measure]", has_text="6 objects measured.").wait_for()


def test_a_drag_moves_the_view_and_chooses_nothing(browser, project):
    with opened(browser, project) as studio:
        page = studio.page
        measured(page)
        box = page.locator("#view").bounding_box()
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + 60, middle[1] + 40, steps=4)
        page.mouse.up()
        page.wait_for_timeout(400)
        assert page.locator("#chosen[visibility=visible]").count() == 0


def test_a_figure_is_that_of_the_command_line(browser, project):
    with opened(browser, project, permissions=["clipboard-read", "clipboard-write"]) as studio:
        page = studio.page
        measured(page)
        page.locator("#column").select_option("area_um2")
        page.locator("#across").select_option("perimeter_um")
        page.locator("#by").fill("wt|mutant")
        assert page.locator("#measure .key").all_inner_texts() == ["mutant", "wt"]
        assert page.locator("#measure-plot .dot.by-1").count() == 6
        studio.picture("figure")
        with page.expect_download() as download:
            page.locator("[data-action=figure-svg]").click()
        drawn = Path(download.value.path()).read_text()
        assert download.value.suggested_filename == "discs-area_um2-perimeter_um.svg"
        with page.expect_download() as download:
            page.locator("[data-action=figure-png]").click()
        assert Path(download.value.path()).read_bytes()[:4] == b"\x89PNG"
        page.locator("[data-action=figure-command]").click()
        page.locator(".message", has_text="Copied").wait_for()
        command = page.evaluate("navigator.clipboard.readText()")
        page.locator("#by").fill("wt")
        page.locator("#measure [role=status]", has_text="every file needs one").wait_for()
    words = shlex.split(command)
    subprocess.run([sys.executable, "-m", *words], cwd=project, check=True, capture_output=True)
    again = (project / "results" / "figures" / "against.svg").read_text()
    assert undated(again) == undated(drawn)
    for text in ("area (µm²)", "perimeter (µm)", "wt: 2 samples", "mutant: 2 samples"):
        assert text in drawn


def undated(svg: str) -> str:
    return re.sub(r"<dc:date>.*?</dc:date>", "", svg)


def test_large_numbers_are_written_as_people_do(browser, tmp_path):
    folder = tmp_path / "large"
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for number in range(3):
        y, x = np.mgrid[:700, :700]
        mask = (np.hypot(y - 350, x - 350) <= 240 + 40 * number).astype(np.uint8)
        tifffile.imwrite(folder / "images" / f"large {number}.tif", 90 * mask + 10)
        tifffile.imwrite(folder / "masks" / f"large {number}.tif", mask)
    with opened(browser, folder) as studio:
        page = studio.page
        measured(page)
        labels = page.locator("#measure-plot text").all_text_contents()
        studio.picture("large")
        assert "250\u2009000" in labels
        assert not any("e" in label for label in labels if label[0].isdigit())


def checked(page) -> None:
    """Check, and wait for what was found."""
    page.get_by_role("tab", name="Check").click()
    page.locator("[data-action=check]").click()
    page.locator("#findings li").first.wait_for(timeout=60_000)


def test_findings_are_mended_where_they_are_said(browser, project):
    """A copy is left out, the pixel size is set, an empty mask is annotated: and the check says so no more."""
    shutil.copy(project / "images" / "wt a.tif", project / "images" / "wt copy.tif")
    shutil.copy(project / "masks" / "wt a.tif", project / "masks" / "wt copy.tif")
    for path in (project / "images").iterdir():
        tifffile.imwrite(path, tifffile.imread(path))  # without a pixel size
    tifffile.imwrite(project / "masks" / "mutant b.tif", np.zeros(SHAPE, np.uint8))
    with opened(browser, project) as studio:
        page = studio.page
        checked(page)
        studio.picture("findings")
        findings = page.locator("#findings")
        assert "--" not in findings.inner_text()

        findings.get_by_role("button", name="Leave its annotation out").click()
        findings.locator("li", has_text="the same picture").wait_for(state="detached", timeout=60_000)
        assert not (project / "masks" / "wt copy.tif").exists()

        findings.get_by_role("button", name="Set the pixel size").click()
        page.locator("#pixel-size:focus").fill("0.5")
        studio.picture("settings")
        page.locator("[data-action=keep-settings]").click()
        findings.locator("li", has_text="how large a pixel").wait_for(state="detached", timeout=60_000)

        findings.locator("li", has_text="the mask is empty").get_by_role("button", name="Annotate it").click()
        page.locator("#title", has_text="mutant b").wait_for()
        page.locator("html[data-step=annotate]").wait_for(state="attached")


def test_images_that_follow_each_other_are_kept_together(browser, tmp_path):
    """Scenes of two bodies that pass into one another, whose moments are called by letters: one click joins them."""
    folder, rng = tmp_path / "letters", np.random.default_rng(1)
    for part in ("images", "masks"):
        (folder / part).mkdir(parents=True)
    for body in ("wt", "mutant"):
        scenes = ndimage.gaussian_filter(rng.standard_normal((8, *SHAPE)), (0, 3, 3)) * 300 + 120
        for number, letter in enumerate("abcdefg"):
            passing = (scenes[number] + scenes[number + 1]) / 2
            tifffile.imwrite(folder / "images" / f"{body}_{letter}x.tif", passing.clip(0, 255).astype(np.uint8))
            tifffile.imwrite(folder / "masks" / f"{body}_{letter}x.tif", discs((10 + number,)))
    with opened(browser, folder) as studio:
        page = studio.page
        checked(page)
        finding = page.locator("#findings li", has_text="far more alike than others")
        studio.picture("alike")
        finding.get_by_role("button", name="Keep them together").click()
        finding.wait_for(state="detached", timeout=60_000)
        page.locator("#check [data-action=copy-command][title*=names]").wait_for(timeout=60_000)
        page.locator("[data-action=settings]").click()
        assert page.locator("#names").input_value() == "{what}_{ignored}"
        studio.picture("names")
    assert '"names": "{what}_{ignored}"' in (folder / "morula.json").read_text()


ANNOTATED = """async (t) => {
    const [image] = (await (await fetch('/api/project')).json()).images;
    const answer = await fetch(`/api/images/${image.id}/labels/annotation?t=${t}`);
    return [...new Uint8Array(await answer.arrayBuffer())];
}"""
"""The numbers of a frame of the only image, which fits into one tile."""


def test_a_movie_that_jumps_is_mended_from_both_sides(browser, tmp_path):
    """Of a body that grows, two of fifteen masks are nearly lost; they are interpolated, and say so, and taken back."""
    folder, rng = tmp_path / "movie", np.random.default_rng(0)
    masks = np.stack([discs((10 + t if t not in LOST else 3,)) for t in range(15)])
    (folder / "images").mkdir(parents=True)
    (folder / "results" / "masks").mkdir(parents=True)
    pictures = rng.normal(100, 8, masks.shape) + 80 * np.stack([discs((10 + t,)) for t in range(15)])
    for path, stack in (("images", pictures), ("results/masks", masks)):
        tifffile.imwrite(folder / path / "body.tif", stack.astype(np.uint8), imagej=True, metadata={"axes": "TYX"})
    rows = [SegmentedFrame("body.tif", t, "body.tif", "model", 1, int(mask.sum()), MIDDLES[0])
            for t, mask in enumerate(masks)]
    write_frames(folder / "results" / "masks" / TABLE, with_jumps(rows))
    with opened(browser, folder) as studio:
        page = studio.page
        page.get_by_role("tab", name="Review").click()
        marks = page.locator("#moments .jump")
        assert marks.evaluate_all("all => all.map((each) => each.ariaLabel)") == ["Frame 4 jumps", "Frame 11 jumps"]
        assert "2 frames jump" in page.locator("#jumping").inner_text()
        marks.first.click()
        page.locator("#title", has_text="frame 4").wait_for()
        studio.picture("jump")
        page.locator("[data-action=mend]").click()
        page.locator("#review .card", has_text="nobody saw this outline").wait_for()
        studio.picture("mended")
        page.locator("#jumping [data-action=mend-all]").click()
        page.locator("#jumping [data-action=mend-all]").wait_for(state="detached")
        assert marks.count() == 0
        page.locator("html[data-saved=yes]").wait_for(state="attached")
        for t in LOST:
            found = np.array(page.evaluate(ANNOTATED, t)).reshape(masks.shape[1:]) == 1
            wanted = discs((10 + t,)) == 1
            assert (found & wanted).sum() / (found | wanted).sum() > 0.95
        page.wait_for_timeout(1500)
        assert not (folder / "masks" / "body.tif").exists()  # no model learns what nobody saw
        page.locator("[data-action=take-back]").click()
        page.locator("[data-action=mend]").wait_for()
        assert marks.count() == 1
        page.keyboard.press("Control+z")  # what was taken back
        page.locator("#review .card", has_text="nobody saw this outline").wait_for()
        assert sum(each == 1 for each in page.evaluate(ANNOTATED, LOST[0])) > 0.9 * discs((10 + LOST[0],)).sum()
        page.keyboard.press("Control+z")  # and the mending itself
        page.locator("[data-action=mend]").wait_for()
        page.locator("html[data-saved=yes]").wait_for(state="attached")
        assert page.evaluate(ANNOTATED, LOST[0]) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_shut_out_of_the_results(browser, project, scheme):
    """axe-core finds nothing serious where there is a table, and an object that was chosen."""
    from axe_playwright_python.sync_playwright import Axe

    with opened(browser, project, color_scheme=scheme) as studio:
        page = studio.page
        measured(page)
        page.locator("#measure .row").nth(1).click()
        page.locator("#by").fill("wt|mutant")
        page.locator("#chosen[visibility=visible]").wait_for()
        studio.picture(f"measure {scheme}")
        found = Axe().run(page).response["violations"]
        serious = [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found
                   if each["impact"] in ("serious", "critical")]
        assert not serious
