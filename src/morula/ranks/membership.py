"""Which rank this process is, and of how many: what was asked for, or what torchrun says."""

from __future__ import annotations

import os
from dataclasses import dataclass

from morula.errors import RequestError


@dataclass(frozen=True)
class Membership:
    """One of several processes that learn together.

    Attributes:
        rank: its number; 0 keeps all that is learned, and is what a person sees.
        ranks: how many they are.
        local: its number among those of its machine, and so that of its GPU.
        launched: whether torchrun has started all of them; otherwise the first starts the others.
    """

    rank: int = 0
    ranks: int = 1
    local: int = 0
    launched: bool = False


def membership(devices: int) -> Membership:
    """What this process is in a training that was asked for with so many devices.

    Raises:
        RequestError: torchrun has started another number of processes, or there are not so many GPUs.
    """
    member = _launched()
    if member is None:
        member = Membership(ranks=devices)
        _require_gpus(devices)
    elif devices not in (1, member.ranks):
        raise RequestError(f"--devices asks for {devices} processes, and torchrun has started {member.ranks}. Leave "
                           "out --devices, or torchrun.")
    elif member.ranks > 1:
        _require_gpus(member.local + 1)
    return member


def _launched() -> Membership | None:
    """What torchrun says in the variables RANK, WORLD_SIZE and LOCAL_RANK; None where it says nothing."""
    said = {name: os.environ.get(name) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")}
    if said["RANK"] is None or said["WORLD_SIZE"] is None:
        return None
    try:
        rank, ranks, local = (int(each or 0) for each in said.values())
    except ValueError:
        rank, ranks, local = -1, 0, 0
    if not 0 <= rank < ranks:
        raise RequestError(f"RANK={said['RANK']} and WORLD_SIZE={said['WORLD_SIZE']} should be the number of a process "
                           "and how many there are, as torchrun sets them. Start with torchrun, or unset both.")
    return Membership(rank, ranks, local, launched=True)


def _require_gpus(devices: int) -> None:
    if devices == 1:
        return
    import torch

    from morula.machine.devices import chosen_device

    kind = chosen_device().type
    if kind == "mps":
        raise RequestError("Only processors and NVIDIA GPUs learn together. Leave out --devices, or set "
                           "MORULA_DEVICE=cpu.")
    if kind == "cuda" and devices > torch.cuda.device_count():
        raise RequestError(f"{devices} devices were asked for, and this machine has {torch.cuda.device_count()} GPUs. "
                           "Ask for fewer --devices, or set MORULA_DEVICE=cpu.")
