"""The part of a rank in a training: the gradients of its samples, whatever its number and how many there are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from torch import Tensor

from morula.examples.patches import Patches, Share
from morula.machine.devices import chosen_device, memory_format
from morula.networks.architecture import Architecture
from morula.networks.losses import Loss
from morula.networks.unet import UNet
from morula.ranks.collectives import collect_gradients, of_whole_batch, share_weights
from morula.ranks.gradients import descend
from morula.ranks.shared_layers import Part, sharing


@dataclass(frozen=True)
class Assignment:
    """What the first rank has the others learn from now on.

    Attributes:
        architecture: of the network, whose weights come with every step.
        loss: what is descended.
        reduced: whether to compute in bfloat16.
        patches: whole batches.
    """

    architecture: Architecture
    loss: Loss
    reduced: bool
    patches: Patches

    def replica(self, share: Share, network: UNet | None = None) -> Replica:
        """What a rank does: with a network of its own, or with the given one."""
        return Replica(network or self._network(), self.loss, self.reduced, self.patches.of_share(share))

    def _network(self) -> UNet:
        layout = memory_format(self.architecture.axes)
        return UNet(self.architecture).to(chosen_device()).to(memory_format=layout)  # pyright: ignore


@dataclass(frozen=True)
class Step:
    """A step that all ranks make at once.

    Attributes:
        number: 0 for the first.
        drawn: the state of the generator that dropout draws from.
    """

    number: int
    drawn: Tensor


class Replica:
    """A network that is the same on all ranks."""

    def __init__(self, network: UNet, loss: Loss, reduced: bool, patches: Patches):
        self._part = Part()
        self._network = sharing(network, self._part)
        self._weights = list(network.parameters())
        self._loss, self._reduced, self._patches = loss, reduced, patches

    def descend(self, step: int) -> float:
        """Leave the gradients of the loss of a whole batch in the weights of the first rank; returns the loss."""
        share_weights(self._weights)
        part, patches = self._part, self._patches
        part.count = patches.sizes.at(step)
        part.samples = patches.share.of(part.count)
        whole = partial(of_whole_batch, part=part.samples, count=part.count)
        loss = descend(self._network, patches.batch(step), self._loss, reduced=self._reduced, whole=whole)
        collect_gradients(self._weights)
        return loss
