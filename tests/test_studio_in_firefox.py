"""The studio in Firefox: opened, drawn in, a first mask, a training. Spoken to by Firefox's own remote protocol."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import tifffile

from browser import iou, served
from morula.workflows import draw

pytestmark = pytest.mark.slow

ORIGIN = "viewport"


class Firefox:
    """A window of Firefox; commands and answers are lists in JSON, each with its length before it."""

    def __init__(self, connection: socket.socket):
        self._file, self._numbers = connection.makefile("rwb"), count(1)
        self._read()
        self.ask("WebDriver:NewSession")

    def ask(self, command: str, **what):
        number = next(self._numbers)
        text = json.dumps([0, number, command, what]).encode()
        self._file.write(b"%d:%s" % (len(text), text))
        self._file.flush()
        _, answered, error, result = self._read()
        assert (answered, error) == (number, None)
        return result

    def _read(self):
        digits = b"".join(iter(lambda: self._file.read(1), b":"))
        return json.loads(self._file.read(int(digits)))

    def run(self, script: str):
        """What a script returns, whose names stay from one to the next."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=[], sandbox="kept", newSandbox=False)["value"]

    def wait_for(self, condition: str, seconds: float = 30) -> None:
        for _ in range(int(seconds * 10)):
            if self.run(f"return Boolean({condition})"):
                return
            time.sleep(0.1)
        raise AssertionError(f"{condition} never came true: {self.run('return document.body.innerText')}")

    def drag(self, places: np.ndarray) -> None:
        """Hold the button down and follow points `(points, 2)` of the window, x and y."""
        moves = [{"type": "pointerMove", "x": int(x), "y": int(y), "duration": 5, "origin": ORIGIN} for x, y in places]
        actions = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        self._perform("pointer", "mouse", actions, parameters={"pointerType": "mouse"})
        self.wait_for("document.documentElement.dataset.saved === 'yes'")

    def press(self, key: str) -> None:
        self._perform("key", "keys", [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}])

    def click(self, selector: str) -> None:
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def _perform(self, kind: str, name: str, actions: list[dict], **more) -> None:
        self.ask("WebDriver:PerformActions", actions=[{"type": kind, "id": name, "actions": actions, **more}])


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    """Firefox, as the system has it."""
    found = shutil.which("firefox") or shutil.which("firefox-esr")
    if found is None:
        assert not os.environ.get("MORULA_NEEDS_FIREFOX"), "there is no Firefox"
        pytest.skip("there is no Firefox here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
    command = [found, "--headless", "--marionette", "--profile", str(profile), "--width", "1280", "--height", "800"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            try:
                connection = socket.create_connection(("127.0.0.1", port), timeout=60)
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        with connection:
            yield Firefox(connection)
    finally:
        process.terminate()
        process.wait(30)


def test_a_first_mask_and_a_training(firefox, tmp_path):
    made = draw("gastruloids", tmp_path / "drawn", count=3, movies=3, seed=5)
    folder = tmp_path / "gastruloids"
    shutil.copytree(made.images, folder / "images")
    names = sorted(path.name for path in (folder / "images").iterdir())
    truth = {name: tifffile.imread(made.masks / name) > 0 for name in names}
    with served(folder) as (link, _):
        firefox.ask("WebDriver:Navigate", url=link)
        firefox.wait_for("document.documentElement.dataset.ready === 'yes'")
        firefox.run("this.problems = []; for (const kind of ['error', 'unhandledrejection']) "
                    "window.addEventListener(kind, (event) => problems.push(String(event.message ?? event.reason)));")
        left, top, width, height = firefox.run(
            "const { left, top, width, height } = document.getElementById('view').getBoundingClientRect();"
            "return [left, top, width, height];")
        for name in names[:2]:
            firefox.wait_for(f"document.getElementById('title').textContent === {json.dumps(name)}")
            zoom = 0.96 * min(width / truth[name].shape[1], height / truth[name].shape[0])
            middle = np.array([left + width / 2, top + height / 2])
            towards = (np.argwhere(truth[name]).mean(0) - np.array(truth[name].shape) / 2)[::-1] * zoom
            reach = 0.43 * zoom * min(truth[name].shape)
            firefox.press("b")
            firefox.drag(middle + towards + np.array([[-60, -30], [60, -30], [60, 30], [-60, 30]]))
            firefox.press("g")
            for row in (-reach, reach):
                firefox.drag(middle + np.array([[-0.7 * reach, row], [0.7 * reach, row]]))
            firefox.wait_for("document.getElementById('preview').textContent.includes('mask from your strokes')")
            time.sleep(1)
            firefox.click("[data-action=from-prediction]")
            time.sleep(1)
            firefox.press("f")
            firefox.wait_for("document.querySelector('[data-action=finished][aria-pressed=true]')")
            firefox.press("n")
        for layer in ("annotation", "prediction"):
            firefox.click(f"[data-layer={layer}]")
            firefox.click(f"[data-layer={layer}]")
        firefox.click("#step-train")
        firefox.run("const minutes = document.getElementById('minutes'); minutes.value = '0.1';"
                    "minutes.dispatchEvent(new window.Event('change'));")
        firefox.click("[data-action=train]")
        firefox.wait_for("document.querySelector('[data-job=train][data-state=done] .result')", 180)
        firefox.wait_for("document.querySelector('.curve-box svg')")
        assert firefox.run("return problems") == []
    for name in names[:2]:
        assert iou(tifffile.imread(folder / "masks" / name) == 1, truth[name]) > 0.7
