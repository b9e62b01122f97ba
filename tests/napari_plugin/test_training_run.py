"""A training in a process of its own: it learns, it says what is wrong, and it ends when nobody waits any more."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

import morula
from morula.errors import MorulaError, TrainingError
from morula.models.model import Model
from morula.napari_plugin import training_run
from morula.napari_plugin.training_run import run_training
from morula.progress import silent

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asked(tmp_path_factory) -> dict:
    drawn = morula.draw("gastruloids", tmp_path_factory.mktemp("pairs") / "drawn", count=4, movies=2, size=64)
    return {"images": str(drawn.images), "masks": str(drawn.masks)}


def test_it_learns(asked, tmp_path):
    losses, said = [], []
    out = tmp_path / "model.safetensors"
    trained = run_training({**asked, "out": str(out), "steps": 12}, lambda *told: said.append(told),
                           lambda step, loss: losses.append((step, loss)))
    assert trained.model == out
    assert Model.load(out).record["steps_done"] == 12
    assert trained.summary["training"] == "12 steps"
    assert losses
    assert all(loss > 0 for _, loss in losses)
    assert any("The network has" in sentence for sentence in trained.sentences)


def test_what_is_wrong_is_said(asked, tmp_path):
    with pytest.raises(MorulaError, match="nowhere does not exist"):
        run_training({"images": "nowhere", "masks": "nowhere", "out": str(tmp_path / "a.safetensors")}, silent, print)


def test_it_ends_and_leaves_nothing_when_it_is_stopped(asked, tmp_path):
    def stop(done: int, total: int, words: str) -> None:
        if "loss" in words:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run_training({**asked, "out": str(tmp_path / "a.safetensors"), "minutes": 5}, stop, lambda *_: None)
    assert list(tmp_path.iterdir()) == []


def test_it_ends_when_its_napari_is_gone(asked, tmp_path):
    """Whoever began it is killed, which closes the input."""
    asked = {**asked, "out": str(tmp_path / "a.safetensors"), "minutes": 5}
    parent = f"""
from morula.napari_plugin.training_run import run_training
run_training({asked}, lambda *told: print(*told, flush=True), lambda *_: None)"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert any("loss" in line for line in process.stdout)
        assert (tmp_path / "a.safetensors.busy").exists()
        process.kill()
    end = time.monotonic() + 30
    while list(tmp_path.iterdir()) and time.monotonic() < end:
        time.sleep(0.1)
    assert list(tmp_path.iterdir()) == []


def test_one_that_dies_says_its_last_words(asked, tmp_path, monkeypatch):
    monkeypatch.setattr(training_run.sys, "executable", "/bin/false")
    with pytest.raises(TrainingError, match="said nothing"):
        run_training({**asked, "out": str(tmp_path / "a.safetensors")}, silent, print)
