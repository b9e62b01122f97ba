"""The whole path of `morula segment` beside the network alone."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import tifffile
import torch

import morula
from morula.drawings.synthetic import draw_gastruloids

FRAMES, SIDE = 1000, 1024


def test_whole_path(benchmark, model, tmp_path):
    """Read, segment and write 1,000 files; the network is timed before and after."""
    benchmark.group = "whole path"
    drawn = [drawing.image for drawing in draw_gastruloids(4, movies=4, seed=5, size=SIDE)]
    (tmp_path / "images").mkdir()
    for number in range(FRAMES):
        tifffile.imwrite(tmp_path / "images" / f"frame{number:04}.tif", np.roll(drawn[number % 4], number, 1))
    used = replace(model, flips=False)  # with mirror images, the network would have four times the work, all else none
    network: list[float] = []

    def time_network(count: int = 5) -> None:
        images = torch.randn(1, 1, SIDE // used.plan.binning[0], SIDE // used.plan.binning[1])
        used.engine(images)
        for _ in range(count):
            began = time.perf_counter()
            used.engine(images)
            network.append(time.perf_counter() - began)

    def work() -> None:
        morula.segment(used, tmp_path / "images", tmp_path / "masks", flips=False)

    time_network()
    benchmark.pedantic(work, rounds=1)
    time_network()
    benchmark.extra_info.update(frames=FRAMES, side=SIDE, network=float(np.median(network)))
