"""`morula train` finds masks as `morula check` does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from campaign.children import children
from morula.files import lives

TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m")
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up as Linux tells them")


@pytest.fixture
def objects(drawn, tmp_path):
    """The same images in a folder each, and beside each the left and the right half of its body, a file each."""
    for path in sorted((drawn / "images").iterdir()):
        folder = tmp_path / "objects" / path.stem
        for part in "images", "masks":
            (folder / part).mkdir(parents=True)
        shutil.copy(path, folder / "images")
        mask = np.asarray(Image.open(drawn / "masks" / path.name)) > 0
        for name, half in ("left", slice(0, 32)), ("right", slice(32, 64)):
            picture = np.zeros(mask.shape, np.uint8)
            picture[:, half] = mask[:, half] * 255
            Image.fromarray(picture).save(folder / "masks" / f"{name}.png")
    return tmp_path / "objects"


def test_a_folder_that_holds_both_is_enough(run, drawn, tmp_path):
    done = run("train", drawn, "--out", tmp_path / "m.safetensors", "--steps", 1, "--quick")
    assert done.exit_code == 0, done.output
    assert "On the validation frames" in done.output


def test_a_file_for_each_object_is_learned_from(run, objects, tmp_path):
    done = run("train", objects, "--out", tmp_path / "m.safetensors", "--steps", 1, "--quick", "--store",
               tmp_path / "store")
    assert done.exit_code == 0, done.output
    assert "On the validation frames" in done.output


def test_a_training_outlives_a_full_disk(run, drawn, small_disk, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    (small_disk / "full").write_bytes(bytes(150_000))
    done = run("train", drawn, "--out", small_disk / "m.safetensors", "--steps", 2, "--quick")
    assert done.exit_code == 0, done.output
    [kept] = tmp_path.glob("m of *.safetensors")
    assert f"The model is {kept} now" in done.stderr.replace("\n", "")
    assert run("info", kept).exit_code == 0
    assert not list(small_disk.glob(".part-*"))


def losses(model: Path) -> list[float]:
    """Of every step that a log knows."""
    with suppress(OSError):
        lines = map(json.loads, model.with_name(model.name + ".log.jsonl").read_text().splitlines())
        return [line["loss"] for line in lines if line["event"] == "step"]
    return []


def all_gone(processes: list[int]) -> bool:
    """Whether all have ended within seconds."""
    until = time.monotonic() + 10
    while any(map(lives, processes)) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(map(lives, processes))


@pytest.mark.slow
def test_several_learn_what_one_learns_however_they_are_started(run, drawn, tmp_path, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # as torchrun has it
    wanted = ["--steps", "6", "--quick", "--precision", "float32"]
    models = [tmp_path / f"{name}.safetensors" for name in ("one", "devices", "torchrun")]
    for model, devices in zip(models, ("1", "2"), strict=False):
        done = run("train", drawn, "--out", model, "--devices", devices, *wanted)
        assert done.exit_code == 0, done.output
    done = subprocess.run([*TORCHRUN, "morula", "train", drawn, "--out", models[2], *wanted], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("On the validation frames") == 1
    assert len(losses(models[0])) == 6
    for model in models[1:]:
        assert losses(model) == pytest.approx(losses(models[0]), abs=1e-4)


@linux
@pytest.mark.slow
@pytest.mark.parametrize(("how", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_whoever_stops_a_training_of_several_stops_all(drawn, tmp_path, how, status):
    model = tmp_path / "m.safetensors"
    line = [sys.executable, "-m", "morula", "train", drawn, "--out", model, "--steps", "5000", "--quick",
            "--devices", "2"]
    with subprocess.Popen(line, stderr=subprocess.PIPE, text=True) as running:
        while len(losses(model)) < 2 and running.poll() is None:
            time.sleep(0.05)
        others = children(running.pid, "rank_process")
        running.send_signal(how)
        said = running.communicate()[1]
    assert running.returncode == status, said
    assert len(others) == 1
    assert all_gone(others)


@linux
@pytest.mark.slow
def test_a_training_whose_rank_was_killed_says_which_and_goes_on_alone(run, drawn, tmp_path):
    model = tmp_path / "m.safetensors"
    wanted = ["train", drawn, "--out", model, "--steps", "40", "--quick"]
    with subprocess.Popen([sys.executable, "-m", "morula", *wanted, "--devices", "3"], stderr=subprocess.PIPE,
                          text=True) as running:
        while len(losses(model)) < 2 and running.poll() is None:
            time.sleep(0.05)
        others = children(running.pid, "rank_process")
        os.kill(others[0], signal.SIGKILL)
        said = " ".join(running.communicate()[1].split())
    assert running.returncode == 2, said
    assert "of 3 has ended (signal 9), and with it the training" in said
    assert "--resume" in said
    assert "Traceback" not in said
    assert all_gone(others)
    done = run(*wanted, "--resume")
    assert done.exit_code == 0, done.output
    assert len(losses(model)) == 40
