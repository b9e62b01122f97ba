"""What is to be exported, and how: all that the writers of the forms are given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from morula.exports.export_settings import ExportSettings
from morula.exports.portable import PortableNetwork
from morula.exports.usage import Usage, usage_of
from morula.models.model import Model


@dataclass(frozen=True)
class ExportRequest:
    """A model that shall become a file of another program.

    Attributes:
        model: a trained model.
        picture: that of the model's self-test, float32 `(channels, *space)`.
        settings: what it becomes.
        name: of the file that it becomes.
    """

    model: Model
    picture: np.ndarray
    settings: ExportSettings
    name: str

    @cached_property
    def usage(self) -> Usage:
        """How the exported model is used."""
        return usage_of(self.model, self.settings.size)

    @cached_property
    def network(self) -> PortableNetwork:
        """The network that is written. In a package it standardises, which no step before it does alike everywhere."""
        return PortableNetwork(self.model.plan, self.model.network, standardising=self.settings.to == "bioimageio")

    @cached_property
    def example(self) -> torch.Tensor:
        """An image as the network takes it, of the smallest size, `(1, channels, *space)`."""
        return torch.zeros(1, len(self.usage.channels), *self.usage.smallest)
