"""A trained network as other programs get it: from normalised pixels to probabilities, with nothing left to do."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from morula.exports.enlarging import enlargement, with_enlargements
from morula.models.plan import Plan
from morula.networks.fusion import fused
from morula.networks.layers import INSTANCE_NORM
from morula.networks.unet import UNet

AVERAGE = {1: nn.AvgPool1d, 2: nn.AvgPool2d, 3: nn.AvgPool3d}
TINY = 1e-10
"""Added to a variance, so that an image without any contrast becomes zero everywhere."""


class PortableNetwork(nn.Module):
    """Pixels are averaged as the plan says, go through the fused network, and its maps come back to their size.

    Input `(batch, channels, *space)`, normalised, sides multiples of `architecture.multiple` × binning; output
    `(batch, maps, *space)`: the probability of the one class, or of the background and of each class; and where
    objects are told apart the distances from their edges, 0 to 1.

    Args:
        plan: how images are prepared for the network.
        network: a trained network, which is left as it is.
        standardising: whether it begins with what brings pixels to mean 0 and deviation 1.
    """

    def __init__(self, plan: Plan, network: UNet, *, standardising: bool = False):
        super().__init__()
        architecture, binning = plan.architecture, plan.binning
        coarse = max(binning) > 1
        example = torch.zeros(1, architecture.inputs, *(2 * side for side in architecture.multiple))
        self.standardise = _standardising(plan) if standardising else nn.Identity()
        self.average = AVERAGE[architecture.axes](binning) if coarse else nn.Identity()
        self.network = with_enlargements(fused(network), example)
        self.probability = nn.Sigmoid() if architecture.outputs == 1 else nn.Softmax(dim=1)
        self.distance = nn.Sigmoid()
        self.enlarge = enlargement(architecture.maps, binning) if coarse else nn.Identity()
        self._parts = [architecture.outputs, 1] if architecture.distance and architecture.outputs > 1 else None
        self.requires_grad_(False).eval()

    def forward(self, x: Tensor) -> Tensor:
        """Maps of an image; see the class for the shapes."""
        maps = self.network(self.average(self.standardise(x)))
        if self._parts is None:
            return self.enlarge(self.probability(maps))
        parts = torch.split(maps, self._parts, dim=1)
        return self.enlarge(torch.cat([self.probability(parts[0]), self.distance(parts[1])], dim=1))


def _standardising(plan: Plan) -> nn.Module:
    """All channels of an image together, or each by itself."""
    channels = plan.architecture.inputs
    if plan.intensity.channels == "together":
        return nn.GroupNorm(1, channels, eps=TINY)
    return INSTANCE_NORM[plan.architecture.axes](channels, eps=TINY, affine=True)
