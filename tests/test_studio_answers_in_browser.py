"""What networks answer in the studio, in a real browser: the frame on screen while one learns and after, and what next.
"""

from __future__ import annotations

import os
import shutil

import pytest
import tifffile

from browser import iou, opened
from morula.jobs.job_queue import Job
from morula.projects.project import Project
from morula.workflows import draw

pytestmark = pytest.mark.slow

MINUTES = float(os.environ.get("MORULA_STUDIO_MINUTES", "0.5"))
"""That a training takes."""


def test_a_network_answers_while_it_learns_and_after(browser, tmp_path):
    """Ten gastruloids, four of them annotated: the last is looked at."""
    made = draw("gastruloids", tmp_path / "drawn", count=10, seed=3)
    folder = tmp_path / "gastruloids"
    names = sorted(path.name for path in made.images.iterdir())
    known, last = names[:8:2], names[9]
    shutil.copytree(made.images, folder / "images")
    (folder / "masks").mkdir()
    for name in known:
        shutil.copy(made.masks / name, folder / "masks" / name)
    with opened(browser, folder) as studio:
        page = studio.page
        page.locator("#gallery").press("End")
        studio.step("Train")
        assert page.locator("[data-action=suggest]").is_disabled()
        page.locator("#minutes").fill(f"{MINUTES:g}")
        page.locator("[data-action=train]").click()
        emerging = page.locator(".emerging img")
        emerging.wait_for(timeout=120_000)
        assert last in page.locator(".emerging figcaption").inner_text()
        assert emerging.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
        studio.picture("emerging")
        trained = studio.wait_for("train", 3 * MINUTES + 12)
        emerging.wait_for(state="hidden")
        page.locator("[data-job=train]").get_by_text(trained["result"]["outlook"]).wait_for()

        studio.step("Annotate")
        page.locator("#preview", has_text="Dashed: mask by model-1").wait_for()
        studio.picture("preview")
        page.get_by_role("button", name="The dashed mask").click()
        page.keyboard.press("f")
        page.locator("[data-action=finished][aria-pressed=true]").wait_for()
        for _ in range(40):
            if (folder / "masks" / last).exists():
                break
            page.wait_for_timeout(250)
        assert iou(tifffile.imread(folder / "masks" / last) == 1, tifffile.imread(made.masks / last) > 0) > 0.85
        assert not (folder / "results").exists()  # nothing was segmented for that

        studio.step("Train")
        page.locator("[data-action=suggest]").click()
        studio.wait_for("suggest", 3)
        page.locator("[data-job=suggest]").get_by_text(trained["result"]["outlook"]).wait_for()
        suggested = page.locator("#suggested button")
        assert sorted(suggested.all_inner_texts()) == sorted({*names} - {*known, last})
        suggested.first.scroll_into_view_if_needed()
        studio.picture("suggested")
        name = suggested.last.inner_text()
        suggested.last.click()
        assert page.locator("#title").inner_text() == name
        assert page.locator("#annotate").is_visible()
        page.keyboard.press("f")
        studio.step("Train")
        page.locator("#suggested li", has_text=name).get_by_role("img", name="finished").wait_for()


def test_annotations_that_are_probably_wrong_are_a_click_away(browser, tmp_path):
    """What a training has said of them, as its job has left it."""
    draw("gastruloids", tmp_path / "drawn", count=6, seed=3)
    project = Project(tmp_path / "drawn")
    first, *_, last = project.sources()
    (project.hidden / "jobs").mkdir(parents=True)
    words = "2 of 24 annotations deserve a second look; about 1 will turn out to be wrong."
    listed = [{"id": source.id, "t": 0, "reason": reason}
              for source, reason in ((last, "lies 7 px to the right"), (first, "is <b>another</b> frame's"))]
    gone = {"id": "of an image that is gone", "t": 0, "reason": "is not shown"}
    Job("0" * 15, "train", state="done", result={"model": "model-1.safetensors", "validation_iou": None, "outlook": "",
                                            "second_look": {"words": words, "frames": [*listed, gone]}}
        ).write(project.hidden / "jobs")
    with opened(browser, project.folder) as studio:
        studio.step("Train")
        told = studio.page.locator("[data-job=train]")
        told.get_by_text(words).wait_for()
        assert told.locator("#second-look li").count() == 2
        assert told.locator("#second-look li").last.inner_text().endswith("is <b>another</b> frame's")
        studio.picture("second look")
        told.get_by_role("button", name=last.name).click()
        assert studio.page.locator("#title").inner_text() == last.name
        assert studio.page.locator("#annotate").is_visible()
