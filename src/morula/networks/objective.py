"""Which loss it is, as data: readable without torch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal, get_args

from morula.errors import RequestError

LossName = Literal["dice", "jaccard", "tversky", "cross_entropy", "focal", "topk", "brier"]

DICE_CROSS_ENTROPY = "dice + cross_entropy"
"""Cross-entropy for a steady gradient, Dice for classes that cover little."""

_TERM = re.compile(r"\s*(?:(\d+\.?\d*|\.\d+)(?:\s*\*\s*|\s+))?(\w+)\s*")


def loss_terms(text: str) -> dict[LossName, float]:
    """The losses of a sum and their weights: `"dice + 0.5 focal"` is `{"dice": 1.0, "focal": 0.5}`.

    Raises:
        ValueError: it is no such sum; a loss is unknown, named twice, or weighs nothing.
    """
    terms: dict[LossName, float] = {}
    for part in text.split("+"):
        match = _TERM.fullmatch(part)
        name = next((known for known in get_args(LossName) if match and match[2] == known), None)
        if match is None or name is None:
            raise ValueError(f"should be a sum such as 'dice + 0.5 focal', made of {', '.join(get_args(LossName))}")
        if name in terms:
            raise ValueError(f"should name {name} once")
        terms[name] = float(match[1] or 1)
        if terms[name] == 0:
            raise ValueError(f"should give {name} a weight above 0, or leave it out")
    return terms


def fitting_weights(weights: Sequence[float] | None, classes: Sequence[str]) -> tuple[float, ...] | None:
    """The weights of classes as they came, one for each.

    Args:
        weights: how much each class counts; None if all count alike.
        classes: the names of the classes without background, which the first weight is for.

    Raises:
        RequestError: there are more or fewer weights than classes.
    """
    if weights is None:
        return None
    names = ("background", *classes)
    if len(weights) != len(names):
        example = ",".join(["1", *("2" for _ in classes)])
        raise RequestError(f"--class-weights gives {len(weights)} numbers, and there are {len(names)} classes: "
                           f"{', '.join(names)}. Give one number for each, in this order, such as {example}.")
    return tuple(weights)
