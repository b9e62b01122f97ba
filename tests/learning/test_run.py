"""A training under way: its rate, its average, and how it is put aside and taken up."""

from __future__ import annotations

import copy
import math

import pytest
import torch

from morula.errors import FileError, RequestError
from morula.examples.patches import Batch
from morula.learning.checkpoint import read_checkpoint, write_checkpoint
from morula.learning.run import AVERAGING, Run
from morula.models.plan import Plan
from morula.networks.architecture import Architecture
from morula.networks.losses import Loss

PLAN = Plan(channels=("grey",), classes=("body",), binning=(1, 1), architecture=Architecture(width=4, depth=2),
            patch=(16, 16), batch=2, learning_rate=0.01)


def batch(step: int) -> Batch:
    generator = torch.Generator().manual_seed(step)
    images = torch.randn(2, 1, 16, 16, generator=generator)
    return Batch(images, torch.cat([images < 0, images >= 0], 1).float())


def going(steps: int, total: int = 60, precision="float32") -> Run:
    run = Run.start(PLAN, 3, precision)
    run.end_at(total)
    for step in range(steps):
        run.learn(batch(step))
    return run


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return set(one) == set(other) and all(torch.equal(one[name], other[name]) for name in one)


def test_the_average_follows_the_network():
    """The same exponential average, by hand, of the weights after each step."""
    run = Run.start(PLAN, 0, "float32")
    run.end_at(40)
    by_hand = {name: value.clone() for name, value in run.network.state_dict().items()}
    for step in range(30):
        run.learn(batch(step))
        keep = min(AVERAGING, (step + 1) / (step + 10))
        for name, value in run.network.state_dict().items():
            by_hand[name] = keep * by_hand[name] + (1 - keep) * value if value.is_floating_point() else value.clone()
    for name, value in run.average.state_dict().items():
        torch.testing.assert_close(value, by_hand[name])
    assert not equal(run.average.state_dict(), run.network.state_dict())


def test_the_first_weights_follow_from_seed_and_attempt():
    first, again, gentler = *(Run.start(PLAN, 1, "float32") for _ in range(2)), Run.start(PLAN, 1, "float32", attempt=1)
    assert equal(first.network.state_dict(), again.network.state_dict())
    assert not equal(first.network.state_dict(), gentler.network.state_dict())
    for one, other in zip(first.optimisers, gentler.optimisers, strict=True):
        assert other.rate == pytest.approx(one.rate / 3)


def test_one_wild_batch_does_not_throw_the_weights_off():
    calm, wild = going(10), going(10)
    strange = batch(10)
    wild.learn(Batch(1e4 * strange.images, strange.shares.flip(1)))
    moved = max((wild.network.state_dict()[name] - value).abs().max().item()
                for name, value in calm.network.named_parameters())
    assert math.isfinite(moved)
    assert moved < 0.1


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_run_put_aside_goes_on_as_if_nothing_had_happened(tmp_path, precision):
    undisturbed = going(40, precision=precision)
    run = going(25, precision=precision)
    run.validations.append({"step": 20, "foreground_iou": 0.5})
    path = tmp_path / "größe.safetensors.checkpoint"
    run.put_aside(path, "course")
    torch.manual_seed(99)
    taken = Run.take_up(path, "course", PLAN, 3, precision)
    assert (taken.step, taken.end, taken.attempt, taken.losses) == (25, 60, 0, run.losses)
    assert taken.validations == run.validations
    for step in range(25, 40):
        taken.learn(batch(step))
    assert equal(taken.network.state_dict(), undisturbed.network.state_dict())
    assert equal(taken.average.state_dict(), undisturbed.average.state_dict())
    assert taken.losses == undisturbed.losses


def test_what_is_descended_is_the_loss_of_the_plan_over_all_levels():
    deep = PLAN.model_copy(update={"loss": "focal + 2 brier", "class_weights": (1.0, 3.0),
                                   "architecture": Architecture(width=4, depth=4, deep_supervision=True)})
    run = Run.start(deep, 0, "float32")
    run.end_at(60)
    heads = [head.weight.detach().clone() for head in run.network.side_heads]
    assert len(heads) == 2
    seen = batch(0)
    expected = Loss("focal + 2 brier", (1, 3))(copy.deepcopy(run.network).train().levels(seen.images), seen.shares)
    assert run.learn(seen) == pytest.approx(expected.item(), rel=1e-5)
    assert not any(torch.equal(head.weight, before) for head, before in
                   zip(run.network.side_heads, heads, strict=True))


def test_a_checkpoint_of_another_course_or_a_damaged_one_is_refused(tmp_path):
    path = tmp_path / "model.checkpoint"
    going(3).put_aside(path, "course")
    with pytest.raises(RequestError, match=r"other images, masks or settings.*--overwrite"):
        Run.take_up(path, "another", PLAN, 3, "float32")
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[-1000] ^= 1
    for damaged in (whole[:-100], bytes(flipped)):
        path.write_bytes(damaged)
        with pytest.raises(FileError, match=r"model\.checkpoint: the checkpoint cannot be used.*--overwrite"):
            Run.take_up(path, "course", PLAN, 3, "float32")


@pytest.mark.parametrize("lost", ["network.head.weight", "step", "schedule", "losses"])
def test_a_checkpoint_that_lacks_something_is_refused(tmp_path, lost):
    path = tmp_path / "model.checkpoint"
    going(3).put_aside(path, "course")
    with read_checkpoint(path) as (state, tensors):
        known = {name: value for name, value in state.items() if name != lost}
        kept = {name: tensor for name, tensor in tensors.items() if name != lost}
    assert len(known) + len(kept) == len(state) + len(tensors) - 1, sorted(tensors)
    write_checkpoint(path, known, kept)
    with pytest.raises(FileError, match=r"model\.checkpoint: the checkpoint cannot be used.*--overwrite"):
        Run.take_up(path, "course", PLAN, 3, "float32")
