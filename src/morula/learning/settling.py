"""What the normalisations of averaged weights expect, estimated anew from plain training patches.

Batch normalisation uses running statistics of what passed through the network while it learned. Those of an average of
weights are not the average of those: after few steps they lag far behind, and masks are wrong although the weights are
right (Izmailov et al. 2018, arXiv 1803.05407).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn.modules.batchnorm import _BatchNorm

from morula.examples.example import Example
from morula.examples.patches import Patches
from morula.machine.devices import chosen_device, on_device
from morula.models.batch_sizes import BatchSizes
from morula.models.plan import Augmentation, Plan
from morula.networks.unet import UNet

PATCHES = 48
"""From so many the statistics are estimated, or a few more."""
STILL = {"warp": 0.0, "intensity": 0.0, "colour": 0.0, "blur": 0.0, "noise": 0.0}
"""What plain patches are spared."""


def plain(augmentation: Augmentation) -> Augmentation:
    """Flips and quarter turns alone, and of these only what the network learns from.

    Where classes tell which way is up, a network that is shown patches upside down makes something else of them.
    """
    return augmentation.model_copy(update=STILL)


@torch.no_grad()
def settle(network: UNet, examples: Sequence[Example], plan: Plan, seed: int, *, reduced: bool) -> None:
    """Estimate the statistics of all normalisations over a batch anew; a network without any stays as it is.

    Args:
        network: is evaluated afterwards, as before.
        examples: those that train.
        plan: how large patches and batches are.
        seed: chooses the patches.
        reduced: whether to compute in bfloat16.
    """
    layers = [layer for layer in network.modules() if isinstance(layer, _BatchNorm)]
    if not layers:
        return
    patches = Patches(examples, plan.patch, BatchSizes(plan.batch, plan.batch), plain(plan.augmentation), seed)
    momenta = [layer.momentum for layer in layers]
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # the mean of all batches
    network.train()
    device = chosen_device()
    for step in range(-(-PATCHES // plan.batch)):
        with torch.autocast(device.type, torch.bfloat16, enabled=reduced):
            network.levels(on_device(patches.batch(step).images))
    network.eval()
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
