"""How pixels come to the size of the first stage and features to that of the stage below, and how they come back."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from morula.networks.architecture import Architecture, Down, Up
from morula.networks.layers import CONVOLUTION, LINEAR, POOLING, TRANSPOSED, ConvUnit

Stride = tuple[int, ...]


def folded(architecture: Architecture) -> nn.Module:
    """Squares or cubes of pixels become the features of one, so that no stage computes at full resolution.

    As patches do in vision transformers (arXiv 2010.11929). Without a stem, images stay as they are.
    """
    if architecture.stem == 1:
        return nn.Identity()
    stride = (architecture.stem,) * architecture.axes
    return ConvUnit(architecture, architecture.inputs, architecture.features[0], stride, stride=stride)


def unfolded(architecture: Architecture) -> nn.Module:
    """The head: features become maps, and with a stem each draws all the pixels that were folded into it."""
    features, side = architecture.features[0], architecture.stem
    if side == 1:
        return CONVOLUTION[architecture.axes](features, architecture.maps, kernel_size=1)
    return TRANSPOSED[architecture.axes](features, architecture.maps, kernel_size=side, stride=side)


def corrected(architecture: Architecture) -> nn.Module:
    """What every pixel adds to the maps that were drawn of folded ones, from the image beside these maps.

    It begins by adding nothing, so that maps that are good already stay so.
    """
    axes, maps = architecture.axes, architecture.maps
    last = CONVOLUTION[axes](architecture.detail, maps, kernel_size=3, padding=1)
    for numbers in last.parameters():
        nn.init.zeros_(numbers)
    return nn.Sequential(ConvUnit(architecture, architecture.inputs + maps, architecture.detail), last)


def pooled(architecture: Architecture, features: int, stride: Stride) -> nn.Module:
    """The largest of the pixels that become one."""
    return POOLING[architecture.axes](stride)


def convolved(architecture: Architecture, features: int, stride: Stride) -> nn.Module:
    """A convolution of just the pixels that become one, as in V-Net (arXiv 1606.04797)."""
    return ConvUnit(architecture, features, features, stride, stride=stride)


def transposed(architecture: Architecture, deep: int, shallow: int, stride: Stride) -> nn.Module:
    """Each pixel draws the pixels that it becomes; none is drawn twice, so that no checkerboard appears."""
    return TRANSPOSED[architecture.axes](deep, shallow, kernel_size=stride, stride=stride)


def resized(architecture: Architecture, deep: int, shallow: int, stride: Stride) -> nn.Module:
    """Linear interpolation and a 1×1 convolution, which comes first: they commute, and pixels are few before."""
    return nn.Sequential(CONVOLUTION[architecture.axes](deep, shallow, kernel_size=1),
                         interpolation(architecture.axes, stride))


def interpolation(axes: int, stride: Stride) -> nn.Module:
    """Linear interpolation between the centres of pixels."""
    return nn.Upsample(scale_factor=tuple(map(float, stride)), mode=LINEAR[axes], align_corners=False)


DOWNS: dict[Down, Callable[[Architecture, int, Stride], nn.Module]] = {"pool": pooled, "convolution": convolved}
UPS: dict[Up, Callable[[Architecture, int, int, Stride], nn.Module]] = {"transposed": transposed, "resize": resized}
