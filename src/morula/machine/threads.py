"""How many threads this machine computes fastest with, which is not always as many as it has cores."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from threadpoolctl import threadpool_limits

QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""What a container may use of the processor, as Linux says it: microseconds in each so many, or `max`."""
FEW = 2
"""So many threads need no timing."""
PARTS = (1, 3 / 4, 1 / 2, 1 / 4)
"""The parts of the threads that are tried."""
CLEARLY = 1.25
"""Fewer threads are taken where more take so many times as long: what a moment's other work would not turn."""
TRIES = 9


def settle_threads() -> None:
    """Let torch compute with as many threads as are fastest here, and never more than it had.

    A layer is done when the slowest of its threads is. Of eight cores, four may be slow ones that save energy, and a
    container may have been given two. Timing takes a tenth of a second. Nothing is changed where `OMP_NUM_THREADS` says
    how many there shall be.
    """
    if "OMP_NUM_THREADS" in os.environ:
        return
    most = max(1, min(torch.get_num_threads(), granted()))
    torch.set_num_threads(most)
    if most > FEW:
        seconds = {count: _seconds(count) for count in {max(1, round(part * most)) for part in PARTS}}
        torch.set_num_threads(worthwhile(seconds))


@cache
def leave_cores_to_torch() -> None:
    """Let NumPy multiply with one thread.

    Those of OpenBLAS go on spinning for some 30 ms after each product that they shared, in which torch has one core
    less: between the steps of a training, and between the frames that are segmented, that is most of the time.
    """
    threadpool_limits(1, user_api="blas")


def granted(quota: Path = QUOTA) -> int:
    """How many processors' time this process may use; as many as there are where no quota says it."""
    there = os.cpu_count() or 1
    try:
        used, of = quota.read_text().split()
        return there if used == "max" else math.ceil(int(used) / int(of))
    except (OSError, ValueError):
        return there


def worthwhile(seconds: Mapping[int, float]) -> int:
    """The most threads that are hardly slower than the best number of them, by what each took.

    >>> worthwhile({8: 1.1, 4: 1.0, 2: 2.0})
    8
    >>> worthwhile({8: 4.3, 4: 1.0, 2: 2.0})
    4
    """
    best = min(seconds.values())
    return max(count for count, took in seconds.items() if took <= CLEARLY * best)


def _seconds(threads: int) -> float:
    """What a layer like those of our networks takes with so many threads."""
    torch.set_num_threads(threads)
    images = torch.zeros(4, 32, 64, 64).contiguous(memory_format=torch.channels_last)
    kernels = torch.zeros(32, 32, 3, 3).contiguous(memory_format=torch.channels_last)
    took = []
    with torch.inference_mode():
        for _ in range(TRIES):
            tick = perf_counter()
            torch.nn.functional.conv2d(images, kernels, padding=1)
            took.append(perf_counter() - tick)
    return median(took)
