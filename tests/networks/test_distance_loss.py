"""What wrong distances cost."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from morula.networks import distance_loss

INSIDE, OUTSIDE = torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0])


def shares(*pixels: torch.Tensor) -> torch.Tensor:
    return torch.stack(pixels, -1)[None]


def distance_cost(levels: list[torch.Tensor], true: torch.Tensor, annotation: torch.Tensor) -> float:
    return distance_loss.distance_cost(levels, true, annotation).item()


def test_true_distances_cost_nothing_and_any_other_something():
    true = torch.tensor([[[0.2, 0.7, 0.0, 1.0]]])
    annotation = shares(INSIDE, INSIDE, OUTSIDE, INSIDE)
    met = distance_cost([true.logit(1e-7)], true, annotation)
    assert met == pytest.approx(0, abs=1e-5)
    for change in (-0.1, 0.1):
        assert distance_cost([(true + change).clamp(0, 1).logit(1e-7)], true, annotation) > met + 0.005


def test_it_is_the_divergence_that_torch_knows():
    """Of the two outcomes inside and outside, the mean over pixels of one kind."""
    true, logits = torch.tensor([[[0.2, 0.7, 0.4]]]), torch.tensor([[[-1.0, 0.5, 2.0]]])
    both = torch.stack([logits.sigmoid(), 1 - logits.sigmoid()], 1)[:, :, 0]
    expected = F.kl_div(both.log(), torch.stack([true, 1 - true], 1)[:, :, 0], reduction="none").sum(1).mean()
    found = distance_cost([logits], true, shares(INSIDE, INSIDE, INSIDE))
    assert 2 * found == pytest.approx(expected.item(), rel=1e-5)  # the other half is for the background


def test_what_nobody_annotated_costs_nothing():
    true, annotation = torch.tensor([[[0.5, 0.5]]]), shares(INSIDE, torch.zeros(2))
    logits = torch.tensor([[[0.0, 50.0]]], requires_grad=True)
    cost = distance_loss.distance_cost([logits], true, annotation)
    assert cost.item() == pytest.approx(0, abs=1e-6)
    cost.backward()
    assert logits.grad is not None
    assert logits.grad[0, 0, 1] == 0
    assert distance_cost([logits], true, torch.zeros(1, 2, 2)) == 0


def test_objects_and_background_count_alike_however_many_pixels_they_have():
    annotation = shares(INSIDE, *[OUTSIDE] * 9)
    true = torch.zeros(1, 1, 10)
    logits = torch.full((1, 1, 10), -20.0)
    inside, outside = logits.clone(), logits.clone()
    inside[..., 0], outside[..., 1:] = 1.0, 1.0
    assert distance_cost([inside], true, annotation) == pytest.approx(distance_cost([outside], true, annotation))


def test_coarser_levels_see_means_and_count_half():
    true, annotation = torch.tensor([[[0.0, 0.4, 0.6, 1.0]]]), shares(*[INSIDE] * 4)
    fine, coarse = true.logit(1e-7), torch.tensor([[[0.2, 0.8]]]).logit()
    assert distance_cost([fine, coarse], true, annotation) == pytest.approx(0, abs=1e-5)
    wrong = distance_cost([fine, coarse + 1], true, annotation)
    alone = distance_cost([coarse + 1], torch.tensor([[[0.2, 0.8]]]), shares(INSIDE, INSIDE))
    assert wrong == pytest.approx(alone / 3, rel=1e-3)
