"""What a new network takes over from an earlier one, checked by what both compute."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch

from morula.examples.example import ArrayExample, class_shares
from morula.examples.patches import Batch
from morula.learning import loop
from morula.learning.run import Run
from morula.learning.transfer import transfer
from morula.models.model import Model
from morula.models.plan import Plan
from morula.networks.architecture import Architecture, Block
from morula.networks.losses import class_logits
from morula.networks.unet import UNet
from morula.planning.training_settings import TrainSettings


def plan(channels: str = "grey", classes: str = "body", **architecture) -> Plan:
    names = tuple(classes.split(","))
    inputs, outputs = len(channels.split(",")), 1 if len(names) == 1 else len(names) + 1
    wanted = {"width": 4, "depth": 2, "inputs": inputs, "outputs": outputs, **architecture}
    return Plan(channels=tuple(channels.split(",")), classes=names, binning=(1,) * wanted.get("axes", 2),
                architecture=Architecture(**wanted), patch=(16,) * wanted.get("axes", 2), batch=2, learning_rate=0.01)


def model(of: Plan) -> Model:
    """A network that has some history: no weight and no statistic is what it is at the beginning."""
    torch.manual_seed(1)
    network = UNet(of.architecture)
    for tensor in network.state_dict().values():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand_like(tensor) + 0.1 if tensor.ndim == 1 else torch.randn_like(tensor) / 4)
    return Model(network.eval(), of)


def begun(earlier: Model, new: Plan) -> UNet:
    return Run.start(new, 0, "float32", initial=transfer(earlier, new).weights).network.eval()


def computed(network: UNet, pictures: torch.Tensor) -> torch.Tensor:
    """Logits with so many digits that the order of sums does not matter."""
    with torch.no_grad():
        return copy.deepcopy(network).double()(pictures.double())


def images(channels: int, axes: int = 2) -> torch.Tensor:
    return torch.randn(2, channels, *[16] * axes, generator=torch.Generator().manual_seed(5))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("block", get_args(Block))
class TestEveryBlock:
    def test_the_same_architecture_is_taken_over_whole(self, block, axes):
        earlier = model(plan(block=block, axes=axes))
        kept = transfer(earlier, earlier.plan)
        assert set(kept.weights) == set(earlier.network.state_dict())
        count = len(kept.weights)
        assert kept.sentences == (f"Took over {count} of {count} tensors from the earlier model.",)
        one = images(1, axes)
        torch.testing.assert_close(computed(begun(earlier, earlier.plan), one), computed(earlier.network, one))

    def test_a_channel_that_is_new_changes_nothing_at_first(self, block, axes):
        """However the block lets its inputs in, and wherever the known channels stand."""
        earlier = model(plan("DAPI,GFP", block=block, axes=axes))
        new = plan("GFP,RFP,DAPI", block=block, axes=axes)
        three = images(3, axes)
        torch.testing.assert_close(computed(begun(earlier, new), three), computed(earlier.network, three[:, [2, 0]]))


@pytest.mark.parametrize("stem", [1, 2])
def test_channels_in_another_order_are_the_same_channels(stem):
    """Of the same number, so that shapes alone would not tell."""
    earlier, new = model(plan("DAPI,GFP", stem=stem)), plan("GFP,DAPI", stem=stem)
    two = images(2)
    torch.testing.assert_close(computed(begun(earlier, new), two), computed(earlier.network, two.flip(1)))


def test_a_channel_that_is_gone_is_as_if_it_were_dark():
    earlier = model(plan("DAPI,GFP", normalisation="none"))
    one = images(1)
    both = torch.cat([torch.zeros_like(one), one], 1)
    alone = begun(earlier, plan("GFP", normalisation="none"))
    torch.testing.assert_close(computed(alone, one), computed(earlier.network, both))


def test_channels_nobody_knows_start_afresh():
    earlier, new = model(plan("grey")), plan("DAPI,GFP")
    kept = transfer(earlier, new)
    assert "encoder.0.first.0.weight" not in kept.weights
    assert "encoder.0.second.0.weight" in kept.weights
    assert "Its first layer starts afresh: it was for grey, and this one is for DAPI, GFP." in kept.sentences
    fresh = Run.start(new, 0, "float32").network.encoder[0].first[0].weight
    torch.testing.assert_close(begun(earlier, new).encoder[0].first[0].weight, fresh)


@pytest.mark.parametrize("stem", [1, 2])
@pytest.mark.parametrize(("before", "now", "places"), [
    ("body,cell", "cell,body", [0, 2, 1]),  # another order
    ("body,cell,dust", "dust,body", [0, 3, 1]),  # one less
    ("body", "cell,body", [0, None, 1]),  # a lone logit becomes one of several
    ("foreground", "class 1,class 2", [0, 1, None]),  # what nobody named
    ("class 1,class 2", "foreground", [0, 1]),
    ("body,cell", "cell", [0, 2]),  # several become a lone logit
])
def test_classes_keep_their_logits_by_name(before, now, places, stem):
    """Up to a constant, which softmax does not see; a class that is new has no logit yet."""
    earlier, new = model(plan(classes=before, stem=stem)), plan(classes=now, stem=stem)
    old, found = (class_logits(computed(network, images(1))) for network in (earlier.network, begun(earlier, new)))
    known = [(place, row) for row, place in enumerate(places) if place is not None]
    for place, row in known:
        torch.testing.assert_close(found[:, row] - found[:, 0], old[:, place] - old[:, 0])
    for row in range(len(places)):
        if row not in [taken for _, taken in known]:
            assert not found[:, row].any()


@pytest.mark.parametrize("stem", [1, 2])
@pytest.mark.parametrize(("before", "now"), [("body", "body"), ("body", "body,cell"), ("body,cell", "cell")])
def test_distances_are_kept_begin_at_zero_or_go(before, now, stem):
    """Whatever becomes of the classes beside them."""
    one = images(1)
    for known, wanted in ((True, True), (False, True), (True, False)):
        earlier = model(plan(classes=before, distance=known, stem=stem))
        new = begun(earlier, plan(classes=now, distance=wanted, stem=stem))
        old, found = computed(earlier.network, one), computed(new, one)
        assert found.shape[1] == new.architecture.outputs + wanted
        if wanted:
            expected = old[:, -1:] if known else torch.zeros_like(old[:, -1:])
            torch.testing.assert_close(found[:, -1:], expected)
        alone = begun(earlier, plan(classes=now, stem=stem))
        torch.testing.assert_close(found[:, : new.architecture.outputs], computed(alone, one))


@pytest.mark.parametrize(("before", "now"), [(1, 2), (2, 1)])
def test_a_head_that_unfolds_and_one_that_does_not_share_nothing(before, now):
    """Of as few features as classes, so that one might be taken for the other."""
    earlier, new = (plan(classes="body,cell,dust", width=3, stem=stem) for stem in (before, now))
    kept = transfer(model(earlier), new)
    assert not {"head.weight", "stem.0.weight"} & kept.weights.keys()
    assert "encoder.1.first.0.weight" in kept.weights
    afresh = "stem.0" if now == 2 else "encoder.0.first.0, head"
    assert kept.sentences[-1].startswith(f"Started afresh: {afresh}")


@pytest.mark.parametrize(("channels", "classes", "kept"), [
    ("DAPI,GFP", "body,tail", True), ("GFP,DAPI", "body,tail", False), ("DAPI,GFP", "tail,body", False),
    ("DAPI", "body,tail", False),
])
def test_what_corrects_maps_by_channels_is_taken_over_where_both_are_the_same(channels, classes, kept):
    """It sees them together, and would take one for another; left out, it adds nothing until it has learned."""
    earlier = model(plan("DAPI,GFP", "body,tail", stem=2, detail=4))
    found = transfer(earlier, plan(channels, classes, stem=2, detail=4)).weights
    assert any(name.startswith("detail.") for name in found) == kept
    network, seen = begun(earlier, plan(channels, classes, stem=2, detail=4)), images(len(channels.split(",")))
    plain = UNet(network.architecture.model_copy(update={"detail": 0})).eval()
    plain.load_state_dict(network.state_dict(), strict=False)
    assert torch.equal(network(seen), plain(seen)) != kept


def test_side_heads_know_classes_too():
    earlier = model(plan(classes="body,cell", depth=4, deep_supervision=True))
    new = begun(earlier, plan(classes="cell,body", depth=4, deep_supervision=True))
    with torch.no_grad():
        for old, found in zip(earlier.network.levels(images(1)), new.levels(images(1)), strict=True):
            torch.testing.assert_close(found, old[:, [0, 2, 1]], atol=1e-3 * old.abs().max().item(), rtol=0)


def test_what_does_not_fit_is_named():
    earlier = model(plan("grey", "body", depth=2))
    deeper = transfer(earlier, plan("grey,GFP", "cell", depth=3))
    taken, first, last, afresh = deeper.sentences
    assert taken.startswith(f"Took over {len(deeper.weights)} of ")
    assert first == "Its first layer keeps what it learned of grey; GFP begins at zero."
    assert last == "Its last layer starts afresh: it was for body, and this one is for cell."
    assert afresh.startswith("Started afresh: encoder.2.first.0, encoder.2.first.1,")
    assert afresh.endswith("more layers.")
    wider = transfer(earlier, plan(width=6))
    assert all(tensor.ndim == 0 or "head" in name for name, tensor in wider.weights.items())


def test_an_earlier_start_is_not_a_fresh_one():
    """The first loss of what goes on is that of what went before."""
    batch_images = images(1)
    shares = torch.cat([batch_images < 0, batch_images >= 0], 1).float()
    first = Run.start(plan(), 0, "float32")
    first.end_at(100)
    for _ in range(100):
        first.learn(Batch(batch_images, shares))
    onward = Run.start(plan(), 1, "float32", initial=first.network.state_dict())
    fresh = Run.start(plan(), 1, "float32")
    one, other = (run.learn(Batch(batch_images, shares)) for run in (onward, fresh))
    assert one == pytest.approx(first.losses[-1], rel=0.1)
    assert one < 0.8 * other


def test_a_beginning_from_nothing_takes_nothing_over():
    assert transfer(None, plan()).weights == {}
    assert transfer(None, plan()).sentences == ()


def test_a_gentler_restart_begins_with_the_earlier_weights_too():
    """The first batch is not a number: what is learned after the restart is what was learned without it."""
    heads, learn = [], loop.Run.learn

    def first_broken(run, batch):
        heads.append(run.network.head.weight.detach().clone())
        return learn(run, replace(batch, images=batch.images * float("nan")) if len(heads) == 1 else batch)

    earlier = model(plan())
    mask = np.zeros((16, 16), np.uint8)
    mask[4:12, 4:12] = 1
    examples = [ArrayExample("a", mask[None].astype(np.float32), class_shares(mask, 1, (1, 1)))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop.Run, "learn", first_broken)
        loop.fit(loop.Course(plan(), TrainSettings(steps=4, precision="float32"), examples, examples,
                               initial=transfer(earlier, plan()).weights))
    known = earlier.network.head.weight
    assert torch.equal(heads[0], known)
    assert torch.equal(heads[1], known)
