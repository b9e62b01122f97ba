"""Masks made by a crew are, byte for byte, those of one process, whoever dies on the way."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tifffile
import torch

from campaign.children import children
from crew_images import noise, write_images
from morula import pipeline
from morula.errors import RequestError
from morula.files import lives
from morula.models.model import Model
from morula.models.plan import Plan
from morula.models.segment_settings import SegmentSettings
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.workers.crew import LIVES
from morula.workers.segmenting_crew import Segmenting
from morula.workflows import segment

linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up as Linux tells them")

POISON = """
import os, signal, sys
if sys.orig_argv[-1].endswith("crew_process"):
    sys.addaudithook(lambda event, told: event == "open" and str(told[0]).endswith("poison.tif")
                     and os.kill(os.getpid(), signal.SIGKILL))
"""
"""What ends a process of a crew at once when it opens a certain file, as a fault in a decoder would."""


def make(channels: tuple[str, ...] = ("grey",)) -> Model:
    """A model that knows nothing, and takes half of all pixels for the body."""
    torch.manual_seed(0)
    architecture = Architecture(inputs=len(channels), width=4, depth=2)
    plan = Plan(channels=channels, classes=("body",), binning=(1, 1), architecture=architecture, patch=(32, 32),
                batch=2, learning_rate=0.01)
    return Model(UNet(architecture).eval(), plan, flips=False)


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return write_images(tmp_path / "images", 6)


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    make().save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Killer:
    """Kills one of the processes of the crew at some of the times that progress is told."""

    def __init__(self, times: int, among: int, seed: int):
        self.chance = random.Random(seed)
        self.when, self.told, self.killed = sorted(self.chance.sample(range(among), times)), 0, 0

    def __call__(self, *_: object) -> None:
        """Those that were due while none was alive follow, one each time."""
        due = self.killed < len(self.when) and self.told >= self.when[self.killed]
        if due and (there := children(os.getpid(), "crew_process")):
            os.kill(self.chance.choice(there), signal.SIGKILL)
            self.killed += 1
        self.told += 1


@pytest.mark.parametrize("given", ["a file", "a model"])
def test_everything_is_as_one_process_writes_it(images, model_file, tmp_path, given):
    model = model_file if given == "a file" else make()
    told, said = [], []
    alone = segment(model, images, tmp_path / "alone", flips=False, doubt=True, min_size=3,
                    progress=lambda *words: told.append(words))
    shared = segment(model, images, tmp_path / "shared", flips=False, doubt=True, min_size=3, workers=2,
                     progress=lambda *words: said.append(words))
    assert contents(tmp_path / "shared") == contents(tmp_path / "alone")
    assert set(contents(tmp_path / "alone")) > {"movie.tif", "doubt/0.tif", "frames.csv"}
    assert shared.frames == alone.frames
    assert (shared.written, shared.failed, shared.notes) == (alone.written, alone.failed, alone.notes)
    assert [path.name for path in shared.failed] == ["bad.png", "torn.tif"]
    assert said == told
    again = segment(model, images, tmp_path / "shared", flips=False, doubt=True, min_size=3, workers=2)
    assert (again.written, again.skipped) == (0, 7)


def test_parts_of_a_large_frame_are_told_by_who_makes_its_mask(model_file, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "BETWEEN", 0.001)
    (tmp_path / "images").mkdir()
    tifffile.imwrite(tmp_path / "images" / "large.tif", noise(2300, 1100))
    told = []
    done = segment(model_file, tmp_path / "images", tmp_path / "out", flips=False, workers=2,
                   progress=lambda *words: told.append(words))
    assert not done.failed
    parts = [part for part, _, _ in told]
    assert parts == sorted(parts)
    assert any(0 < part < 1 for part in parts)
    assert told[-1] == (1, 1, "done")


def test_channels_in_files_of_their_own_and_objects_in_steps(tmp_path):
    """Whatever is read of an image in one process is read of it in another."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(3):
        for channel, plane in zip(("DAPI", "GFP"), noise(2, 40, 50 + number), strict=True):
            tifffile.imwrite(folder / f"t{number}_{channel}.tif", plane)
    model = make(("DAPI", "GFP"))
    alone, shared = (segment(model, folder, tmp_path / str(count), pixel_size=0.5, workers=count) for count in (1, 2))
    assert (shared.written, shared.failed) == (alone.written, alone.failed) == (3, {})
    assert contents(tmp_path / "2") == contents(tmp_path / "1")


@linux
@pytest.mark.slow
def test_killed_again_and_again_the_crew_comes_to_the_same(images, model_file, tmp_path):
    tifffile.imwrite(images / "more.tif", noise(70, 60, 70), imagej=True, metadata={"axes": "TYX"})
    segment(model_file, images, tmp_path / "alone", flips=False)
    killer = Killer(20, among=80, seed=0)
    done = segment(model_file, images, tmp_path / "shared", flips=False, workers=2, progress=killer)
    assert killer.killed == 20
    assert [path.name for path in done.failed] == ["bad.png", "torn.tif"]
    assert contents(tmp_path / "shared") == contents(tmp_path / "alone")


@linux
@pytest.mark.slow
def test_an_image_that_processes_die_of_is_named_and_the_others_done(images, model_file, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(POISON)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH")))))
    (images / "3.tif").rename(images / "poison.tif")
    done = segment(model_file, images, tmp_path / "out", flips=False, workers=2)
    words = done.failed[images / "poison.tif"]
    assert words.startswith(f"{images / 'poison.tif'}: {LIVES} processes ended while they made a mask of it (signal 9)")
    assert sorted(path.name for path in done.failed) == ["bad.png", "poison.tif", "torn.tif"]
    assert done.written == 6
    assert not (tmp_path / "out" / "poison.tif").exists()


@linux
@pytest.mark.slow
@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_whoever_stops_the_command_stops_all_and_it_goes_on_from_there(images, model_file, tmp_path, how, status):
    for number in range(50):  # so many that it is at work for seconds
        tifffile.imwrite(images / f"more {number:02}.tif", noise(500, 700 + number))
    out = tmp_path / "out"
    line = [sys.executable, "-m", "morula", "segment", model_file, images, "--out", out, "--no-flips", "--workers", "2"]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as running:
        while len(list(out.glob("[!.]*.tif"))) < 2 and running.poll() is None:
            time.sleep(0.02)
        crew = children(running.pid, "crew_process")
        running.send_signal(how)
        said = running.communicate()[1]
    assert running.returncode == status, said
    assert len(crew) == 2
    until = time.monotonic() + (10 if how == signal.SIGKILL else 0)
    while any(map(lives, crew)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(map(lives, crew))
    made = {mask: mask.stat().st_mtime_ns for mask in out.glob("[!.]*.tif")}
    assert 2 <= len(made) < 57
    done = segment(model_file, images, out, flips=False)
    assert (done.skipped, done.written) == (len(made), 57 - len(made))
    segment(model_file, images, tmp_path / "alone", flips=False)
    assert contents(out) == contents(tmp_path / "alone")


@pytest.mark.parametrize(("wrong", "words"), [("replaced", "become another model"), ("gone", "no such model")])
def test_masks_of_another_model_are_never_made(model_file, tmp_path, wrong, words):
    """Also where the file changes between the first look at it and that of another process: all ends."""
    duty = Segmenting(model_file, make().fingerprint, None, SegmentSettings(flips=False), tmp_path / "out", {})
    assert callable(duty.begin())
    if wrong == "gone":
        model_file.unlink()
    else:
        make(("DAPI",)).save(model_file)
    with pytest.raises(RequestError, match=words):
        duty.begin()
