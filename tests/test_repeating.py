"""The same images, settings and seed come to the same model and masks, wherever and however a command is run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from campaign.works import prepare
from morula.images.read import open_image
from morula.models.file import TEXTS
from morula.models.model import Model
from morula.models.sealed import read_sealed
from morula.segmenting.frames import read_frames

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="Windows has neither umask nor locales")]
WEIGHTS = 0.01
"""By how much a weight may differ where other numbers of threads add up in bfloat16."""
TRAINED = """
import os, sys
from pathlib import Path
os.umask(int(sys.argv[4], 8))
from morula.workflows import segment, train
folder, out, backwards = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "backwards"
images = sorted((folder / "images").iterdir(), reverse=backwards)
trained = train(images, folder / "masks", out / "m.safetensors", steps=12, quick=True, width=4, depth=2, seed=3)
segment(trained.model, images, out / "masks", flips=False)
"""
PLAIN = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}


def made(folder: Path, out: Path, order: str = "forwards", umask: str = "022", **variables: str) -> Path:
    """Train and segment in a process of its own, which runs in the folder `out`."""
    out.mkdir()
    subprocess.run([sys.executable, "-c", TRAINED, folder, out, order, umask], cwd=out, check=True,
                   env={**os.environ, **PLAIN, **variables}, capture_output=True)
    return out


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> tuple[Path, Path]:
    """A folder of images and masks, and what comes of it."""
    place = tmp_path_factory.mktemp("plain")
    prepare(place / "data")
    return place / "data", made(place / "data", place / "out")


def weights(out: Path) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in Model.load(out / "m.safetensors").network.state_dict().items()}


def masks(out: Path) -> dict[str, np.ndarray]:
    return {path.name: open_image(path).array() for path in sorted((out / "masks").glob("*.tif"))}


def locales() -> list[str]:
    """All that the system has, and the two that every system has."""
    there = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.split()
    return ["C", *(name for name in ("de_DE.utf8", "tr_TR.utf8") if name in there)]


@pytest.mark.parametrize("locale", locales())
def test_neither_place_nor_time_nor_language_nor_the_order_of_files_matters(plain, tmp_path, locale):
    data, first = plain
    other = tmp_path / "written the other way round"
    for path in sorted(data.rglob("*.tif"), reverse=True):
        (other / path.relative_to(data)).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, other / path.relative_to(data))
    second = made(other, tmp_path / "out", "backwards", "077", LC_ALL=locale, TZ="Pacific/Chatham", PYTHONHASHSEED="7")
    plans = [read_sealed(out / "m.safetensors", TEXTS).texts["plan"] for out in (first, second)]
    assert plans[0] == plans[1]
    known, found = weights(first), weights(second)
    assert all(np.array_equal(known[name], found[name]) for name in known)
    assert Model.load(first / "m.safetensors").fingerprint == Model.load(second / "m.safetensors").fingerprint
    for name, mask in masks(first).items():
        np.testing.assert_array_equal(mask, masks(second)[name])
    rows = [{file: [(row.area, row.objects, row.certainty, row.flags) for row in rows]
             for file, rows in read_frames(out / "masks" / "frames.csv").items()} for out in (first, second)]
    assert len(rows[0]) == 3
    assert rows[0] == rows[1]


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="there is but one core")
def test_the_number_of_threads_hardly_matters(plain, tmp_path):
    data, first = plain
    second = made(data, tmp_path / "out", OMP_NUM_THREADS="2")
    known, found = weights(first), weights(second)
    for name in known:
        np.testing.assert_allclose(found[name], known[name], rtol=0, atol=WEIGHTS, err_msg=name)
