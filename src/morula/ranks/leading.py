"""The first rank: it keeps the weights, moves them by the gradients of all, and says what the others do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from morula.errors import RequestError
from morula.examples.patches import Patches, Share
from morula.machine.preparation import prepare
from morula.networks.losses import Loss
from morula.networks.unet import UNet
from morula.ranks.collectives import RankLost, join, part_company, take_device, told
from morula.ranks.following import ALONE
from morula.ranks.membership import Membership
from morula.ranks.replica import Assignment, Step

PROGRAM = ("-P", "-m", "morula.ranks.rank_process")
"""What Python runs; whatever lies in the folder where it is started is not taken for one of its modules."""
SECONDS = 10.0
"""So long a process may take to end."""


class Ranks:
    """All ranks, as the first sees them."""

    def __init__(self, count: int, others: Others, threads: int):
        self._count, self._others, self._threads = count, others, threads

    def descent(self, network: UNet, loss: Loss, reduced: bool, patches: Patches) -> Callable[[int], float]:
        """What leaves the gradients of the loss of a batch in the weights of a network, and returns the loss.

        Args:
            network: learns; the others have the weights that it has at each step.
            loss: what is descended.
            reduced: whether to compute in bfloat16.
            patches: whole batches, by the step.
        """
        assignment = Assignment(network.architecture, loss, reduced, patches)
        with self._together():
            told(assignment)
        replica = assignment.replica(Share(0, self._count), network)

        def descend(step: int) -> float:
            with self._together():
                told(Step(step, torch.get_rng_state()))
                return replica.descend(step)

        return descend

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Compute with a part of the threads, since the others have theirs.

        Raises:
            RequestError: another rank has ended.
        """
        threads = torch.get_num_threads()
        torch.set_num_threads(self._threads)
        try:
            yield
        except RankLost as lost:
            raise RequestError(f"{self._others.who_ended(lost)}, and with it the training. What was learned until "
                               "some twenty seconds ago is put aside: run the same command with --resume to go on from "
                               "there, and with fewer --devices where memory ran out.") from None
        finally:
            torch.set_num_threads(threads)


class Others:
    """The ranks that somebody else has started and ends."""

    def who_ended(self, lost: RankLost) -> str:
        """Which rank has ended, and how."""
        return f"Another rank of this training has ended ({lost})"

    def end(self) -> None:
        """Wait until they have ended."""

    def kill(self) -> None:
        """End them, whatever they do."""


class OtherProcesses(Others):
    """Those that this process has started."""

    def __init__(self, ranks: int, store: Path, threads: int):
        self._processes = [subprocess.Popen(
            [sys.executable, *PROGRAM, str(rank), str(ranks), str(store)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": str(threads)},
            # Ctrl-C in a terminal goes to all processes of a session, and is for the first one alone to answer.
            start_new_session=True, creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0))
            for rank in range(1, ranks)]

    def wait_until_ready(self) -> None:
        """Wait until all can be met.

        Raises:
            RankLost: one has ended before.
        """
        if not all(process.stdout and process.stdout.read(1) for process in self._processes):
            raise RankLost

    def who_ended(self, lost: RankLost) -> str:
        """Which rank has ended by itself, and how: the others have ended because it had."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            for rank, process in enumerate(self._processes, start=1):
                status = process.poll()
                if status not in (None, ALONE):
                    how = f"signal {-status}" if status < 0 else f"status {status}"
                    return f"Rank {rank} of {len(self._processes) + 1} has ended ({how})"
            time.sleep(0.05)
        return super().who_ended(lost)

    def end(self) -> None:
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS)

    def kill(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    pipe.close()


@contextmanager
def all_ranks(member: Membership) -> Iterator[Ranks]:
    """All ranks, of which this process is the first, for as long as the `with` block takes.

    Raises:
        RequestError: they cannot be met.
    """
    prepare()
    take_device(member)
    with TemporaryDirectory() as scratch:
        threads, store = torch.get_num_threads(), None
        if member.launched:
            others = Others()
        else:
            threads, store = max(1, threads // member.ranks), Path(scratch) / "met"
            others = OtherProcesses(member.ranks, store, threads)
        try:
            _meet(member, others, store)
            yield Ranks(member.ranks, others, threads)
            with suppress(RankLost):
                told(None)
            others.end()
        finally:
            others.kill()
            part_company()


def _meet(member: Membership, others: Others, store: Path | None) -> None:
    try:
        if isinstance(others, OtherProcesses):
            others.wait_until_ready()
        join(member, store)
    except RankLost as lost:
        raise RequestError(f"{others.who_ended(lost)} before the training began. Ask for fewer --devices, or see "
                           "whether it works without.") from None
