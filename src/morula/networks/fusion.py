"""Batch normalisation that became part of the convolution before it."""

from __future__ import annotations

import copy
from itertools import pairwise

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.conv import _ConvNd
from torch.nn.utils.fusion import fuse_conv_bn_eval

from morula.networks.unet import UNet


def fused(network: UNet) -> UNet:
    """A copy that computes the same with fewer layers, for use and no longer for learning."""
    network = copy.deepcopy(network).eval()
    for layers in network.modules():
        if not isinstance(layers, nn.Sequential):
            continue
        for index, (layer, following) in enumerate(pairwise(layers)):
            if isinstance(layer, _ConvNd) and isinstance(following, _BatchNorm):
                layers[index], layers[index + 1] = fuse_conv_bn_eval(layer, following), nn.Identity()
    return network
