"""What networks answer in the studio, in a real browser: the frame on screen while one learns and after, and what next.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import tifffile

from morula.workflows import draw

pytestmark = pytest.mark.slow

MINUTES = float(os.environ.get("MORULA_STUDIO_MINUTES", "0.5"))
"""That a training takes."""
PICTURES = os.environ.get("MORULA_STUDIO_PICTURES")
"""A folder for pictures of each step; none are taken where it is not given."""


@contextmanager
def opened(folder: Path) -> Iterator:
    """`morula studio` on a folder, and its page in Chromium, as the system has it."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        assert not os.environ.get("MORULA_NEEDS_BROWSER"), "there is no Chromium"
        pytest.skip("there is no Chromium here")
    command = [sys.executable, "-u", "-m", "morula", "studio", str(folder), "--no-browser"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    problems = []
    try:
        said = ""
        while not (link := re.search(r"http://\S+token=\S+", said)):
            line = process.stderr.readline()
            assert line, said
            said += line
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
            page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda told: told.type == "error" and problems.append(told.text))
            page.goto(link[0])
            page.locator("html[data-ready=yes]").wait_for(state="attached")
            yield page
            browser.close()
        assert not problems
    finally:
        process.terminate()
        process.wait(20)


def finished(page, kind: str, minutes: float) -> dict:
    """The end of a job."""
    script = """async (kind) => {
        const jobs = await (await fetch('/api/jobs')).json();
        return jobs.find((job) => job.kind === kind && !['waiting', 'running'].includes(job.state)) ?? null;
    }"""
    for _ in range(int(minutes * 240)):
        if job := page.evaluate(script, kind):
            assert job["state"] == "done", job
            return job
        page.wait_for_timeout(250)
    raise AssertionError(f"{kind} did not end")


def picture(page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png")


def step(page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_a_network_answers_while_it_learns_and_after(tmp_path):
    """Ten gastruloids, four of them annotated: the last is looked at."""
    made = draw("gastruloids", tmp_path / "drawn", count=10, seed=3)
    folder = tmp_path / "gastruloids"
    names = sorted(path.name for path in made.images.iterdir())
    known, last = names[:8:2], names[9]
    shutil.copytree(made.images, folder / "images")
    (folder / "masks").mkdir()
    for name in known:
        shutil.copy(made.masks / name, folder / "masks" / name)
    with opened(folder) as page:
        page.locator("#gallery").press("End")
        step(page, "Train")
        assert page.locator("[data-action=suggest]").is_disabled()
        page.locator("#minutes").fill(f"{MINUTES:g}")
        page.locator("[data-action=train]").click()
        emerging = page.locator(".emerging img")
        emerging.wait_for(timeout=120_000)
        assert last in page.locator(".emerging figcaption").inner_text()
        assert emerging.evaluate("image => image.decode().then(() => image.naturalWidth)") > 100
        picture(page, "emerging")
        trained = finished(page, "train", 3 * MINUTES + 4)
        emerging.wait_for(state="hidden")
        page.locator("[data-job=train]").get_by_text(trained["result"]["outlook"]).wait_for()

        step(page, "Annotate")
        page.locator("#preview", has_text="Dashed: mask by model-1").wait_for()
        picture(page, "preview")
        page.get_by_role("button", name="The dashed mask").click()
        page.keyboard.press("f")
        page.locator("[data-action=finished][aria-pressed=true]").wait_for()
        for _ in range(40):
            if (folder / "masks" / last).exists():
                break
            page.wait_for_timeout(250)
        assert iou(tifffile.imread(folder / "masks" / last) == 1, tifffile.imread(made.masks / last) > 0) > 0.85
        assert not (folder / "results").exists()  # nothing was segmented for that

        step(page, "Train")
        page.locator("[data-action=suggest]").click()
        finished(page, "suggest", 3)
        page.locator("[data-job=suggest]").get_by_text(trained["result"]["outlook"]).wait_for()
        suggested = page.locator("#suggested button")
        assert sorted(suggested.all_inner_texts()) == sorted({*names} - {*known, last})
        suggested.first.scroll_into_view_if_needed()
        picture(page, "suggested")
        name = suggested.last.inner_text()
        suggested.last.click()
        assert page.locator("#title").inner_text() == name
        assert page.locator("#annotate").is_visible()
        page.keyboard.press("f")
        step(page, "Train")
        page.locator("#suggested li", has_text=name).get_by_role("img", name="finished").wait_for()
