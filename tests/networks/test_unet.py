"""The network: its sizes, its wiring, its number of weights, and that it learns."""

from __future__ import annotations

import itertools

import pytest
import torch
import torch.nn.functional as F

from morula.networks.architecture import PUBLISHED, Architecture
from morula.networks.losses import dice_cross_entropy
from morula.networks.unet import UNet

GRID = list(itertools.product((1, 2, 3), ("conv", "residual"), ("batch", "instance", "group", "none"),
                              ("conv-norm-act", "conv-act-norm"), (1, 3)))


def weights(network: torch.nn.Module) -> int:
    return sum(each.numel() for each in network.parameters())


@pytest.mark.parametrize(("axes", "block", "normalisation", "order", "depth"), GRID)
def test_every_architecture_keeps_the_size_and_has_the_weights_of_a_formula(axes, block, normalisation, order, depth):
    architecture = Architecture(
        axes=axes, inputs=2, outputs=3, width=4, depth=depth, block=block, normalisation=normalisation, order=order
    )
    network = UNet(architecture)
    sides = [step * side for step, side in zip(architecture.multiple, (2, 3, 4), strict=False)]
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
    for module in network.modules():  # statistics that do something
        if hasattr(module, "running_var"):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
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


def test_what_lies_far_from_the_border_does_not_depend_on_it():
    """Fully convolutional: a part of an image gives the same as the whole, away from where it was cut."""
    network = UNet(Architecture(width=4, depth=3)).eval()
    image = torch.randn(1, 1, 80, 128)
    whole, part = network(image), network(image[..., :96])
    torch.testing.assert_close(part[..., :64], whole[..., :64])


@pytest.mark.parametrize(("axes", "outputs"), [(2, 1), (2, 3), (3, 1)])
def test_it_overfits_one_batch(axes, outputs):
    torch.manual_seed(0)
    network = UNet(Architecture(axes=axes, outputs=outputs, width=6, depth=2))
    classes = max(outputs, 2)
    side = 24 if axes == 2 else 12
    truth = torch.randint(classes, (2, *[side // 4] * axes))
    for axis in range(1, axes + 1):
        truth = truth.repeat_interleave(4, axis)
    shares = F.one_hot(truth, classes).movedim(-1, 1).float()
    images = truth[:, None].float() + 0.1 * torch.randn(2, 1, *[side] * axes)
    optimiser = torch.optim.AdamW(network.parameters(), 0.02)
    for _ in range(60):
        loss = dice_cross_entropy(network(images), shares)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.1
