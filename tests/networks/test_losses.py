"""Losses against other implementations, and what must not count."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.losses import DiceLoss, FocalLoss, TverskyLoss
from sklearn.metrics import brier_score_loss
from torch import Tensor

from morula.networks.architecture import Architecture
from morula.networks.losses import LOSSES, Loss, class_logits
from morula.networks.unet import UNet

SPACES = [(30,), (8, 9), (4, 5, 6)]
OF_PIXELS = ("cross_entropy", "focal", "topk", "brier")
OF_OVERLAPS = ("dice", "jaccard", "tversky")


def drawn(classes: int, space: tuple[int, ...], batch: int = 3) -> tuple[Tensor, Tensor]:
    """Random logits and a hard truth that holds every class."""
    torch.manual_seed(0)
    truth = torch.randint(classes, (batch, *space))
    return torch.randn(batch, classes, *space), truth


def shares_of(truth: Tensor, classes: int) -> Tensor:
    return F.one_hot(truth, classes).movedim(-1, 1).float()


def soft(classes: int, space: tuple[int, ...], batch: int = 3) -> Tensor:
    """Shares as they come from binning: some whole, some mixed."""
    _, truth = drawn(classes, space, batch)
    mixed = torch.rand(batch, classes, *space).softmax(1)
    return torch.where(torch.rand(batch, 1, *space) < 0.5, shares_of(truth, classes), mixed)


def cost(name: str, logits: Tensor, shares: Tensor, weights: list[float] | None = None) -> Tensor:
    """A single loss."""
    return LOSSES[name](logits, shares, torch.tensor(weights or [1.0] * shares.shape[1]))


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("classes", [2, 4])
class TestAgainstOthers:
    def test_cross_entropy(self, classes, space):
        logits, truth = drawn(classes, space)
        weights = [1.0, 0.0, 3.0, 0.5][:classes]
        shares = shares_of(truth, classes)
        torch.testing.assert_close(cost("cross_entropy", logits, shares), F.cross_entropy(logits, truth))
        torch.testing.assert_close(cost("cross_entropy", logits, shares, weights),
                                   F.cross_entropy(logits, truth, torch.tensor(weights)))
        mixed = soft(classes, space)
        torch.testing.assert_close(cost("cross_entropy", logits, mixed), F.cross_entropy(logits, mixed))

    def test_dice_and_jaccard(self, classes, space):
        """Hard or soft: monai's squared form counts overlap in another way, and comes to the same."""
        logits, truth = drawn(classes, space)
        options = {"include_background": False, "softmax": True, "squared_pred": True, "batch": True,
                   "smooth_nr": 0, "smooth_dr": 0}
        for shares in (shares_of(truth, classes), soft(classes, space)):
            for name in ("dice", "jaccard"):
                other = DiceLoss(**options, jaccard=name == "jaccard")
                torch.testing.assert_close(cost(name, logits, shares), other(logits, shares))
        if classes == 4:
            weighted = DiceLoss(**options, weight=[1.0, 5.0, 0.5], reduction="sum")(logits, shares) / 6.5
            torch.testing.assert_close(cost("dice", logits, shares, [9.0, 1.0, 5.0, 0.5]), weighted)

    def test_tversky(self, classes, space):
        """Squares change nothing where the network is sure."""
        found, truth = (drawn(classes, space)[1].roll(shift, 0) for shift in (0, 1))
        sure, shares = 200 * shares_of(found, classes), shares_of(truth, classes)
        options = {"include_background": False, "softmax": True, "batch": True, "smooth_nr": 0, "smooth_dr": 0}
        other = TverskyLoss(**options, alpha=0.3, beta=0.7)
        torch.testing.assert_close(cost("tversky", sure, shares), other(sure, shares))

    def test_focal(self, classes, space):
        logits, truth = drawn(classes, space)
        other = FocalLoss(use_softmax=True, gamma=2, reduction="none")
        for shares in (shares_of(truth, classes), soft(classes, space)):
            torch.testing.assert_close(cost("focal", logits, shares), other(logits, shares).sum(1).mean())
        weights = [1.0, 2.0, 3.0, 0.5][:classes]
        shares, weighted = shares_of(truth, classes), FocalLoss(use_softmax=True, weight=weights, reduction="none")
        expected = weighted(logits, shares).sum() / torch.tensor(weights)[truth].sum()
        torch.testing.assert_close(cost("focal", logits, shares, weights), expected)

    def test_brier(self, classes, space):
        logits, truth = drawn(classes, space)
        probabilities = logits.softmax(1).movedim(1, -1).reshape(-1, classes).double().numpy()
        probabilities /= probabilities.sum(1, keepdims=True)
        # Of two classes, the other library counts one.
        known = truth.flatten().numpy()
        expected = (2 * brier_score_loss(known, probabilities[:, 1]) if classes == 2
                    else np.square(np.eye(classes)[known] - probabilities).sum(1).mean())
        assert cost("brier", logits, shares_of(truth, classes)).item() == pytest.approx(expected, rel=1e-5)

    def test_topk(self, classes, space):
        logits, truth = drawn(classes, space)
        surprise = np.sort(F.cross_entropy(logits, truth, reduction="none").flatten().numpy())[::-1]
        expected = surprise[: math.ceil(0.1 * len(surprise))].mean()
        assert cost("topk", logits, shares_of(truth, classes)).item() == pytest.approx(expected, rel=1e-5)


def test_the_default_is_cross_entropy_and_dice():
    """The sum that models have been trained with from the beginning, written down a second time."""
    shares = soft(3, (9, 8)) * (torch.rand(3, 1, 9, 8) > 0.3)  # a part is not annotated
    logits = drawn(3, (9, 8))[0]
    entropy = -(shares * logits.log_softmax(1)).sum() / shares.sum()
    found = (logits.softmax(1) * shares.sum(1, keepdim=True))[:, 1:]
    truth = shares[:, 1:]
    dice = 2 * (found * truth).sum((0, 2, 3)) / (found.square() + truth.square()).sum((0, 2, 3))
    torch.testing.assert_close(Loss()([logits], shares), entropy + (1 - dice).mean())


def test_a_lone_logit_is_the_softmax_of_two():
    logits, truth = drawn(2, (8, 9))
    lone = logits[:, 1:] - logits[:, :1]
    both = class_logits(lone)
    assert both.shape == logits.shape
    torch.testing.assert_close(both.softmax(1), logits.softmax(1))
    torch.testing.assert_close(both.softmax(1)[:, 1:], lone.sigmoid())
    torch.testing.assert_close(Loss("cross_entropy")([lone], shares_of(truth, 2)),
                               F.binary_cross_entropy_with_logits(lone[:, 0], truth.float()))
    torch.testing.assert_close(class_logits(logits), logits)


def test_a_sum_is_the_sum_of_its_parts():
    logits, truth = drawn(3, (8, 9))
    shares = shares_of(truth, 3)
    weights = [1.0, 2.0, 4.0]
    parts = 0.5 * cost("focal", logits, shares, weights) + 2 * cost("tversky", logits, shares, weights)
    torch.testing.assert_close(Loss("0.5 focal + 2 tversky", weights)([logits], shares), parts)


@pytest.mark.parametrize("name", LOSSES)
class TestEach:
    @pytest.mark.parametrize("space", SPACES)
    def test_what_nobody_annotated_does_not_count(self, name, space):
        logits, shares = drawn(3, space)[0], soft(3, space)
        shares[..., 2:] = 0
        changed = logits.clone()
        changed[..., 2:] = 100 * torch.randn_like(changed[..., 2:])
        weights = [1.0, 2.0, 4.0]
        torch.testing.assert_close(cost(name, changed, shares, weights), cost(name, logits, shares, weights))
        torch.testing.assert_close(cost(name, logits, shares, weights),
                                   cost(name, logits[..., :2], shares[..., :2], weights))

    def test_without_any_annotation_nothing_is_lost_and_nothing_learnt(self, name):
        logits = drawn(2, (8, 8))[0].requires_grad_()
        loss = cost(name, logits, torch.zeros(3, 2, 8, 8))
        loss.backward()
        assert loss.item() == 0
        assert not logits.grad.any()

    @pytest.mark.parametrize("classes", [2, 4])
    def test_the_truth_itself_costs_nothing_and_every_doubt_more(self, name, classes):
        _, truth = drawn(classes, (10, 10))
        shares = shares_of(truth, classes)
        right, wrong = 2 * shares - 1, 2 * shares_of((truth + 1) % classes, classes) - 1
        costs = [cost(name, logits, shares).item() for logits in (30 * right, right, wrong, 9 * wrong)]
        assert costs[0] < 1e-4
        assert costs == sorted(costs)
        assert costs[2] > 1.2 * costs[1] > 10 * costs[0]

    @pytest.mark.parametrize("size", [1e4, 1e30])
    def test_gradients_are_finite_however_sure_the_network_is(self, name, size):
        logits, truth = drawn(3, (6, 6))
        logits = (size * logits.sign()).requires_grad_()
        cost(name, logits, shares_of(truth, 3)).backward()
        assert logits.grad.isfinite().all()

    def test_a_heavy_class_is_listened_to(self, name):
        """Where the truth is torn between two classes, the heavier one has the stronger pull."""
        torch.manual_seed(0)
        shares = shares_of(torch.tensor([[1, 2] * 50]), 3)
        pulls = []
        for weights in ([1.0, 1.0, 8.0], [1.0, 8.0, 1.0]):
            logits = torch.zeros(1, 3, 1, requires_grad=True)  # one answer for all pixels
            cost(name, logits.expand(1, 3, 100), shares, weights).backward()
            pulls.append(-logits.grad[0, :, 0])
        assert pulls[0][2] > pulls[1][2]
        assert pulls[0][1] < pulls[1][1]

    @pytest.mark.parametrize("outputs", [1, 3])
    @pytest.mark.slow
    def test_alone_it_teaches_a_small_network_one_batch(self, name, outputs):
        torch.manual_seed(0)
        truth = torch.zeros(2, 24, 24, dtype=torch.long)
        truth[0, 4:16, 8:20], truth[1, 6:20, 3:13] = 1, 1
        if outputs > 1:
            truth[:, 17:, 15:] = 2
        images = truth[:, None].float() + 0.3 * torch.randn(2, 1, 24, 24)
        shares = shares_of(truth, max(2, outputs))
        network = UNet(Architecture(width=8, depth=2, outputs=outputs))
        optimiser = torch.optim.AdamW(network.parameters(), lr=0.02)
        loss = Loss(name)
        for _ in range(50):
            optimiser.zero_grad()
            loss([network(images)], shares).backward()
            optimiser.step()
        with torch.no_grad():
            found = class_logits(network(images)).argmax(1)
        for number in range(1, shares.shape[1]):
            both = ((found == number) & (truth == number)).sum()
            assert both / ((found == number) | (truth == number)).sum() > 0.9


@pytest.mark.parametrize("name", [name for name in LOSSES if name not in ("focal", "topk")])
@given(share=st.floats(0.05, 0.95), guess=st.floats(0.02, 0.98))
@settings(max_examples=40)
def test_nothing_costs_less_than_the_shares_themselves(name, share, guess):
    """Everyone who guesses another probability than the true share pays more."""
    shares = torch.tensor([1 - share, share])[None, :, None].expand(1, 2, 4)
    honest, other = (cost(name, torch.tensor([1 - p, p]).log()[None, :, None].expand(1, 2, 4), shares)
                     for p in (share, guess))
    assert honest <= other + 1e-6
    if name in OF_OVERLAPS:
        assert honest.item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", OF_PIXELS)
def test_pixels_of_a_class_that_weighs_nothing_do_not_count(name):
    logits, truth = drawn(3, (8, 8))
    confused = torch.where((truth == 2)[:, None], logits.roll(1, 1), logits)
    first, second = (cost(name, each, shares_of(truth, 3), [1.0, 3.0, 0.0]) for each in (logits, confused))
    torch.testing.assert_close(first, second)


@pytest.mark.parametrize("name", OF_OVERLAPS)
def test_outlines_of_a_class_that_weighs_nothing_do_not_count(name):
    logits, truth = drawn(3, (8, 8))
    shares = shares_of(truth, 3)
    alone = [torch.stack([1 - each[:, 1], each[:, 1]], 1) for each in (logits.softmax(1), shares)]
    torch.testing.assert_close(cost(name, logits, shares, [1.0, 3.0, 0.0]), cost(name, alone[0].log(), alone[1]))


@pytest.mark.parametrize("name", OF_OVERLAPS)
def test_a_class_the_batch_lacks_is_no_failure(name):
    logits, truth = drawn(3, (8, 8))
    shares = shares_of(truth.clamp_max(1), 3)
    pair = logits[:, :2].softmax(1)  # with class 2 ruled out, class 1 scores as if it were the only one
    ruled_out = torch.cat([pair.log(), torch.full_like(logits[:, 2:], -50)], 1)
    torch.testing.assert_close(cost(name, ruled_out, shares), cost(name, pair.log(), shares[:, :2]))


class TestLevels:
    def test_each_counts_half_of_the_finer_one(self):
        _, truth = drawn(2, (8, 16))
        shares = shares_of(truth, 2)
        levels = [torch.randn(3, 1, 8, 16), torch.randn(3, 1, 4, 8), torch.randn(3, 1, 4, 4)]
        coarse = [shares, F.avg_pool2d(shares, 2), F.avg_pool2d(shares, (2, 4))]
        costs = [Loss()([level], known) for level, known in zip(levels, coarse, strict=True)]
        torch.testing.assert_close(Loss()(levels, shares), (4 * costs[0] + 2 * costs[1] + costs[2]) / 7)

    @pytest.mark.parametrize("space", [(16,), (8, 16), (4, 8, 8)])
    def test_a_level_that_knows_the_shares_of_its_pixels_costs_least(self, space):
        """For one, two and three axes; half of the pixels are not annotated, in blocks and in single pixels."""
        shares = soft(3, space) * (torch.rand(3, 1, *space) > 0.5)
        shares[:, :, :2] = 0
        halved = [length // 2 for length in space]
        pooled = F.interpolate(shares, scale_factor=0.5, mode="area")
        assert list(pooled.shape[2:]) == halved
        known = pooled / pooled.sum(1, keepdim=True).clamp_min(1e-6)
        honest = (known + 1e-12).log()
        finest = torch.zeros(3, 3, *space)
        best = Loss("brier")([finest, honest], shares) - Loss("brier")([finest], shares) * 2 / 3
        assert best.item() == pytest.approx(0, abs=1e-5)
        guessed = Loss("brier")([finest, torch.randn_like(honest)], shares)
        assert guessed > Loss("brier")([finest, honest], shares) + 0.03
