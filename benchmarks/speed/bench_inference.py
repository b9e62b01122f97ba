"""The same network in many hands: plain PyTorch, monai's sliding window, and Morula in every number format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import tifffile
import torch
from rivals import PlainUNet, monai_in_windows
from torch import Tensor, nn

from morula.machine.number_formats import reduced_precision
from morula.models.engines import Engine
from morula.models.quantisation import measure_ranges
from morula.networks.architecture import PUBLISHED, Architecture
from morula.networks.cost import cost
from morula.networks.unet import UNet

NETWORKS = {
    "published": PUBLISHED,
    "planned": Architecture(inputs=1, outputs=1, width=16, depth=5, block="residual", stem=2),
    "planned, 3-D": Architecture(inputs=1, outputs=3, width=16, depth=4, block="residual", axes=3),
}
IMAGES = [("published", (1, 160, 160)), ("published", (8, 160, 160)), ("published", (1, 512, 512)),
          ("planned", (1, 160, 160)), ("planned", (8, 160, 160)), ("planned", (1, 1024, 1024)),
          ("planned, 3-D", (1, 48, 96, 96))]


def eager(network: UNet, images: Tensor) -> Callable[[Tensor], Tensor]:
    """Plain PyTorch: float32, the default layout, no fusing."""
    plain: nn.Module = PlainUNet().eval() if network.architecture == PUBLISHED else network
    return torch.inference_mode()(plain)


def monai(network: UNet, images: Tensor) -> Callable[[Tensor], Tensor]:
    """monai's U-Net with as many features, in sliding windows."""
    return monai_in_windows(network.architecture.features, network.architecture.axes)


def float32(network: UNet, images: Tensor) -> Callable[[Tensor], Tensor]:
    return Engine(network, "float32", compiled=True)


def bfloat16(network: UNet, images: Tensor) -> Callable[[Tensor], Tensor]:
    return Engine(network, "bfloat16", compiled=True)


def eight_bits(network: UNet, images: Tensor) -> Callable[[Tensor], Tensor]:
    return Engine(network, "int8", compiled=True, ranges=measure_ranges(network, [images[:1]]))


HANDS = (eager, monai, float32, bfloat16, eight_bits)


@pytest.mark.parametrize("hand", HANDS, ids=lambda hand: hand.__name__)
@pytest.mark.parametrize(("name", "shape"), IMAGES)
def test_inference(benchmark, name, shape, hand):
    batch, *space = shape
    if hand is monai and name != "planned":
        pytest.skip("it has no such network")
    if hand is bfloat16 and not reduced_precision("auto", torch.device("cpu")):
        pytest.skip("this processor has none")
    torch.manual_seed(0)
    network = UNet(NETWORKS[name])
    images = torch.randn(batch, 1, *space)
    with torch.no_grad():
        network(images[:2].repeat(2, *[1] * (1 + len(space)))[..., :64, :64])  # normalisations have seen something
    work = hand(network.eval(), images)
    benchmark.group = f"inference: {name}, {' × '.join(map(str, space))}" + (f", batch {batch}" if batch > 1 else "")
    benchmark.extra_info["operations"] = 2 * batch * cost(NETWORKS[name], tuple(space)).multiply_adds
    benchmark.extra_info["pixels"] = int(batch * np.prod(space))
    benchmark.pedantic(work, (images,), rounds=3 if hand is eager else 5, warmup_rounds=1)


def test_scores_in_every_number_format(benchmark, model, new):
    """What a trained model loses by computing with fewer bits, on frames it has not seen."""
    benchmark.group = "scores"
    images = [tifffile.imread(path) for path in sorted(new.images.iterdir())]
    truth = [tifffile.imread(path) > 0 for path in sorted(new.masks.iterdir())]
    for precision, ranges in (("float32", {}), ("bfloat16", {}), ("auto", model.ranges)):
        used = replace(model, precision=precision, ranges=ranges)
        found = [used.segment(image) > 0 for image in images]
        ious = [np.sum(mask & true) / np.sum(mask | true) for mask, true in zip(found, truth, strict=True)]
        benchmark.extra_info[used.engine.number_format] = float(np.mean(ious))
    benchmark.pedantic(lambda: model.segment(images[0]), rounds=5)
