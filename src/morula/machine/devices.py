"""Where this machine computes, and the order of numbers in memory that is fastest there."""

from __future__ import annotations

import torch
from torch import Tensor


def chosen_device() -> torch.device:
    """A GPU if there is one, the processor otherwise."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def memory_format(axes: int) -> torch.memory_format:
    """The order in memory that convolutions over this many spatial axes are fastest with: channels last."""
    return {2: torch.channels_last, 3: torch.channels_last_3d}.get(axes, torch.contiguous_format)


def on_device(images: Tensor) -> Tensor:
    """The same numbers where they are computed with, in the order that convolutions are fastest with."""
    return images.to(chosen_device(), non_blocking=True).contiguous(memory_format=memory_format(images.ndim - 2))
