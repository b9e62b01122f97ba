"""What the tests of the plug-in share: a screen that nobody sees, a napari on it, and a movie."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import tifffile


@pytest.fixture(scope="session")
def screen() -> Iterator[None]:
    """Where there is no screen, one in memory: napari draws with OpenGL, which Qt alone has none of."""
    if sys.platform != "linux" or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ:
        yield
        return
    if not shutil.which("Xvfb"):
        assert not os.environ.get("MORULA_NEEDS_NAPARI"), "there is no Xvfb"
        pytest.skip("there is neither a screen nor Xvfb here")
    reading, writing = os.pipe()
    with subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24"], pass_fds=[writing],
                          stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as told:
            os.environ["DISPLAY"] = f":{told.readline().strip()}"
        yield
        del os.environ["DISPLAY"]
        server.terminate()


@pytest.fixture
def viewer(screen) -> Iterator:
    """A window of napari."""
    import napari

    shown = napari.Viewer(show=False)
    yield shown
    shown.close()


@pytest.fixture
def until():
    """Let napari go on until something is so."""
    from qtpy.QtWidgets import QApplication

    def wait_until(is_so: Callable[[], bool], seconds: float = 300.0) -> bool:
        end = time.monotonic() + seconds
        while not is_so() and time.monotonic() < end:
            QApplication.processEvents()
            time.sleep(0.02)  # each call of PySide 6.12 takes a reference of None away, until there is none
        QApplication.processEvents()
        return is_so()

    return wait_until


@pytest.fixture
def wait(until):
    """Let napari go on until a widget's work is done, and give what it says then."""

    def until_done(work) -> str:
        assert until(lambda: not work.busy), work.words.value
        assert "A fault in Morula" not in work.words.value
        return work.words.value

    return until_done


@pytest.fixture
def discs() -> tuple[np.ndarray, np.ndarray]:
    """A movie of bright discs on noise, uint8 `(5, 96, 96)`, and labels of its first and fourth frame."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:96, :96]
    inside = np.stack([(y - 40 - 3 * t) ** 2 + (x - 50) ** 2 < 24**2 for t in range(5)])
    movie = (rng.normal(60, 8, inside.shape) + 90 * inside).astype(np.uint8)
    labels = inside.astype(np.int64)
    labels[[1, 2, 4]] = 0
    return movie, labels


@pytest.fixture
def opened(viewer, discs, tmp_path):
    """The movie, from a file with pixels of 0.65 µm."""
    tifffile.imwrite(tmp_path / "discs.tif", discs[0], imagej=True, resolution=(1 / 0.65, 1 / 0.65),
                     metadata={"axes": "TYX", "unit": "um"})
    [layer] = viewer.open(str(tmp_path / "discs.tif"), plugin="morula")
    return layer


@pytest.fixture
def widget(viewer) -> Callable:
    """Opens a widget of the plug-in by its name."""

    def open_widget(name: str):
        return viewer.window.add_plugin_dock_widget("morula", name)[1]

    return open_widget
