"""The studio in a browser, as a person has it before them: what the tests that go the whole way share."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

MARGIN = 0.96
"""Of the view that a frame fills when all of it is shown."""
PICTURES = os.environ.get("MORULA_STUDIO_PICTURES")
"""A folder for pictures of each step; none are taken where it is not given."""


class Studio:
    """A page that is open, and the hands of the person before it; `server` is the number of the process behind it."""

    def __init__(self, page, folder: Path, server: int = 0):
        self.page, self.folder, self.server = page, folder, server
        self.problems: list[str] = []
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))

    def ready(self) -> None:
        self.page.locator("html[data-ready=yes]").wait_for(state="attached")

    def saved(self) -> None:
        self.page.locator("html[data-saved=yes]").wait_for(state="attached")

    def step(self, name: str) -> None:
        self.page.get_by_role("tab", name=name).click()

    def count_clicks(self) -> None:
        """From now on, of all but the view, where one draws."""
        self.page.evaluate("""() => {
            window.clicks = 0;
            const count = (event) => { window.clicks += event.isTrusted && !event.target.closest('#view'); };
            document.addEventListener('click', count, true);
        }""")

    @property
    def clicks(self) -> int:
        return self.page.evaluate("window.clicks")

    def choose(self, stem: str) -> None:
        """A frame, by its name in the gallery, going on from where it is."""
        for _ in range(60):
            shown = self.page.locator("#title").inner_text()
            if shown.startswith(stem):
                return
            self.page.keyboard.press("n" if shown < stem else "p")
        raise AssertionError(f"{stem} was not found")

    def on_screen(self, points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
        """Where points of a frame `(points, 2)` are on the screen while all of it is shown, as rows and columns."""
        box = self.page.locator("#view").bounding_box()
        zoom = MARGIN * min(box["width"] / shape[1], box["height"] / shape[0])
        middle = np.array([box["y"] + box["height"] / 2, box["x"] + box["width"] / 2])
        return middle + (points + 0.5 - np.array(shape) / 2) * zoom

    def draw_around(self, outline: np.ndarray, shape: tuple[int, int], *, wait: bool = True) -> None:
        """Hold the button down and follow an outline `(points, 2)`, rows and columns; wait until it is saved."""
        places, mouse = self.on_screen(outline, shape), self.page.mouse
        mouse.move(places[0, 1], places[0, 0])
        mouse.down()
        for y, x in places[1:]:
            mouse.move(x, y)
        mouse.up()
        if wait:
            self.saved()

    def wait_for(self, kind: str, minutes: float) -> dict:
        """The end of a job."""
        script = """async (kind) => {
            const jobs = await (await fetch('/api/jobs')).json();
            const job = jobs.find((each) => each.kind === kind);
            return job && !['waiting', 'running'].includes(job.state) ? job : null;
        }"""
        for _ in range(int(minutes * 240)):
            if job := self.page.evaluate(script, kind):
                assert job["state"] == "done", job
                return job
            self.page.wait_for_timeout(250)
        raise AssertionError(f"{kind} did not end")

    def picture(self, name: str) -> None:
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{name}.png")

    def download(self, name: str) -> bytes:
        with self.page.expect_download() as download:
            self.page.locator(f"a[href$='/api/export/{name}']").first.click()
        return Path(download.value.path()).read_bytes()


@contextmanager
def chromium(*arguments: str) -> Iterator:
    """Chromium, as the system has it, with more arguments."""
    from playwright.sync_api import sync_playwright

    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        assert not os.environ.get("MORULA_NEEDS_BROWSER"), "there is no Chromium"
        pytest.skip("there is no Chromium here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", *arguments])
        yield browser
        browser.close()


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """`morula studio` on a folder: the link that opens it, and the number of its process."""
    command = [sys.executable, "-u", "-m", "morula", "studio", str(folder), "--no-browser"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        said = ""
        while not (link := re.search(r"http://\S+token=\S+", said)):
            line = process.stderr.readline()
            assert line, said
            said += line
        yield link[0], process.pid
    finally:
        process.terminate()
        process.wait(20)
    left = process.stderr.read()
    assert not re.search("Traceback|ERROR", left), left


@contextmanager
def opened(browser, folder: Path, **context) -> Iterator[Studio]:
    """`morula studio` on a folder, and its page."""
    with served(folder) as (link, server):
        page = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **context}).new_page()
        studio = Studio(page, folder, server)
        page.goto(link)
        studio.ready()
        yield studio
        page.close()
        assert not studio.problems, studio.problems


def outline_of(mask: np.ndarray) -> np.ndarray:
    """The longest outline of a mask, as points, rows and columns."""
    from skimage.measure import find_contours

    longest = max(find_contours(np.pad(mask.astype(float), 1), 0.5), key=len) - 1
    return longest[:: max(1, len(longest) // 150)]


def iou(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def command_line(command: str, folder: Path, *more: str) -> None:
    """Type a command that the studio said."""
    words = [*shlex.split(command), *more]
    assert words[0] == "morula"
    subprocess.run([sys.executable, "-m", *words], cwd=folder, check=True, capture_output=True)
