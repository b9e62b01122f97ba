"""What passes between ranks: sums, weights, gradients, and what is to be done.

Each function is called by all ranks at once. Where a rank has ended, those that wait for it learn so at once, since its
connections are closed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor

from morula.errors import reason
from morula.machine.devices import chosen_device
from morula.ranks.membership import Membership

PATIENCE = timedelta(days=7)
"""How long ranks wait for one that lives: the first may validate for long, and who has ended is noticed anyway."""

INTERFACE = "GLOO_SOCKET_IFNAME"
"""The variable that says through what ranks are connected."""
LOOPBACK = {"linux": "lo", "darwin": "lo0"}
"""What that is called where it leads from this machine to itself."""


class RankLost(Exception):
    """A rank has ended, or cannot be reached any more."""


@contextmanager
def _connected() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise RankLost(reason(error)) from error


def take_device(member: Membership) -> None:
    """Compute on the GPU of this rank from now on, where GPUs compute."""
    if chosen_device().type == "cuda":
        torch.cuda.set_device(member.local)


def join(member: Membership, store: Path | None = None) -> None:
    """Meet the other ranks: through a file on this machine, or as torchrun has said where.

    Raises:
        RankLost: they cannot be met.
    """
    backend = "cpu:gloo,cuda:nccl" if chosen_device().type == "cuda" else "gloo"
    with _connected(), _on_this_machine() if store else nullcontext():
        met = dist.FileStore(str(store), member.ranks) if store else None  # pyright: ignore[reportPrivateImportUsage]
        dist.init_process_group(backend, store=met, rank=member.rank, world_size=member.ranks, timeout=PATIENCE)


@contextmanager
def _on_this_machine() -> Iterator[None]:
    """Connections that are made lead nowhere else, and nobody from elsewhere can make one."""
    before = os.environ.get(INTERFACE)
    if sys.platform in LOOPBACK:
        os.environ[INTERFACE] = LOOPBACK[sys.platform]
    try:
        yield
    finally:
        os.environ.pop(INTERFACE, None)
        if before is not None:
            os.environ[INTERFACE] = before


def part_company() -> None:
    """Close the connections to the others, if there are any."""
    if dist.is_initialized():
        dist.destroy_process_group()


def told(message: Any) -> Any:
    """What the first rank says, plain data; of the message of any other nothing becomes known."""
    said = [message]
    with _connected():
        dist.broadcast_object_list(said, 0)
    return said[0]


def summed(own: Tensor) -> Tensor:
    """The sum of the tensors of all ranks, in the place of this one's."""
    with _connected():
        dist.all_reduce(own)
    return own


def of_whole_batch(own: Tensor, part: slice, count: int) -> Tensor:
    """The samples of all ranks, in the order of the batch, float32; what is made of them has gradients of this rank's.

    Args:
        own: those of this rank, `(samples, *rest)`, of which there may be none.
        part: which of the batch they are.
        count: samples of the batch.
    """
    return _OfWholeBatch.apply(own.float(), part, count)  # pyright: ignore[reportReturnType]


class _OfWholeBatch(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, own: Tensor, part: slice, count: int) -> Tensor:  # pyright: ignore
        ctx.part = part
        whole = own.new_zeros(count, *own.shape[1:])
        whole[part] = own
        return summed(whole)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:  # pyright: ignore
        return gradient[ctx.part], None, None


@torch.no_grad()
def share_weights(weights: Sequence[Tensor]) -> None:
    """Take the weights of the first rank."""
    flat = _flattened(weights)
    with _connected():
        dist.broadcast(flat, 0)
    if dist.get_rank():
        _fill(weights, flat)


@torch.no_grad()
def collect_gradients(weights: Sequence[Tensor]) -> None:
    """Leave the sum of the gradients of all ranks in the weights of the first, and none in those of the others."""
    flat = _flattened(torch.zeros_like(each) if each.grad is None else each.grad for each in weights)
    with _connected():
        dist.reduce(flat, 0)
    for each in weights:
        each.grad = None if dist.get_rank() else torch.empty_like(each)
    if not dist.get_rank():
        _fill([each.grad for each in weights if each.grad is not None], flat)


def _flattened(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([each.detach().reshape(-1) for each in tensors])


def _fill(tensors: Sequence[Tensor], flat: Tensor) -> None:
    for each, part in zip(tensors, flat.split([each.numel() for each in tensors]), strict=True):
        each.copy_(part.reshape(each.shape))
