"""The most memory that segmenting takes, above that of a process that has loaded the model and compiled it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import tifffile

CODE = """
import resource, sys
from dataclasses import replace
import torch, morula
model = replace(morula.load(sys.argv[1]), flips=False)
model = replace(model, plan=model.plan.model_copy(update={"main_object": False}))
model.engine(torch.randn(1, 1, 64, 64))
bare = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
segmented = morula.segment(model, sys.argv[2], sys.argv[3], flips=False)
assert not segmented.failed, segmented.failed
unit = 1 if sys.platform == "darwin" else 1024
print(unit * bare, unit * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - bare))
"""


@pytest.mark.parametrize(("frames", "side"), [(1, 5000), (1, 20000), (200, 512), (2000, 512)])
def test_peak(benchmark, model, tmp_path, frames, side):
    benchmark.group = "memory"
    model.save(tmp_path / "model.safetensors")
    grain = np.random.default_rng(0).integers(0, 255, (512, 512)).astype(np.uint8)
    path = tmp_path / "image.tif"
    if frames == 1:
        image = np.tile(grain, (-(-side // 512),) * 2)[:side, :side]
        tifffile.imwrite(path, image, tile=(256, 256), compression="zlib")
    else:
        movie = np.stack([np.roll(grain, number, 0) for number in range(frames)])
        tifffile.imwrite(path, movie, imagej=True, metadata={"axes": "TYX"})
    command = [sys.executable, "-c", CODE, *map(str, (tmp_path / "model.safetensors", path, tmp_path / "masks"))]
    found = []

    def work() -> None:
        found.extend(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())

    benchmark.pedantic(work, rounds=1)
    benchmark.extra_info.update(frames=frames, side=side, bare=int(found[0]), above=int(found[1]))
