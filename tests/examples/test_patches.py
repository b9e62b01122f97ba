"""Patches are drawn from the seed and the step alone, and show everything there is."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest
import torch

from morula.errors import FileError
from morula.examples.example import ArrayExample
from morula.examples.patches import Patches, Share
from morula.models.batch_sizes import BatchSizes
from morula.models.plan import Augmentation

STILL = Augmentation(flips=(), turns=False, warp=0, intensity=0, colour=0, blur=0, noise=0, gamma=1, contrast=1)


def flat(value: int, *space: int) -> ArrayExample:
    """An example that is known by its value wherever it is cut."""
    shares = np.zeros((2, *space), np.uint8)
    shares[0] = 255
    return ArrayExample(str(value), np.full((1, *space), value, np.float32), shares)


def spotted(*space: int) -> ArrayExample:
    """Noise with a small spot of class 1 in a corner, and a strip that nobody annotated."""
    image = np.random.default_rng(0).normal(size=(2, *space)).astype(np.float32)
    shares = np.zeros((2, *space), np.uint8)
    spot = tuple(slice(1, 5) for _ in space)
    shares[0] = 255
    shares[(0, *spot)], shares[(1, *spot)] = 0, 255
    shares[..., -3:] = 0
    return ArrayExample("spotted", image, shares)


@pytest.mark.parametrize("space", [(50,), (40, 60), (10, 40, 30)])
def test_a_batch_follows_from_seed_and_step_alone(space):
    examples = [spotted(*space), flat(3, *space)]
    examples[1] = ArrayExample("flat", np.concatenate([examples[1].image] * 2), examples[1].shares)
    patch = (16,) * len(space)
    one, other = (Patches(examples, patch, BatchSizes(3, 3), Augmentation(), seed) for seed in (7, 8))
    [one.batch(step) for step in range(3)]  # what was drawn before does not matter
    batch, again = one.batch(5), Patches(examples, patch, BatchSizes(3, 3), Augmentation(), 7).batch(5)
    assert batch.images.shape == (3, 2, *patch)
    assert batch.shares.shape == (3, 2, *patch)
    assert torch.equal(batch.images, again.images)
    assert torch.equal(batch.shares, again.shares)
    assert not torch.equal(batch.images, one.batch(6).images)
    assert not torch.equal(batch.images, other.batch(5).images)


def test_reading_ahead_changes_no_batch():
    """While a batch is learned from the next is read: whatever is asked for instead must not be that one."""
    examples = [spotted(40, 60), spotted(30, 50)]
    once = Patches(examples, (16, 16), BatchSizes(3, 3), Augmentation(), 0)
    for step in (0, 1, 2, 5, 1, 1, 0, 3):
        alone = Patches(examples, (16, 16), BatchSizes(3, 3), Augmentation(), 0).batch(step)
        assert torch.equal(once.batch(step).images, alone.images)


def test_what_cannot_be_read_is_said_when_its_batch_is_asked_for():
    @dataclass(frozen=True)
    class Lost(ArrayExample):
        def cut(self, box):
            raise FileError("gone")

    good = flat(1, 20, 20)
    order = np.random.default_rng([0, 1, 0]).permutation(2)  # the second of these is shown in step 1
    examples = [good, Lost("lost", good.image, good.shares)]
    patches = Patches([examples[place] for place in np.argsort(order)], (16, 16), BatchSizes(1, 1), STILL, 0)
    patches.batch(0)
    with pytest.raises(FileError, match="gone"):
        patches.batch(1)


def test_every_example_is_shown_once_a_lap_in_another_order():
    patches = Patches([flat(value, 20, 20) for value in range(7)], (16, 16), BatchSizes(3, 3), STILL, 0)
    shown = [int(value) for step in range(14) for value in patches.batch(step).images.mean((1, 2, 3)).round()]
    laps = [shown[start : start + 7] for start in range(0, 42, 7)]
    assert all(sorted(lap) == list(range(7)) for lap in laps)
    assert len(set(map(tuple, laps))) > 1


def test_patches_lie_in_the_frame_and_reach_every_pixel():
    """The image numbers its pixels, so that a patch tells where it was cut."""
    space = (40, 50)
    places = np.arange(2000, dtype=np.float32).reshape(1, *space)
    patches = Patches([ArrayExample("numbers", places, flat(0, *space).shares)], (16, 16), BatchSizes(8, 8), STILL, 0)
    seen = np.zeros(2000, bool)
    for step in range(60):
        for patch in patches.batch(step).images[:, 0].numpy():
            first = int(patch[0, 0].round())
            expected = places[0, first // 50 : first // 50 + 16, first % 50 : first % 50 + 16]
            np.testing.assert_allclose(patch, expected, atol=0.01)
            seen[expected.astype(int)] = True
    assert seen.all()


def test_rare_classes_are_sought():
    patches = Patches([spotted(200, 200)], (16, 16), BatchSizes(16, 16), STILL, 0)
    met = np.mean([(patches.batch(step).shares[:, 1].amax((1, 2)) > 0.5).float().mean() for step in range(20)])
    assert 0.25 < met < 0.5  # one in three; by chance it would be less than one in fifty


def test_frames_smaller_than_a_patch_are_mirrored():
    patches = Patches([spotted(9, 30)], (32, 32), BatchSizes(2, 2), Augmentation(), 0)
    batch = patches.batch(0)
    assert batch.images.shape == (2, 2, 32, 32)
    assert torch.isfinite(batch.images).all()
    assert batch.shares[:, 1].sum() > 0


def test_what_is_not_annotated_stays_so():
    patches = Patches([spotted(64, 64)], (32, 32), BatchSizes(16, 16), Augmentation(), 0)
    for step in range(10):
        shares = patches.batch(step).shares
        assert shares.min() >= 0
        total = shares.sum(1)
        assert total.max() <= 1 + 1e-4
        assert (total < 0.01).any()


def test_distances_move_with_the_image():
    """An image that shows the distances themselves, whatever the warp."""
    rng = np.random.default_rng(0)
    distances = np.kron(rng.integers(0, 256, (8, 8)), np.ones((12, 12))).astype(np.uint8)[None]
    example = ArrayExample("shown", distances / np.float32(255), flat(0, 96, 96).shares, distances)
    still = STILL.model_copy(update={"flips": (0, 1), "turns": True, "warp": 1.0})
    batch = Patches([example], (32, 32), BatchSizes(8, 8), still, 0).batch(3)
    assert batch.distances is not None
    assert batch.distances.shape == (8, 1, 32, 32)
    torch.testing.assert_close(batch.distances, batch.images.clamp(0, 1), rtol=0, atol=1e-5)
    assert Patches([flat(0, 96, 96)], (32, 32), BatchSizes(8, 8), still, 0).batch(3).distances is None


@pytest.mark.parametrize("space", [(50,), (40, 60), (10, 40, 30)])
@pytest.mark.parametrize("ranks", [2, 3, 5])
def test_parts_of_a_batch_are_together_the_batch(space, ranks):
    """What is drawn of a sample depends on who makes it as little as on how many share it; some have none."""
    examples, patch, sizes = [spotted(*space), spotted(*space)], (16,) * len(space), BatchSizes(2, 512)
    varied = Augmentation(warp=0.5, elastic=0.05, blur=0.5, noise=0.5, colour=0.1, gamma=1.5)
    whole = Patches(examples, patch, sizes, varied, 7)
    parts = [whole.of_share(Share(rank, ranks)) for rank in range(ranks)]
    for step in (0, 1, 7):
        batch, made = whole.batch(step), [part.batch(step) for part in parts]
        assert torch.equal(torch.cat([each.images for each in made]), batch.images)
        assert torch.equal(torch.cat([each.shares for each in made]), batch.shares)


def test_patches_travel_to_other_processes():
    patches = Patches([spotted(40, 60)], (16, 16), BatchSizes(3, 3), Augmentation(), 7).of_share(Share(1, 2))
    again = pickle.loads(pickle.dumps(patches))
    assert torch.equal(again.batch(4).images, patches.batch(4).images)
