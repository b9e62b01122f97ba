"""Seconds of training until 98.55 % of the pixels of other drawn frames are right, and stay so."""

from __future__ import annotations

import os
import time

import numpy as np
import tifffile
import torch
from rivals import PlainUNet

import morula

WANTED = 0.9855
PATIENCE = float(os.environ.get("PLAIN_SECONDS", "900"))
"""Seconds after which the plain network is given up."""
BUDGETS = (2, 3, 4, 5, 6, 9, 15, 45)
"""Seconds that Morula is given, each time from nothing."""


def test_plain(benchmark, known, new):
    """The published network in plain PyTorch: float32, default layout, Adam 0.001, batches of 8, no augmentation."""
    benchmark.group = "accuracy"
    torch.manual_seed(0)
    (images, masks), (others, truth) = _tensors(known), _tensors(new)
    network = PlainUNet()
    optimiser = torch.optim.Adam(network.parameters(), 0.001)
    curve: list[tuple[float, float]] = []

    def learn() -> None:
        seconds, last = 0.0, 0.0
        while seconds < PATIENCE:
            began = time.perf_counter()
            chosen = torch.randperm(len(images))[:8]
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(network(images[chosen]), masks[chosen])
            loss.backward()
            optimiser.step()
            seconds += time.perf_counter() - began
            if seconds - last > PATIENCE / 8 or seconds >= PATIENCE:  # being scored is not counted
                last = seconds
                curve.append((seconds, _accuracy(network, others, truth)))

    benchmark.pedantic(learn, rounds=1)
    benchmark.extra_info.update(curve=curve, reached=_reached(curve), given_up=PATIENCE)


def test_morula(benchmark, known, new, tmp_path):
    """`morula train --minutes` with ever more time; from nothing, since the start has seen gastruloids."""
    benchmark.group = "accuracy"
    curve: list[tuple[float, float]] = []

    def learn() -> None:
        for budget in BUDGETS:
            model = morula.train(known.images, known.masks, tmp_path / "model.safetensors", minutes=budget / 60,
                                 from_nothing=True, overwrite=True).model
            morula.segment(model, new.images, tmp_path / "predicted", overwrite=True)
            accuracy = morula.evaluate(tmp_path / "predicted", new.masks).scores.pixel_accuracy
            curve.append((model.record["seconds"], float(accuracy)))

    benchmark.pedantic(learn, rounds=1)
    benchmark.extra_info.update(curve=curve, reached=_reached(sorted(curve)))


def _reached(curve: list[tuple[float, float]]) -> float | None:
    """The seconds from which on the accuracy is what is wanted."""
    reached = None
    for seconds, accuracy in curve:
        reached = None if accuracy < WANTED else reached or seconds
    return reached


def _accuracy(network: torch.nn.Module, images: torch.Tensor, truth: torch.Tensor) -> float:
    network.eval()
    with torch.inference_mode():
        right = [((network(each[None]) > 0) == (mask > 0.5)).float().mean().item()
                 for each, mask in zip(images, truth, strict=True)]
    network.train()
    return float(np.mean(right))


def _tensors(drawn) -> tuple[torch.Tensor, torch.Tensor]:
    images = np.stack([tifffile.imread(path) for path in sorted(drawn.images.iterdir())])[:, None].astype(np.float32)
    masks = np.stack([tifffile.imread(path) > 0 for path in sorted(drawn.masks.iterdir())])[:, None]
    images = (images - images.mean((2, 3), keepdims=True)) / images.std((2, 3), keepdims=True)
    return torch.from_numpy(images), torch.from_numpy(masks.astype(np.float32))
