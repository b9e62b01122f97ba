"""The gradients of the loss of a batch, of which a process may have a part."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from morula.examples.patches import Batch
from morula.machine.devices import chosen_device, on_device
from morula.networks.distance_loss import distance_cost
from morula.networks.losses import Loss, class_logits
from morula.networks.outlines import outline_cost
from morula.networks.unet import UNet


def descend(
    network: UNet, batch: Batch, loss: Loss, *, reduced: bool, whole: Callable[[Tensor], Tensor] = lambda own: own
) -> float:
    """Leave the gradients of the loss of a batch in the weights of a network, and return the loss.

    Args:
        network: learns.
        batch: the samples that this process has.
        loss: what is descended, beside what outlines and distances cost.
        reduced: whether to compute in bfloat16.
        whole: from the samples that this process has, `(samples, maps, *space)`, to those of all processes, in the
            order of the batch.
    """
    device = chosen_device()
    images, shares = on_device(batch.images), batch.shares.to(device)
    network.train()
    with torch.autocast(device.type, torch.bfloat16, enabled=reduced):
        levels = network.levels(images)
    levels, images, shares = [whole(level) for level in levels], whole(images), whole(shares)
    outputs = network.architecture.outputs
    classes = [level[:, :outputs] for level in levels]
    cost = loss(classes, shares) + outline_cost(class_logits(classes[0]).float(), images, shares)
    if batch.distances is not None:
        distances = whole(batch.distances.to(device))
        cost = cost + distance_cost([level[:, outputs:] for level in levels], distances, shares)
    cost.backward()
    return cost.item()
