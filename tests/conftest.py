"""What all tests share."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

if "PYTEST_XDIST_WORKER" in os.environ:  # before numpy and torch count the cores, which the workers share
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import numpy as np
import pytest
import tifffile
from hypothesis import settings
from typer.testing import CliRunner

from browser import chromium
from elsewhere import SECRET
from morula import cli

# How long an example takes says more about the machine than about the subject.
settings.register_profile("morula", deadline=None)
settings.load_profile("morula")


def pytest_configure() -> None:
    """Let Ctrl-C stop what tests start: a shell has it ignored by all that it runs in the background."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no core waits for another at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


REAL_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture
def real_data() -> Path:
    """The folder of real images; a test that asks for it is skipped in a clone that stands alone."""
    if not REAL_DATA.is_dir():
        pytest.skip("the real images are not here")
    return REAL_DATA


@pytest.fixture(scope="module")
def browser() -> Iterator:
    """Chromium, as the system has it."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with room for 200 KB; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    made = mount and subprocess.run([mount, "-t", "tmpfs", "-o", "size=200k", "tmpfs", disk], capture_output=True,
                                    check=False)
    if not made or made.returncode:
        pytest.skip("only root can make a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=False)


@pytest.fixture
def run():
    """The command line, in this process: `run("check", images, masks)`."""

    def typed(*words: str | Path | int | float):
        return CliRunner().invoke(cli.app, [str(word) for word in words])

    return typed


def runs_of(numbers: np.ndarray) -> list[int]:
    """Runs as a page makes them, written apart from what reads them."""
    runs: list[int] = []
    for number in numbers.ravel().tolist():
        if runs and runs[-2] == number:
            runs[-1] += 1
        else:
            runs += [number, 1]
    return runs


def in_disc(height: int = 60, width: int = 80, *, centre: tuple[int, int] = (30, 40), radius: int = 12) -> np.ndarray:
    """Whether each pixel lies in a disc."""
    y, x = np.mgrid[:height, :width]
    return (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2


def stroke_of(number: int = 1, *, t: int = 0, **of_disc) -> dict:
    """A disc of one number, as a page sends it."""
    return {"t": t, "box": [0, 0, 80, 60], "runs": runs_of(np.where(in_disc(**of_disc), number, -1))}


@pytest.fixture
def disc():
    """Discs of any place and size: whether each pixel of 60 × 80 lies inside."""
    return in_disc


@pytest.fixture
def stroke():
    """Strokes that draw such discs."""
    return stroke_of


@pytest.fixture
def runs():
    """Numbers as runs."""
    return runs_of


@pytest.fixture
def named():
    """The image of a project by its name."""
    return lambda project, stem: next(source for source in project.sources() if source.path.stem == stem)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with five images of a bright disc each, a movie of three frames, and a volume of four slices."""
    images = tmp_path / "discs" / "images"
    images.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(5):
        grey = rng.normal(100, 8, (60, 80)) + 80 * in_disc(centre=(25 + 2 * number, 30 + 5 * number))
        tifffile.imwrite(images / f"disc {number}.tif", grey.astype(np.uint8))
    movie = np.stack([in_disc(centre=(30, 30 + 5 * t)) for t in range(3)]) * 1000 + rng.integers(0, 90, (3, 60, 80))
    tifffile.imwrite(images / "movie.tif", movie.astype(np.uint16), imagej=True, metadata={"axes": "TYX"})
    volume = rng.integers(0, 200, (4, 30, 40)).astype(np.uint8)
    tifffile.imwrite(images / "volume.tif", volume, imagej=True, metadata={"axes": "ZYX"})
    return images.parent


@pytest.fixture
def project(folder: Path):
    """The same, opened."""
    from morula.projects.project import Project

    return Project(folder)


@pytest.fixture(scope="session")
def s3() -> Iterator[dict[str, str]]:
    """What s3fs is told of a server of buckets on this machine."""
    if missing := [name for name in ("moto", "s3fs") if find_spec(name) is None]:
        assert not os.environ.get("MORULA_NEEDS_URLS"), f"{missing} are not installed"
        pytest.skip(f"{' and '.join(missing)} are not installed")
    from moto.server import ThreadedMotoServer

    buckets = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    buckets.start()
    host, port = buckets.get_host_and_port()
    yield {"endpoint_url": f"http://{host}:{port}", "key": "AKIAIOSFODNN7EXAMPLE", "secret": SECRET}
    buckets.stop()
