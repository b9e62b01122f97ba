"""What all ranks but the first do: what that one says, until it says nothing more."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import torch

from morula.errors import MorulaError
from morula.examples.patches import Share
from morula.machine.preparation import prepare
from morula.ranks.collectives import RankLost, join, take_device, told
from morula.ranks.membership import Membership
from morula.ranks.replica import Assignment, Step

ALONE = 75
"""The exit status of a rank that ended because another had."""


def follow(member: Membership, store: Path | None = None, ready: Callable[[], object] = lambda: None) -> NoReturn:
    """Learn with the others, and end this process when that is done. Nothing of it could be left half-done.

    Args:
        member: which of them this is.
        store: the file through which they meet; None where torchrun has said where.
        ready: called when nothing but meeting them is left to do: the first waits for whoever is ready.
    """
    # Whoever stops a training stops the first rank; and nothing is heard here while others are waited for.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    status = 0
    try:
        prepare()
        take_device(member)
        ready()
        join(member, store)
        _follow(Share(member.rank, member.ranks))
    except RankLost:
        status = ALONE
    except Exception as error:
        words = str(error) if isinstance(error, MorulaError) else "".join(traceback.format_exception(error))
        print(f"Rank {member.rank} of {member.ranks}: {words}", file=sys.stderr, flush=True)
        status = 1
    sys.stdout.flush()
    os._exit(status)  # connections whose other end is gone are not closed in good order


def _follow(share: Share) -> None:
    replica = None
    while (what := told(None)) is not None:
        if isinstance(what, Assignment):
            replica = what.replica(share)
        elif isinstance(what, Step) and replica:
            torch.set_rng_state(what.drawn)
            replica.descend(what.number)
