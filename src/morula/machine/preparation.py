"""What is settled once in a process, before networks compute in it."""

from __future__ import annotations

import platform
from functools import cache

import torch

from morula.machine.threads import leave_cores_to_torch, settle_threads


@cache
def prepare() -> None:
    """Settle how many threads there are, who has them, and with which library Apple's processors convolve."""
    if (platform.system(), platform.machine()) == ("Darwin", "arm64"):
        # Batches of sixteen images or more would go through NNPACK, which is some six times slower there
        # (https://github.com/pytorch/pytorch/issues/107534).
        torch.backends.nnpack.set_flags(False)
    settle_threads()
    leave_cores_to_torch()
