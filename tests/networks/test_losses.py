"""Losses against other implementations, and what must not count."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from monai.losses import DiceLoss

from morula.networks.losses import class_logits, cross_entropy, dice_cross_entropy, dice_loss


def drawn(classes: int, space: tuple[int, ...], batch: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    """Random logits and a hard truth that holds every class."""
    torch.manual_seed(0)
    truth = torch.randint(classes, (batch, *space))
    return torch.randn(batch, classes, *space), truth


def shares_of(truth: torch.Tensor, classes: int) -> torch.Tensor:
    return F.one_hot(truth, classes).movedim(-1, 1).float()


@pytest.mark.parametrize("space", [(30,), (8, 9), (4, 5, 6)])
@pytest.mark.parametrize("classes", [2, 4])
def test_hard_targets_score_as_in_other_libraries(classes, space):
    logits, truth = drawn(classes, space)
    shares = shares_of(truth, classes)
    torch.testing.assert_close(cross_entropy(logits, shares), F.cross_entropy(logits, truth))
    other = DiceLoss(include_background=False, softmax=True, squared_pred=True, batch=True, smooth_nr=0, smooth_dr=0)
    torch.testing.assert_close(dice_loss(logits, shares), other(logits, shares))


def test_a_lone_logit_is_the_softmax_of_two():
    logits, truth = drawn(2, (8, 9))
    lone = logits[:, 1:] - logits[:, :1]
    both = class_logits(lone)
    assert both.shape == logits.shape
    torch.testing.assert_close(both.softmax(1), logits.softmax(1))
    torch.testing.assert_close(both.softmax(1)[:, 1:], lone.sigmoid())
    torch.testing.assert_close(cross_entropy(both, shares_of(truth, 2)),
                               F.binary_cross_entropy_with_logits(lone[:, 0], truth.float()))
    torch.testing.assert_close(class_logits(logits), logits)


def test_soft_shares_cost_what_their_parts_cost():
    logits, truth = drawn(3, (6, 7))
    first, second = shares_of(truth, 3), shares_of((truth + 1) % 3, 3)
    mixed = cross_entropy(logits, 0.3 * first + 0.7 * second)
    torch.testing.assert_close(mixed, 0.3 * cross_entropy(logits, first) + 0.7 * cross_entropy(logits, second))


def test_what_nobody_annotated_does_not_count():
    logits, truth = drawn(3, (12, 12))
    shares = shares_of(truth, 3)
    shares[:, :, :, 5:] = 0
    changed = logits.clone()
    changed[:, :, :, 5:] = 100 * torch.randn(3, 3, 12, 7)
    for loss in (cross_entropy, dice_loss, dice_cross_entropy):
        torch.testing.assert_close(loss(changed, shares), loss(logits, shares))
        torch.testing.assert_close(loss(logits, shares), loss(logits[..., :5], shares[..., :5]))


def test_without_any_annotation_nothing_is_lost_and_nothing_learnt():
    logits, _ = drawn(2, (8, 8))
    logits.requires_grad_()
    loss = dice_cross_entropy(logits, torch.zeros(3, 2, 8, 8))
    loss.backward()
    assert loss.item() == 0
    assert not logits.grad.any()


@pytest.mark.parametrize("classes", [2, 4])
def test_the_truth_itself_costs_nothing_and_its_opposite_much(classes):
    _, truth = drawn(classes, (10, 10))
    shares = shares_of(truth, classes)
    perfect, wrong = 30 * (2 * shares - 1), 30 * (2 * shares_of((truth + 1) % classes, classes) - 1)
    assert dice_cross_entropy(perfect, shares).item() < 1e-4
    assert dice_cross_entropy(wrong, shares).item() > 30


def test_soft_dice_is_zero_where_shares_are_matched_exactly():
    shares = torch.rand(2, 1, 6, 6)
    shares = torch.cat([1 - shares, shares], 1)
    assert dice_loss(shares.log(), shares).item() == pytest.approx(0, abs=1e-5)


def test_a_class_the_batch_lacks_is_no_failure():
    logits, truth = drawn(3, (8, 8))
    shares = shares_of(truth.clamp_max(1), 3)
    pair = logits[:, :2].softmax(1)  # with class 2 ruled out, class 1 scores as if it were the only one
    ruled_out = torch.cat([pair.log(), torch.full_like(logits[:, 2:], -50)], 1)
    torch.testing.assert_close(dice_loss(ruled_out, shares), dice_loss(pair.log(), shares[:, :2]))
