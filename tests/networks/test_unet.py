"""The network: its sizes, its wiring, its number of weights, and that it learns."""

from __future__ import annotations

import itertools
import random
from typing import get_args

import pytest
import torch
import torch.nn.functional as F
from monai.networks.nets.basic_unet import BasicUNet
from monai.networks.nets.basic_unetplusplus import BasicUNetPlusPlus
from torch import nn

from morula.networks import architecture as choices
from morula.networks.architecture import PUBLISHED, Architecture
from morula.networks.cost import cost
from morula.networks.unet import UNet

BLOCKS, SKIPS = get_args(choices.Block), get_args(choices.Skips)
OPTIONS = {
    "axes": (1, 2, 3),
    "block": BLOCKS,
    "skips": SKIPS,
    "attention": (False, True),
    "join": get_args(choices.Join),
    "normalisation": get_args(choices.Normalisation),
    "activation": get_args(choices.Activation),
    "order": get_args(choices.Order),
    "down": get_args(choices.Down),
    "up": get_args(choices.Up),
    "dropout": (0.0, 0.2),
    "deep_supervision": (False, True),
    "flat": (False, True),
    "stem": (1, 2, 3),
}
GRID = list(itertools.product((1, 2, 3), ("conv", "residual"), ("batch", "instance", "group", "none"),
                              ("conv-norm-act", "conv-act-norm"), (1, 3)))


def covering() -> list[dict]:
    """Choices such that every value of every option meets every value of every other at least once."""
    draw = random.Random(0)
    missing = [{a: x, b: y} for a, b in itertools.combinations(OPTIONS, 2) for x in OPTIONS[a] for y in OPTIONS[b]]
    found = []
    while missing:
        drawn = [{name: draw.choice(values) for name, values in OPTIONS.items()} | missing[0] for _ in range(40)]
        best = max(drawn, key=lambda chosen: sum(pair.items() <= chosen.items() for pair in missing))
        missing = [pair for pair in missing if not pair.items() <= best.items()]
        found.append(best)
    return found


def built(**options) -> UNet:
    """A small network; `flat` keeps the first axis as long as it can."""
    torch.manual_seed(0)
    if options.pop("flat", False):
        axes = options.get("axes", 2)
        options["strides"] = ((1, *[2] * (axes - 1)), (2,) * axes)
        options["depth"] = 3
    return UNet(Architecture(**{"inputs": 2, "outputs": 3, "width": 4, "depth": 3, **options}))


def sides(network: UNet, *counts: int) -> list[int]:
    return [step * count for step, count in zip(network.architecture.multiple, counts, strict=False)]


def weights(network: nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


def stir(network: nn.Module) -> None:
    """Statistics of batch normalisation that do something."""
    for module in network.modules():
        if hasattr(module, "running_var"):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)


@pytest.mark.parametrize("chosen", covering(), ids=lambda chosen: "-".join(map(str, chosen.values())))
def test_whatever_is_chosen_together_gives_logits_of_the_size_of_the_image_and_every_weight_learns(chosen):
    network = built(**chosen)
    size = sides(network, 3, 2, 2)
    images = torch.randn(2, 2, *size)
    levels = network.levels(images)
    assert [*levels[0].shape] == [2, 3, *size]
    if chosen["deep_supervision"]:
        [stride, *_] = network.architecture.every_stride
        steps = (step * chosen["stem"] for step in stride)
        assert [*levels[1].shape] == [2, 3, *(side // step for side, step in zip(size, steps, strict=True))]
    assert len(levels) == 1 + chosen["deep_supervision"]
    sum(level.square().mean() for level in levels).backward()
    for name, weight in network.named_parameters():
        assert weight.grad is not None, name
        assert weight.grad.isfinite().all(), name
    network.eval()
    with torch.no_grad():
        torch.testing.assert_close(network(images), network.levels(images)[0])
    assert all(torch.equal(a, b) for a, b in zip(built(**chosen).parameters(), network.parameters(), strict=True))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("skips", SKIPS)
@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_goes_with_all_skips_and_axes_down_to_the_smallest_image(axes, skips, block):
    network = built(axes=axes, skips=skips, block=block, depth=4, width=2).eval()
    smallest = sides(network, 1, 1, 1)
    with torch.no_grad():
        assert [*network(torch.randn(1, 2, *smallest)).shape] == [1, 3, *smallest]


@pytest.mark.parametrize(("axes", "block", "normalisation", "order", "depth"), GRID)
def test_every_architecture_keeps_the_size_and_has_the_weights_of_a_formula(axes, block, normalisation, order, depth):
    architecture = Architecture(
        axes=axes, inputs=2, outputs=3, width=4, depth=depth, block=block, normalisation=normalisation, order=order
    )
    network = UNet(architecture)
    sides = [step * side for step, side in zip(architecture.multiple, (2, 3, 1), strict=False)]
    assert network(torch.randn(2, 2, *sides)).shape == (2, 3, *sides)

    bias = normalisation == "none" or order == "conv-act-norm"
    scale_and_shift = 0 if normalisation == "none" else 2

    def stage(inputs: int, outputs: int) -> int:
        convolutions = 3**axes * (inputs + outputs) * outputs + 2 * bias * outputs
        shortcut = (inputs + 1) * outputs if block == "residual" and inputs != outputs else 0
        return convolutions + 2 * scale_and_shift * outputs + shortcut

    features = [4 * 2**level for level in range(depth)]
    expected = stage(2, 4) + sum(stage(above, 2 * above) for above in features[:-1])
    expected += sum(2**axes * 2 * above * above + above + stage(2 * above, above) for above in features[:-1])
    assert weights(network) == expected + 3 * (4 + 1)


def test_as_many_weights_as_other_programs_have_for_the_same_network():
    """Totals that two widely used U-Nets print for themselves, and the one in the original work's own form."""
    assert weights(UNet(Architecture(inputs=3, outputs=1, width=32, depth=5))) == 7_763_041
    assert weights(UNet(Architecture(inputs=3, outputs=2, width=64, depth=5))) == 31_037_698
    # 31 030 593 with biases and one output; 2 (scale, shift) for each of 2 · (64 + … + 1024 + 512 + … + 64) features.
    assert weights(UNet(PUBLISHED)) == 31_030_593 + 2 * 2 * (64 + 128 + 256 + 512 + 1024 + 512 + 256 + 128 + 64)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_the_wiring_is_that_of_the_drawing(axes):
    """The same weights through plain functions, written down a second time from the paper's figure."""
    network = UNet(Architecture(axes=axes, inputs=2, outputs=2, width=3, depth=3)).eval()
    stir(network)
    state = network.state_dict()
    convolve = (F.conv1d, F.conv2d, F.conv3d)[axes - 1]
    widen = (F.conv_transpose1d, F.conv_transpose2d, F.conv_transpose3d)[axes - 1]
    pool = (F.max_pool1d, F.max_pool2d, F.max_pool3d)[axes - 1]

    def twice(x: torch.Tensor, name: str) -> torch.Tensor:
        for unit in ("first", "second"):
            x = convolve(x, state[f"{name}.{unit}.0.weight"], padding=1)
            norm, parts = f"{name}.{unit}.1", ("running_mean", "running_var", "weight", "bias")
            x = F.batch_norm(x, *(state[f"{norm}.{part}"] for part in parts))
            x = x.relu()
        return x

    def up(x: torch.Tensor, number: int) -> torch.Tensor:
        return widen(x, state[f"up.{number}.weight"], state[f"up.{number}.bias"], stride=2)

    image = torch.randn(1, 2, *(8, 12, 4)[:axes])
    top = twice(image, "encoder.0")
    middle = twice(pool(top, 2), "encoder.1")
    bottom = twice(pool(middle, 2), "encoder.2")
    right = twice(torch.cat([middle, up(bottom, 1)], 1), "decoder.1")
    right = twice(torch.cat([top, up(right, 0)], 1), "decoder.0")
    expected = convolve(right, state["head.weight"], state["head.bias"])
    torch.testing.assert_close(network(image), expected, rtol=1e-4, atol=1e-4)


class Deep(nn.Module):
    """In place of the top row of another library's network, whose features have no counterpart here."""

    def forward(self, deep: torch.Tensor, skip: torch.Tensor) -> torch.Tensor:
        return deep


def take_over(network: UNet, theirs: nn.Module, names: dict[str, str]) -> None:
    """Copy all weights and statistics; `names` says which of their modules is which of ours."""
    twice = {f"{number}.{part}": f"{'first' if number == 'conv_0' else 'second'}.{ours}"
             for number in ("conv_0", "conv_1") for part, ours in (("conv", "0"), ("adn.N", "1"))}
    state = {}
    for name, value in theirs.state_dict().items():
        for their_part, our_part in names.items():
            if name.startswith(their_part + "."):
                rest = name.removeprefix(their_part + ".")
                for theirs_inside, ours_inside in twice.items():
                    rest = rest.replace(theirs_inside + ".", ours_inside + ".")
                state[f"{our_part}.{rest}"] = value
    network.load_state_dict(state, strict=True)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_it_computes_what_the_u_net_of_monai_does(axes):
    network = UNet(Architecture(axes=axes, inputs=2, outputs=3, width=4, depth=4, activation="leaky_relu")).eval()
    theirs = BasicUNet(axes, 2, 3, (2, 4, 8, 16, 32, 4), act=("LeakyReLU", {"negative_slope": 0.01}), norm="batch",
                       bias=False).eval()
    theirs.conv_0 = theirs.down_1.max_pooling = nn.Identity()
    theirs.upcat_1 = Deep()
    stir(theirs)
    take_over(network, theirs, {
        **{f"down_{stage + 1}.convs": f"encoder.{stage}" for stage in range(4)},
        **{f"upcat_{stage + 2}.upsample.deconv": f"up.{stage}" for stage in range(3)},
        **{f"upcat_{stage + 2}.convs": f"decoder.{stage}" for stage in range(3)},
        "final_conv": "head",
    })
    image = torch.randn(1, 2, *(16, 24, 8)[:axes])
    torch.testing.assert_close(network(image), theirs(image), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_it_computes_what_the_u_net_plus_plus_of_monai_does(axes):
    network = UNet(Architecture(axes=axes, inputs=2, outputs=3, width=4, depth=4, skips="unet++")).eval()
    theirs = BasicUNetPlusPlus(axes, 2, 3, (2, 4, 8, 16, 32, 4), act="relu", norm="batch", bias=False).eval()
    theirs.conv_0_0 = theirs.conv_1_0.max_pooling = nn.Identity()
    for column in range(1, 5):
        setattr(theirs, f"upcat_0_{column}", Deep())
    stir(theirs)
    places = [(stage, column) for stage in range(3) for column in range(1, 4 - stage)]
    for column in (1, 2, 3):
        setattr(theirs, f"final_conv_0_{column}", nn.Identity())
    take_over(network, theirs, {
        **{f"conv_{stage + 1}_0.convs": f"encoder.{stage}" for stage in range(4)},
        **{f"upcat_{stage + 1}_{column}.upsample.deconv": f"up.{index}"
           for index, (stage, column) in enumerate(places)},
        **{f"upcat_{stage + 1}_{column}.convs": f"decoder.{index}" for index, (stage, column) in enumerate(places)},
        "final_conv_0_4": "head",
    })
    image = torch.randn(1, 2, *(16, 24, 8)[:axes])
    torch.testing.assert_close(network(image), theirs(image)[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("skips", SKIPS)
@pytest.mark.parametrize("block", BLOCKS)
def test_a_part_of_an_image_gives_what_the_whole_gives_as_far_as_it_sees(block, skips):
    """Fully convolutional: what lies a receptive field from where an image was cut does not depend on the cut."""
    network = built(axes=1, block=block, skips=skips, up="resize" if skips == "unet+" else "transposed").eval()
    stir(network)
    network.double()
    margin = cost(network.architecture, (8,)).receptive_field[0] // 8 * 8 + 8
    image = torch.randn(1, 2, 3 * margin + 16, dtype=torch.float64)
    with torch.no_grad():
        whole, part = network(image), network(image[..., margin // 2 // 4 * 4 :])
        inside = slice(margin + margin // 2 // 4 * 4, -margin)
        torch.testing.assert_close(part[..., margin:-margin], whole[..., inside])


def test_a_part_of_a_picture_too():
    network = UNet(Architecture(width=4, depth=3)).eval()
    image = torch.randn(1, 1, 80, 128)
    whole, part = network(image), network(image[..., :96])
    torch.testing.assert_close(part[..., :64], whole[..., :64])


@pytest.mark.parametrize("block", BLOCKS)
def test_bfloat16_agrees_to_its_precision(block):
    network = built(block=block, width=8).eval()
    stir(network)
    image = torch.randn(1, 2, 32, 32)
    with torch.no_grad():
        full = network(image)
        with torch.autocast("cpu", torch.bfloat16):
            reduced = network(image)
    assert not torch.equal(full, reduced.float())
    assert (full - reduced).square().mean().sqrt() < 0.05 * full.std()


def test_dropout_leaves_out_whole_features_while_learning_and_none_at_use():
    network = built(dropout=0.5, width=16)
    found = network.encoder[0](torch.rand(1, 2, 16, 16)) + 1
    shares = (network.dropout(found) == 0).float().mean(dim=(0, 2, 3))
    assert set(shares.tolist()) == {0, 1}
    image = torch.randn(1, 2, 16, 16)
    assert not torch.equal(network(image), network(image))
    network.eval()
    assert torch.equal(network(image), network(image))


def overfitted(steps: int, **options) -> tuple[float, float]:
    """The last loss as a part of the first, and the IoU, after learning a few squares by heart."""
    network = built(inputs=1, **options)
    axes, classes = network.architecture.axes, max(network.architecture.outputs, 2)
    side = {1: 64, 2: 24, 3: 8}[axes]
    truth = torch.randint(classes, (2, *[side // 4] * axes))
    for axis in range(1, axes + 1):
        truth = truth.repeat_interleave(4, axis)
    images = truth[:, None].float() + 0.3 * torch.randn(2, 1, *[side] * axes)
    optimiser = torch.optim.AdamW(network.parameters(), 0.02)

    def loss(level: torch.Tensor) -> torch.Tensor:
        smaller = F.interpolate(truth[:, None].float(), level.shape[2:])[:, 0]  # nearest
        logits = torch.cat([torch.zeros_like(level), level], 1) if level.shape[1] == 1 else level
        return F.cross_entropy(logits, smaller.long())

    losses = []
    for _ in range(steps):
        total = sum(loss(level) for level in network.levels(images))
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        losses.append(total.item())
    with torch.no_grad():
        logits = network(images)
    found = logits[:, 0] > 0 if classes == 2 and logits.shape[1] == 1 else logits.argmax(1)
    scores = [((found == number) & (truth == number)).sum() / ((found == number) | (truth == number)).sum()
              for number in range(1, classes)]
    return losses[-1] / losses[0], float(min(scores))


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.slow
def test_every_block_learns_a_batch_by_heart(block, axes):
    left, iou = overfitted(40, axes=axes, block=block, outputs=1, depth=2, width=6)
    assert left < 0.15
    assert iou > 0.95


@pytest.mark.parametrize("options", [
    {"skips": "unet", "attention": True},
    {"skips": "unet+", "join": "sum"},
    {"skips": "unet++", "attention": True, "join": "sum"},
    {"skips": "unet++", "deep_supervision": True},
    {"skips": "unet+", "deep_supervision": True, "down": "convolution"},
    {"up": "resize", "normalisation": "instance", "activation": "mish"},
    {"up": "resize", "normalisation": "none", "activation": "leaky_relu", "block": "residual"},
    {"order": "conv-act-norm", "normalisation": "group", "down": "convolution"},
], ids=lambda options: "-".join(map(str, options.values())))
@pytest.mark.slow
def test_every_way_to_connect_stages_learns_a_batch_by_heart(options):
    left, iou = overfitted(40, width=6, depth=3, **options)
    assert left < 0.25
    assert iou > 0.95


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_detail_adds_nothing_until_it_learns_and_then_tells_pixels_that_folding_does_not(axes):
    """A stem that sees but the mean of each square cannot tell which of its pixels is bright."""
    folded, corrected = (built(axes=axes, stem=2, detail=detail).eval() for detail in (0, 4))
    corrected.load_state_dict(folded.state_dict(), strict=False)
    for network in (folded, corrected):
        network.stem[0].weight.data.fill_(1.0)
    images = torch.randn(1, 2, *sides(folded, 1, 1, 1))
    swapped = images.clone()
    swapped[..., [0, 1]] = images[..., [1, 0]]
    with torch.no_grad():
        assert torch.equal(corrected(images), folded(images))
        corrected.detail[1].weight.normal_()
        torch.testing.assert_close(folded(swapped), folded(images))
        told = (corrected(swapped) - corrected(images)).abs().amax(1)[0]
    assert told[(0,) * axes] > 1e-3
    assert told[(-1,) * axes] < 1e-5
