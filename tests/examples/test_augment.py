"""What moves an image moves its annotation, and nothing is invented."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import affine_transform, uniform_filter

from morula.examples.augment import source_size, vary_intensity, warp, warp_grid
from morula.models.plan import Augmentation

STILL = Augmentation(flips=(), turns=False, warp=0, intensity=0, colour=0, blur=0, noise=0, gamma=1, contrast=1)
SYMMETRIC = STILL.model_copy(update={"flips": (0, 1, 2), "turns": True})
FREE = STILL.model_copy(update={"warp": 1.0})


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def smooth(*shape: int) -> np.ndarray:
    return uniform_filter(rng().random(shape, np.float32), 5)


def varied(stack: np.ndarray, patch: tuple[int, ...], augmentation: Augmentation, seed: int = 0) -> np.ndarray:
    grid = warp_grid(len(stack), stack.shape[2:], patch, augmentation, rng(seed))
    return warp(torch.from_numpy(stack), grid).numpy()


@pytest.mark.parametrize("patch", [(32,), (16, 32), (4, 16, 16), (15, 15)])
def test_without_anything_asked_the_middle_comes_out_as_it_is(patch):
    source = source_size(patch, STILL)
    stack = rng().random((3, 2, *source), np.float32)
    inside = tuple(slice((s - p) // 2, (s - p) // 2 + p) for s, p in zip(source, patch, strict=True))
    np.testing.assert_allclose(varied(stack, patch, STILL), stack[(slice(None), slice(None), *inside)], atol=1e-5)


@pytest.mark.parametrize("patch", [(32,), (16, 16), (6, 16, 16)])
def test_flips_and_quarter_turns_only_permute_pixels(patch):
    source = source_size(patch, SYMMETRIC)
    stack = rng().random((16, 1, *source), np.float32)
    found = varied(stack, patch, SYMMETRIC)
    np.testing.assert_allclose(np.sort(found.reshape(16, -1)), np.sort(stack.reshape(16, -1)), atol=1e-5)
    assert len({seen.tobytes() for seen in np.sign(found - stack)}) > 2  # and not one of them alone


def test_every_symmetry_of_the_square_occurs():
    stack = np.tile(rng().random((1, 1, 8, 8), np.float32), (200, 1, 1, 1))
    found = {np.round(patch[0], 3).tobytes() for patch in varied(stack, (8, 8), SYMMETRIC)}
    square = np.round(stack[0, 0], 3)
    sides = [np.rot90(each, turns) for each in (square, square[::-1]) for turns in range(4)]
    assert len(found) == 8
    for each in found:
        assert min(np.abs(np.frombuffer(each, np.float32).reshape(8, 8) - side).max() for side in sides) < 0.002


def test_symmetries_of_an_oblong_patch_stay_on_the_pixels():
    source = source_size((16, 32), SYMMETRIC)
    stack = rng().integers(0, 1000, (16, 1, *source)).astype(np.float32)
    found = varied(stack, (16, 32), SYMMETRIC)
    np.testing.assert_allclose(found, found.round(), atol=0.01)


@pytest.mark.parametrize("patch", [(24, 24), (8, 24, 24)])
def test_image_and_annotation_move_together(patch):
    source = source_size(patch, FREE)
    plane = rng().random((4, 1, *source), np.float32)
    everything = FREE.model_copy(update={"flips": (0, 1, 2), "turns": True})
    found = varied(np.concatenate([plane, 255 * plane], 1), patch, everything)
    np.testing.assert_allclose(255 * found[:, 0], found[:, 1], rtol=1e-4, atol=1e-3)
    assert np.abs(found[0] - found[1]).max() > 0.1


def test_a_turn_is_the_turn_of_another_library():
    """One patch turned by a free angle, done again with scipy from the angle that the corners show."""
    turn = FREE.model_copy(update={"elastic": 0.0, "scale": 1.0, "rotation": 35.0})
    source = source_size((33, 33), turn)
    grid = warp_grid(1, source, (33, 33), turn, rng(3))
    places = (grid[0].flip(-1).numpy() * np.array(source) / 2) + (np.array(source) - 1) / 2  # in pixels of the source
    down, right = places[17, 16] - places[16, 16], places[16, 17] - places[16, 16]
    matrix = np.stack([down, right], 1)
    assert np.linalg.norm(down) == pytest.approx(1, abs=1e-3)
    assert down @ right == pytest.approx(0, abs=1e-3)
    assert 1 < abs(np.degrees(np.arctan2(down[1], down[0]))) < 35
    picture = smooth(*source)
    offset = places[16, 16] - matrix @ [16, 16]
    expected = affine_transform(picture, matrix, offset, (33, 33), order=1, mode="reflect")
    found = warp(torch.from_numpy(picture)[None, None], grid)[0, 0].numpy()
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_scaling_stays_within_its_bounds():
    scaled = FREE.model_copy(update={"elastic": 0.0, "rotation": 0.0, "scale": 1.5})
    source = source_size((20, 20), scaled)
    grid = warp_grid(300, source, (20, 20), scaled, rng()).flip(-1) * torch.tensor(source) / 2
    steps = (grid[:, 1:, :, 0] - grid[:, :-1, :, 0]).mean((1, 2))
    assert 1 / 1.5 - 1e-3 < steps.min() < 0.75
    assert 1.33 < steps.max() < 1.5 + 1e-3


def test_the_elastic_warp_is_gentle_and_can_be_left_out():
    bent = FREE.model_copy(update={"rotation": 0.0, "scale": 1.0, "elastic": 0.03})
    straight = bent.model_copy(update={"elastic": 0.0})
    size = source_size((64, 64), bent)
    moved = (warp_grid(50, size, (64, 64), bent, rng()) - warp_grid(1, size, (64, 64), straight, rng())) * size[0] / 2
    assert moved.std().item() == pytest.approx(0.03 * 64, rel=0.35)
    jumps = (moved[:, 1:] - moved[:, :-1]).abs().max().item()
    assert jumps < 1  # no folds


def test_what_is_not_annotated_stays_so():
    source = source_size((32, 32), FREE)
    shares = np.zeros((8, 3, *source), np.float32)
    assert not varied(shares, (32, 32), FREE).any()
    shares[:, 0] = 255
    np.testing.assert_allclose(varied(shares, (32, 32), FREE)[:, 0], 255, rtol=1e-5)


class TestIntensity:
    def vary(self, images: np.ndarray, seed: int = 0, **changes) -> np.ndarray:
        return vary_intensity(torch.from_numpy(images), STILL.model_copy(update=changes), rng(seed)).numpy()

    def test_nothing_asked_changes_nothing(self):
        images = rng().normal(size=(4, 2, 16, 16)).astype(np.float32)
        np.testing.assert_allclose(self.vary(images), images, atol=1e-5)

    def test_brightness_shifts_and_contrast_stretches_each_patch(self):
        images = rng().normal(size=(200, 1, 16, 16)).astype(np.float32)
        shifted = (self.vary(images, intensity=1.0, brightness=0.4) - images).mean((1, 2, 3))
        assert -0.4 <= shifted.min() < -0.3 < 0.3 < shifted.max() <= 0.4
        stretched = self.vary(images, intensity=1.0, brightness=0.0, contrast=1.5).std((1, 2, 3))
        stretched /= images.std((1, 2, 3))
        assert 1 / 1.51 < stretched.min() < 0.75 < 1.33 < stretched.max() < 1.51

    def test_gamma_bends_between_the_darkest_and_the_brightest(self):
        images = rng().normal(size=(20, 1, 16, 16)).astype(np.float32)
        bent = self.vary(images, intensity=1.0, brightness=0.0, gamma=2.0)
        for before, after in zip(images, bent, strict=True):
            np.testing.assert_array_equal(np.argsort(before.ravel()), np.argsort(after.ravel()))
            assert (after.min(), after.max()) == pytest.approx((before.min(), before.max()), abs=0.02)
        assert np.abs(bent - images).max() > 0.2

    def test_channels_that_are_no_colours_keep_their_balance(self):
        images = rng().normal(size=(4, 2, 16, 16)).astype(np.float32)
        everything = {"intensity": 1.0, "colour": 0.3, "noise": 1.0}
        neutral = {"mixing": 0.0, "balance": 1.0}
        np.testing.assert_array_equal(self.vary(images, **everything), self.vary(images, **everything, **neutral))

    def test_noise_and_focus_meet_only_some(self):
        images = np.tile(rng().normal(size=(1, 1, 32, 32)).astype(np.float32), (400, 1, 1, 1))
        for change in ("noise", "blur"):
            met = np.abs(self.vary(images, **{change: 0.25}) - images).max((1, 2, 3)) > 1e-4
            assert 0.15 < met.mean() < 0.35

    def test_the_seed_decides(self):
        images = rng().normal(size=(4, 1, 16, 16)).astype(np.float32)
        changes = {"intensity": 1.0, "noise": 1.0, "blur": 1.0}
        np.testing.assert_array_equal(self.vary(images, 5, **changes), self.vary(images, 5, **changes))
        assert np.abs(self.vary(images, 5, **changes) - self.vary(images, 6, **changes)).max() > 0.1
