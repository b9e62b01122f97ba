"""Looking on changes nothing, and what is seen is what the network makes of the frame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from morula.examples.example import ArrayExample, Piece, class_shares
from morula.learning import loop
from morula.learning.emergence import glimpse, is_glimpsed, watched_piece
from morula.learning.loop import Course, fit
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.planning.training_settings import TrainSettings


def plan(**changes) -> Plan:
    return Plan(**{
        "channels": ("grey",), "classes": ("body",), "binning": (1, 1), "patch": (16, 16), "batch": 4,
        "architecture": Architecture(width=2, depth=2), "learning_rate": 0.05, **changes,
    })


def square(side: int, space: tuple[int, ...] = (24, 24), seed: int = 0) -> ArrayExample:
    mask = np.zeros(space, np.uint8)
    mask[tuple(slice(4, 4 + side) for _ in space)] = 1
    noise = np.random.default_rng(seed).normal(0, 0.5, space)
    image = (2 * mask + noise)[None].astype(np.float32)
    return ArrayExample(f"{side}-{seed}", image, class_shares(mask, 1, (1,) * len(space)))


def course(**changes) -> Course:
    training = [square(side, seed=side) for side in (8, 10, 12, 14)]
    settings = TrainSettings(steps=12, precision="float32")
    return replace(Course(plan(), settings, training, [square(10, seed=99)]), **changes)


def equal(one: UNet, other: UNet) -> bool:
    return all(map(torch.equal, one.state_dict().values(), other.state_dict().values()))


def test_looks_are_close_at_first_and_then_ever_more_seldom():
    steps = [step for step in range(1, 5001) if is_glimpsed(step)]
    assert steps[:8] == list(range(1, 9))
    gaps = np.diff(steps)
    assert (np.diff(gaps) >= -1).all()
    assert (gaps[10:] / steps[11:]).max() < 0.15
    assert 30 <= sum(step <= 150 for step in steps) <= len(steps) <= 70


def test_looking_on_changes_no_weight():
    plain, watched = fit(course()), fit(course(watched=square(10, seed=99).cut(np.s_[:, :])))
    assert equal(plain.network, watched.network)
    assert plain.losses == watched.losses
    assert plain.validations[-1]["foreground_iou"] == watched.validations[-1]["foreground_iou"]
    assert not plain.glimpses


def test_the_last_look_is_at_the_model():
    watched = square(10, (19, 26), seed=99).cut(np.s_[:, :])  # a size that no network takes as it is
    found = fit(course(watched=watched))
    assert list(found.glimpses) == [*(step for step in range(1, found.step) if is_glimpsed(step)),
                                    found.step]
    with torch.no_grad():
        padded = np.pad(watched.image, ((0, 0), (0, 1), (0, 0)), mode="symmetric")
        expected = torch.sigmoid(found.network(torch.from_numpy(padded)[None]))[0, 0, :19]
    last = found.glimpses[found.step]
    assert last.shape == (2, 19, 26)
    np.testing.assert_allclose(last[1], 255 * expected.numpy(), atol=0.51)
    np.testing.assert_allclose(last.astype(int).sum(0), 255, atol=1)


def test_a_stopped_run_has_seen_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 0)
    watching = course(watched=square(10, seed=99).cut(np.s_[:, :]))
    undisturbed = fit(watching)

    def interrupt(done: int, total: int, words: str) -> None:
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(replace(watching, checkpoint=tmp_path / "aside", progress=interrupt))
    resumed = fit(replace(watching, checkpoint=tmp_path / "aside"))
    assert list(resumed.glimpses) == list(undisturbed.glimpses)
    for step, seen in undisturbed.glimpses.items():
        np.testing.assert_array_equal(resumed.glimpses[step], seen)


@pytest.mark.parametrize("axes", [2, 3])
def test_a_typical_frame_is_watched_and_not_more_of_it_than_is_cheap(axes):
    examples = [square(side, (64,) * axes) for side in (2, 4, 10, 5, 40)]
    small = plan(binning=(1,) * axes, patch=(16,) * axes, batch=8, architecture=Architecture(axes=axes))
    piece = watched_piece(examples, small)
    assert isinstance(piece, Piece)
    assert piece.image[0].size <= 8 * 16**axes / 4
    assert (piece.truth == 1).sum() == 5**axes  # whole, for the part lies where something is


def test_a_glimpse_of_several_classes():
    architecture = Architecture(axes=3, width=2, depth=2, outputs=4)
    watched = square(3, (7, 9, 8)).cut(np.s_[:, :, :])
    assert glimpse(UNet(architecture).eval(), watched, "float32").shape == (4, 7, 9, 8)
