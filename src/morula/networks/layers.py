"""The smallest parts of a network, written once for one, two or three spatial axes."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from morula.networks.architecture import Activation, Architecture, Normalisation

CONVOLUTION = {1: nn.Conv1d, 2: nn.Conv2d, 3: nn.Conv3d}
TRANSPOSED = {1: nn.ConvTranspose1d, 2: nn.ConvTranspose2d, 3: nn.ConvTranspose3d}
POOLING = {1: nn.MaxPool1d, 2: nn.MaxPool2d, 3: nn.MaxPool3d}
DROPOUT = {1: nn.Dropout1d, 2: nn.Dropout2d, 3: nn.Dropout3d}
BATCH_NORM = {1: nn.BatchNorm1d, 2: nn.BatchNorm2d, 3: nn.BatchNorm3d}
INSTANCE_NORM = {1: nn.InstanceNorm1d, 2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}
LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}

NORMALISATIONS: dict[Normalisation, Callable[[int, int], nn.Module]] = {
    "batch": lambda axes, features: BATCH_NORM[axes](features),
    "instance": lambda axes, features: INSTANCE_NORM[axes](features, affine=True),
    "group": lambda axes, features: nn.GroupNorm(_groups(features), features),
    "none": lambda axes, features: nn.Identity(),
}

ACTIVATIONS: dict[Activation, Callable[[], nn.Module]] = {
    "relu": lambda: nn.ReLU(inplace=True),
    "leaky_relu": lambda: nn.LeakyReLU(0.01, inplace=True),
    "gelu": lambda: nn.GELU(),
    "silu": lambda: nn.SiLU(inplace=True),
    "mish": lambda: nn.Mish(inplace=True),
}


def _groups(features: int) -> int:
    """The largest number of groups up to 8 that divides `features`."""
    return max(count for count in range(1, 9) if features % count == 0)


class ConvUnit(nn.Sequential):
    """One convolution with its normalisation and activation, in either order.

    Args:
        architecture: says the number of axes, the normalisation, the activation and their order.
        inputs: features that come in.
        outputs: features that go out.
        kernel: side of the kernel in pixels, along all axes or along each.
        dilation: how many pixels the taps of the kernel lie apart.
        stride: by how much each axis shrinks; with 1 and an odd kernel, sizes are kept.
    """

    def __init__(
        self,
        architecture: Architecture,
        inputs: int,
        outputs: int,
        kernel: int | tuple[int, ...] = 3,
        *,
        dilation: int = 1,
        stride: int | tuple[int, ...] = 1,
    ):
        axes, norm_first = architecture.axes, architecture.order == "conv-norm-act"
        sides = (kernel,) * axes if isinstance(kernel, int) else kernel
        convolution = CONVOLUTION[axes](
            inputs,
            outputs,
            kernel_size=sides,
            stride=stride,
            padding=tuple(dilation * (side - 1) // 2 for side in sides),
            dilation=dilation,
            # A bias before a normalisation would be subtracted again at once.
            bias=architecture.normalisation == "none" or not norm_first,
        )
        norm = NORMALISATIONS[architecture.normalisation](axes, outputs)
        act = ACTIVATIONS[architecture.activation]()
        super().__init__(convolution, *([norm, act] if norm_first else [act, norm]))
