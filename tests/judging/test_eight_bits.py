"""Eight bits are used where masks survive them, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from morula.examples.example import ArrayExample, Example
from morula.judging import eight_bits
from morula.judging.eight_bits import harmless_ranges
from morula.judging.validation import Validation, score
from morula.machine.number_formats import Precision
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet

ARCHITECTURE = Architecture(width=4, depth=1, normalisation="none", activation="relu")
PLAN = Plan(channels=("grey",), classes=("body",), binning=(1, 1), patch=(16, 16), batch=2, architecture=ARCHITECTURE,
            learning_rate=0.01)


def passing(spread: float) -> UNet:
    """A network that lets an image through, and calls what is above zero the body.

    Beside it goes a feature that is `spread` times as large and counts for nothing in the end: the steps of eight bits
    must span it where both come into one layer.
    """
    network = UNet(ARCHITECTURE)
    with torch.no_grad():
        for weights in network.parameters():
            weights.zero_()
        first, second = network.encoder[0].first[0], network.encoder[0].second[0]
        first.weight[0, 0, 1, 1], first.weight[1, 0, 1, 1] = 1, -1
        first.weight[2, 0, 1, 1] = spread
        second.weight[0, 0, 1, 1], second.weight[1, 1, 1, 1] = 1, 1
        network.head.weight[0, 0], network.head.weight[0, 1] = 1, -1
    return network.eval()


def examples(count: int) -> list[ArrayExample]:
    """Faint bodies: a tenth above zero, on a ground as much below, but for one bright pixel."""
    found = []
    for number in range(count):
        truth = np.zeros((16, 16), np.uint8)
        truth[4:12, 3 + number % 3 : 11] = 1
        image = np.where(truth, 0.1, -0.1).astype(np.float32)
        image[0, 0], truth[0, 0] = 1.0, 1
        shares = np.stack([255 * (truth == 0), 255 * (truth == 1)]).astype(np.uint8)
        found.append(ArrayExample(str(number), image[None], shares))
    return found


def test_a_network_whose_masks_survive_has_ranges():
    ranges = harmless_ranges(passing(1), examples(4), examples(2), PLAN)
    assert set(ranges) == {"encoder.0.first.0", "encoder.0.second.0", "head"}
    assert ranges["encoder.0.first.0"] == (-0.10000000149011612, 1.0)


def test_a_network_whose_masks_suffer_has_none():
    assert harmless_ranges(passing(1000), examples(4), examples(2), PLAN) == {}
    assert harmless_ranges(passing(1000), examples(4), [], PLAN) == {}


def test_what_is_known_already_is_not_scored_again(monkeypatch):
    """All of them, and only if these are all: otherwise it decides as if nothing were known."""
    scored = []

    def counting(network: UNet, several: Sequence[Example], plan: Plan, precision: Precision) -> Validation:
        scored.append(len(several))
        return score(network, several, plan, precision)

    monkeypatch.setattr(eight_bits, "score", counting)
    for spread, few in ((1, examples(2)), (1000, examples(2)), (1000, [])):
        network, learned = passing(spread), examples(4)
        known = score(network, few or learned, PLAN, "auto").scores
        scored.clear()
        assert harmless_ranges(network, learned, few, PLAN, known) == harmless_ranges(network, learned, few, PLAN)
        assert len(scored) == 1 + 2
    many = examples(40)
    scored.clear()
    harmless_ranges(passing(1), examples(4), many, PLAN, score(passing(1), many, PLAN, "auto").scores)
    assert scored == [32, 32]
