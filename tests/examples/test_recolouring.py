"""Colours vary as those of stains and lamps do: greys among themselves stay greys, and no pixel learns of another."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from morula.examples.augment import vary_intensity
from morula.examples.recolouring import colour_matrices, recoloured
from morula.models.plan import Augmentation

MIXED = Augmentation(intensity=1.0, mixing=0.3)
WEIGHED = Augmentation(intensity=1.0, balance=1.5)
BOTH = Augmentation(intensity=0.5, mixing=0.3, balance=1.5)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def pictures(*shape: int) -> torch.Tensor:
    return torch.from_numpy(rng().normal(size=shape).astype(np.float32))


def test_mixing_leaves_greys_grey_and_moves_all_else():
    grey = pictures(50, 1, 8, 8).expand(-1, 3, -1, -1)
    matrices = colour_matrices(50, MIXED, rng())
    torch.testing.assert_close(recoloured(grey, matrices), grey)
    coloured = pictures(50, 3, 8, 8)
    assert ((recoloured(coloured, matrices) - coloured).abs().amax((1, 2, 3)) > 0.1).all()


def test_parts_and_weights_stay_within_what_was_asked():
    parts = colour_matrices(2000, MIXED, rng()).numpy()
    np.testing.assert_allclose(parts.sum(2), 1, atol=1e-6)
    others = parts[:, ~np.eye(3, dtype=bool)]
    assert -0.3 <= others.min() < -0.29 < 0.29 < others.max() <= 0.3
    weights = colour_matrices(2000, WEIGHED, rng()).numpy()
    assert not weights[:, ~np.eye(3, dtype=bool)].any()
    own = np.log(np.diagonal(weights, axis1=1, axis2=2)) / np.log(1.5)
    assert -1 <= own.min() < -0.99 < 0.99 < own.max() <= 1
    assert abs(own.mean()) < 0.02


def test_a_share_of_the_patches_is_met():
    matrices = colour_matrices(2000, BOTH, rng()).numpy()
    untouched = (matrices == np.eye(3, dtype=np.float32)).all((1, 2)).mean()
    assert untouched == pytest.approx(0.25, abs=0.04)  # by neither of the two


@pytest.mark.parametrize("space", [(20,), (8, 8), (4, 6, 8)])
def test_each_pixel_becomes_its_own_colours_times_the_matrix(space):
    """As numpy multiplies matrices; what comes behind the colours stays."""
    images, matrices = pictures(3, 4, *space), colour_matrices(3, BOTH, rng(1))
    found = recoloured(images, matrices).numpy()
    for image, matrix, now in zip(images.numpy(), matrices.numpy(), found, strict=True):
        np.testing.assert_allclose(now[:3].reshape(3, -1), matrix @ image[:3].reshape(3, -1), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(now[3], image[3])


def test_the_seed_decides_and_parts_are_those_of_the_whole():
    images = pictures(5, 3, 8, 8)
    whole = vary_intensity(images, BOTH, rng(4))
    assert torch.equal(whole, vary_intensity(images, BOTH, rng(4)))
    assert not torch.equal(whole, vary_intensity(images, BOTH, rng(5)))
    parts = [vary_intensity(images[part], BOTH, rng(4), 5, part) for part in (slice(0, 2), slice(2, 5))]
    assert torch.equal(torch.cat(parts), whole)


def test_colours_vary_where_they_are_asked_to():
    """A picture of one colour has many once it was varied, and one where brightness alone varies."""
    images = torch.ones(40, 3, 4, 4) * torch.tensor([1.0, -1.0, 0.5]).reshape(3, 1, 1)
    plain = Augmentation(intensity=1.0, brightness=0, contrast=1, gamma=1, colour=0, blur=0, noise=0)
    torch.testing.assert_close(vary_intensity(images, plain, rng()), images)
    varied = vary_intensity(images, plain.model_copy(update={"mixing": 0.3, "balance": 1.5}), rng())
    assert (varied.std((0, 2, 3)) > 0.1).all()
    torch.testing.assert_close(varied.amax((2, 3)), varied.amin((2, 3)))  # all pixels of a patch alike
