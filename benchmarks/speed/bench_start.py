"""How long it takes to begin."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np

import morula


def test_import(benchmark):
    benchmark.group = "start"
    benchmark.pedantic(subprocess.run, ([sys.executable, "-c", "import morula"],), {"check": True}, rounds=5)


def test_help(benchmark):
    benchmark.group = "start"
    command = [str(Path(sys.executable).with_name("morula")), "--help"]
    benchmark.pedantic(subprocess.run, (command,), {"check": True, "capture_output": True}, rounds=5)


def test_first_mask(benchmark, model, tmp_path):
    """From a model file to the first mask of an image of 160 × 160, with the network compiled on the way."""
    benchmark.group = "start"
    model.save(tmp_path / "model.safetensors")
    image = np.random.default_rng(0).integers(0, 255, (160, 160)).astype(np.uint8)
    benchmark.pedantic(lambda: morula.load(tmp_path / "model.safetensors").segment(image), rounds=5, warmup_rounds=1)
