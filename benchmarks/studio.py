"""How quickly the studio answers in a browser, at rest and while a network learns.

    python benchmarks/studio.py            # writes a table; takes about four minutes

A brush stroke on a frame of 2048 × 2048, the next frame, a first mask from strokes, one by a network, the first page of
a project of a thousand frames, the first pixels of a TIFF of 20,000 × 20,000: each is timed from the press of a key,
the end of a stroke or the opening of the link to the picture on the screen.
"""

from __future__ import annotations

import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tifffile
from playwright.sync_api import Page, sync_playwright

from morula.workflows import draw

HUGE, LARGE, MANY = 20_000, 2048, 1000
FRAMES, STROKES, NEXT = 32, 3, 26

STEPS = """() => {
    window.steps = [];
    document.querySelector('#view').addEventListener('pointermove', () => {
        const began = performance.now();
        const channel = new MessageChannel();
        requestAnimationFrame(() => {
            channel.port1.onmessage = () => window.steps.push(performance.now() - began);
            channel.port2.postMessage(0);
        });
    }, { capture: true });
}"""
"""From a move of the pointer to when what it drew is on the screen."""

SKETCHES = """() => {
    performance.setResourceTimingBufferSize(100000);
    return performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/labels/preview')).length;
}"""
"""Parts of first masks that came."""


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        folder = Path(temporary)
        many, large, huge = _many(folder / "many"), _large(folder / "large"), _huge(folder / "huge")
        for words, learning in (("at rest", False), ("while a network learns", True)):
            print(f"{words}:")
            with _studio(large) as link:
                page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
                page.goto(link)
                _ready(page)
                if learning:
                    _learn(page)
                print(f"  a step of the brush on {LARGE}²: " + _said(_brush(page)))
                print("  the next frame: " + _said(_next(page)))
                print("  a first mask from strokes: " + _said(_sketch(page)))
                _stop(page)
            for name, project in ((f"first page of {MANY:,} frames", many), (f"first pixels of {HUGE:,}²", huge)):
                with _studio(project) as link:
                    page = browser.new_page()
                    began = time.perf_counter()
                    page.goto(link)
                    _ready(page)
                    _shown(page)
                    print(f"  {name}: {time.perf_counter() - began:.2f} s")
        with _studio(many) as link:
            page = browser.new_page()
            page.goto(link)
            _ready(page)
            _learn(page, minutes=0.2, wait=0)
            _wait(page)
            page.wait_for_timeout(10_000)  # the network is loaded
            print("with a network:\n  a mask of a frame of 256²: " + _said(_previewed(page)))
        browser.close()


def _brush(page: Page) -> list[float]:
    page.locator("[data-tool=brush]").click()
    page.evaluate(STEPS)
    box = page.locator("#view").bounding_box()
    assert box
    for stroke in range(STROKES):
        page.mouse.move(box["x"] + 60, box["y"] + 150 + 80 * stroke)
        page.mouse.down()
        for step in range(80):
            page.mouse.move(box["x"] + 60 + 6 * step, box["y"] + 150 + 80 * stroke + 20 * np.sin(step / 5))
        page.mouse.up()
    return page.evaluate("window.steps")


def _next(page: Page) -> list[float]:
    seconds = []
    for _ in range(NEXT):
        began = time.perf_counter()
        page.keyboard.press("n")
        _shown(page)
        seconds.append(1e3 * (time.perf_counter() - began))
        page.wait_for_timeout(300)
    return seconds


def _sketch(page: Page) -> list[float]:
    """From the end of the stroke that made a first mask possible, or better."""
    seconds = []
    for tool, above in (("background", 60), ("brush", 300), ("brush", 340), ("background", 90)):
        page.locator(f"[data-tool={tool}]").click()
        box = page.locator("#view").bounding_box()
        assert box
        sketched = page.evaluate(SKETCHES)
        page.mouse.move(box["x"] + 300, box["y"] + above)
        page.mouse.down()
        page.mouse.move(box["x"] + 420, box["y"] + above, steps=20)
        page.mouse.up()
        began = time.perf_counter()
        while page.evaluate(SKETCHES) == sketched:
            page.wait_for_timeout(10)
        seconds.append(1e3 * (time.perf_counter() - began))
    return seconds[1:]


def _stop(page: Page) -> None:
    """End what runs, since it would outlive the server."""
    page.evaluate("""fetch('/api/jobs').then((answer) => answer.json()).then((jobs) => Promise.all(jobs.map(({ id }) =>
        fetch(`/api/jobs/${id}/stop`, { method: 'POST', headers: { 'X-Morula': '1' } }))))""")
    _wait(page)


def _wait(page: Page) -> None:
    """Until no job runs."""
    while any(job["state"] in ("waiting", "running")
              for job in page.evaluate("fetch('/api/jobs').then((answer) => answer.json())")):
        page.wait_for_timeout(200)


def _previewed(page: Page) -> list[float]:
    """From the key that shows a frame to the numbers of the mask that a network drew of it."""
    seconds = []
    for _ in range(NEXT):
        seen = page.evaluate(SKETCHES)
        began = time.perf_counter()
        page.keyboard.press("n")
        while page.evaluate(SKETCHES) == seen:
            page.wait_for_timeout(5)
        seconds.append(1e3 * (time.perf_counter() - began))
        page.wait_for_timeout(500)
    return seconds


def _learn(page: Page, minutes: float = 3, wait: int = 20_000) -> None:
    for _ in range(3):
        page.locator("[data-tool=encircle]").click()
        box = page.locator("#view").bounding_box()
        assert box
        page.mouse.move(box["x"] + 300, box["y"] + 200)
        page.mouse.down()
        for x, y in ((500, 200), (500, 400), (300, 400)):
            page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.up()
        page.keyboard.press("f")
        page.wait_for_timeout(500)
        page.keyboard.press("n")
        page.wait_for_timeout(500)
    page.evaluate("""(minutes) => fetch('/api/jobs', { method: 'POST', body: JSON.stringify({ kind: 'train', minutes }),
                                    headers: { 'Content-Type': 'application/json', 'X-Morula': '1' } })""", minutes)
    page.wait_for_timeout(wait)


def _said(values: list[float]) -> str:
    return (f"median {statistics.median(values):.0f} ms, 95 % within {np.percentile(values, 95):.0f} ms, "
            f"{len(values)} times")


def _ready(page: Page) -> None:
    page.locator("html[data-ready=yes]").wait_for(state="attached")


def _shown(page: Page) -> None:
    """All tiles of the view are on the screen."""
    page.locator("#view[aria-busy=false]").wait_for(state="attached")


def _many(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(MANY):
        tifffile.imwrite(folder / "images" / f"t{number:04}.tif", rng.integers(0, 255, (256, 256), np.uint8))
    return folder


def _large(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(FRAMES):
        tifffile.imwrite(folder / "images" / f"t{number:02}.tif",
                         rng.integers(0, 4000, (LARGE, LARGE)).astype(np.uint16))
    return folder


def _huge(folder: Path) -> Path:
    (folder / "images").mkdir(parents=True)
    part = draw("gastruloids", folder / "drawn", count=1, movies=1)
    cells = tifffile.imread(next(part.images.iterdir()))
    shutil.rmtree(folder / "drawn")
    times = -(-HUGE // len(cells))
    tifffile.imwrite(folder / "images" / "slide.tif", np.tile(cells, (times, times))[:HUGE, :HUGE].astype(np.uint8),
                     tile=(512, 512), compression="zlib")
    return folder


@contextmanager
def _studio(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-u", "-m", "morula", "studio", str(folder), "--no-browser"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    said = ""
    while not (link := re.search(r"http://\S+token=\S+", said)):
        said += process.stderr.readline()
    try:
        yield link[0]
    finally:
        process.terminate()
        process.wait()


def _chromium() -> str:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))


if __name__ == "__main__":
    main()
