"""Where this machine computes, and the order of numbers in memory that is fastest there."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache

import torch
from torch import Tensor

from morula.errors import RequestError

ASKED = "MORULA_DEVICE"
"""The variable that says where to compute."""
THERE: Mapping[str, Callable[[], bool]] = {
    "cpu": lambda: True, "cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
"""Whether a device is there. Nobody has tried the last, Apple's GPUs, so that it must be asked for."""


def chosen_device() -> torch.device:
    """What `MORULA_DEVICE` asks for: `cpu`, `cuda` or `mps`; else an NVIDIA GPU if there is one, or the processor.

    Raises:
        RequestError: there is no such device.
    """
    return _device(os.environ.get(ASKED, ""))


def memory_format(axes: int) -> torch.memory_format:
    """The order in memory that convolutions over this many spatial axes are fastest with: channels last."""
    return {2: torch.channels_last, 3: torch.channels_last_3d}.get(axes, torch.contiguous_format)


def on_device(images: Tensor) -> Tensor:
    """The same numbers where they are computed with, in the order that convolutions are fastest with."""
    device = chosen_device()
    # Only CUDA keeps the order of what is asked of it and what is copied to it.
    moved = images.to(device, non_blocking=device.type == "cuda")
    return moved.contiguous(memory_format=memory_format(images.ndim - 2))


@cache
def _device(asked: str) -> torch.device:
    if not asked:
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if asked not in THERE or not THERE[asked]():
        there = ", ".join(name for name, is_there in THERE.items() if is_there())
        raise RequestError(f"{ASKED} asks for the device {asked!r}, which is not here. Leave it out, or choose "
                           f"among: {there}.")
    return torch.device(asked)
