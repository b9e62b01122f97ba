"""Outlines nobody annotated are drawn short, and along the edges of the image."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from morula.networks.outlines import PRICE, outline_cost


def logits_of(mask: np.ndarray) -> torch.Tensor:
    """Certain of a binary mask `(*space)`: `(1, 2, *space)`."""
    return torch.from_numpy(np.stack([mask == 0, mask == 1])[None] * 200.0 - 100).float()


def bar(*space: int, wide: int = 8) -> np.ndarray:
    """Ones between two planes across the last axis."""
    mask = np.zeros(space, int)
    mask[..., 4 : 4 + wide] = 1
    return mask


@pytest.mark.parametrize("space", [(40,), (30, 40), (6, 30, 40)])
def test_on_even_ground_it_is_the_length_of_the_outline(space):
    """Two planes across the last axis: each row of pixels is crossed twice, whatever the width between them."""
    image, shares = torch.zeros(1, 1, *space), torch.zeros(1, 2, *space)
    expected = PRICE * 2 / (space[-1] - 1)  # of all pairs of neighbours along that axis
    for wide in (3, 20):
        cost = outline_cost(logits_of(bar(*space, wide=wide)), image, shares)
        assert cost.item() == pytest.approx(expected, rel=1e-5)


def test_along_an_edge_of_the_image_it_costs_least():
    image = torch.from_numpy(bar(30, 40)).float()[None, None] + 0.01 * torch.rand(1, 1, 30, 40)
    shares = torch.zeros(1, 2, 30, 40)
    on_it, beside = (outline_cost(logits_of(bar(30, 40, wide=wide)), image, shares) for wide in (8, 14))
    assert on_it < 0.1 * beside
    assert outline_cost(logits_of(np.zeros((30, 40), int)), image, shares) < 1e-6


def test_what_is_annotated_costs_nothing_and_full_annotation_needs_no_help():
    mask = bar(30, 40)
    shares = torch.from_numpy(np.stack([mask == 0, mask == 1])[None]).float()
    image = torch.zeros(1, 1, 30, 40)
    assert outline_cost(torch.randn(1, 2, 30, 40), image, shares) == 0
    only_around = shares.clone()
    only_around[..., 13:] = 0
    assert outline_cost(logits_of(mask), image, only_around) < 1e-6  # the outline lies where masks say so
    assert outline_cost(torch.randn(1, 2, 30, 40), image, only_around) > 0


def test_descending_it_moves_an_outline_to_the_edge():
    """Some pixels within and some around are annotated, and the image alone tells where the bar ends."""
    mask = bar(30, 40, wide=16)
    image = torch.from_numpy(mask).float()[None, None]
    shares = torch.zeros(1, 2, 30, 40)
    shares[0, 1, :, 10:13], shares[0, 0, :, 34:37] = 1, 1
    start = torch.zeros(1, 2, 30, 40)
    start[0, 1, :, :28], start[0, 0, :, :] = 1.0, 0.0
    logits = start.requires_grad_()
    optimiser = torch.optim.Adam([logits], 0.05)
    for _ in range(400):
        optimiser.zero_grad()
        surprise = -(shares * logits.log_softmax(1)).sum() / shares.sum()
        (surprise + outline_cost(logits, image, shares)).backward()
        optimiser.step()
    found = logits[0].argmax(0).numpy()
    assert (found[:, 5:] == mask[:, 5:]).mean() > 0.98
