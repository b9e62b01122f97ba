"""How a mask emerges: one part of a frame, segmented again and again while a network learns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from morula.examples.example import Example, Piece
from morula.machine.number_formats import Precision
from morula.models.engines import Engine
from morula.models.plan import Plan
from morula.models.sweep import at_once
from morula.networks.unet import UNet

SLOWER = 1.12
"""Each glimpse comes this many times later than the one before: much happens in the first steps."""
SHARE = 1 / 4
"""A watched part has at most this share of the pixels of a batch, so that a glimpse costs a tenth of a step."""
CANDIDATES = 40
"""Frames of which the most typical is watched."""


def watched_piece(examples: Sequence[Example], plan: Plan) -> Piece:
    """A part of that frame whose share of foreground is in the middle of all.

    Args:
        examples: to choose from.
        plan: says how large a batch is, and so how large the part may be.
    """
    pixels = int(SHARE * plan.batch * np.prod(plan.patch))
    pieces = [example.cut(example.places.window(example.shape[1:], pixels)) for example in examples[:CANDIDATES]]
    shares = [piece.shares[1:].mean() for piece in pieces]
    return pieces[int(np.argsort(shares)[len(shares) // 2])]


def is_glimpsed(step: int) -> bool:
    """Whether to look after a step: after each of the first, then ever more seldom.

    >>> [step for step in range(1, 40) if is_glimpsed(step)]
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 17, 19, 21, 24, 27, 30, 34, 38]
    """
    looked = 1
    while looked < step:
        looked = max(looked + 1, round(looked * SLOWER))
    return looked == step


def glimpse(network: UNet, watched: Piece, precision: Precision) -> np.ndarray:
    """What a network makes of the watched part: probabilities, uint8 `(classes with background, *space)`, 255 = 1."""
    return np.rint(at_once(Engine(network, precision), watched.image).probabilities * 255).astype(np.uint8)
