"""A trained network made ready for use, as fast as this machine goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from threading import Lock
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from morula.machine.devices import chosen_device, memory_format, on_device
from morula.machine.number_formats import Precision, multiplies_bytes, reduced_precision
from morula.machine.preparation import prepare
from morula.models.compiled import CompiledNetwork, can_compile
from morula.models.quantisation import Ranges
from morula.networks.fusion import fused
from morula.networks.losses import class_logits
from morula.networks.unet import UNet
from morula.trust.views import Views

NumberFormat = Literal["float32", "bfloat16", "int8"]
AGREEMENT = 0.1
"""How much compiled probabilities may differ in the mean from those that they stand for, given nothing but noise."""


class Engine:
    """Probabilities of images, and where objects are told apart the distances of pixels from the edges of theirs.

    With `flips`, each prediction is the mean over an image and its mirror images along these spatial axes, which
    a network that learned from flipped patches should see alike: a little better, and two times the work an axis;
    or two times in all, with the one mirror image that is flipped along all of them.

    Several threads may use it; each waits for its turn. What it computes with is given back with the last name of it,
    for it has none of itself: compiled networks have threads and much memory, and nobody knows when Python tidies up.

    Attributes:
        number_format: what is computed with.
        multiple: the sides of an image must be multiples of these numbers, one for each axis.
        classes: the number of classes with background, whose probabilities are the first maps.
        looks: how many views there are of every image.
    """

    def __init__(
        self,
        network: UNet,
        precision: Precision | Literal["int8"] = "auto",
        *,
        flips: Sequence[int] = (),
        together: bool = False,
        compiled: bool = False,
        ranges: Ranges | None = None,
        at_once: int = 1,
    ):
        """
        Args:
            network: a trained network, which is left as it is.
            precision: what to compute with; left open, the fastest of this machine that keeps the masks.
            flips: spatial axes, the first is 0; those that the network lacks do not count.
            together: whether images are flipped along all of these at once, and not along each.
            compiled: compile it if that can be done here, which takes a second and is worth it for many images.
            ranges: what eight bits must span, see `measure_ranges`; without them, they are not computed with.
            at_once: how many threads a compiled network serves at the same time, each with its share of the processor.
                One waits longer, but all together are done sooner, for no core waits for another.
        """
        prepare()
        compiled = compiled and chosen_device().type == "cpu" and can_compile()
        plain: NumberFormat = "bfloat16" if reduced_precision(_or_auto(precision), chosen_device()) else "float32"
        bytes_too = ranges and (precision == "int8" or (precision == "auto" and multiplies_bytes()))
        self.number_format: NumberFormat = plain
        self.multiple = network.architecture.multiple
        self.classes = network.architecture.classes
        self._outputs = network.architecture.outputs
        axes = [2 + axis for axis in flips if axis < network.architecture.axes]
        flipped = [chosen for count in range(len(axes) + 1) for chosen in combinations(axes, count)]
        self._flips = flipped[:: max(1, len(flipped) - 1)] if together else flipped
        self.looks = len(self._flips)
        self._probabilities = self._eager(network)
        if compiled:
            formats: list[NumberFormat] = ["int8", plain] if bytes_too else [plain]
            any(self._compile(network, each, ranges, at_once) for each in formats)  # the first that computes the same

    def __call__(self, images: Tensor) -> Tensor:
        """Probabilities float32 `(batch, classes with background, *space)` of images `(batch, channels, *space)`.

        Distances from edges, 0 to 1, are one map more, the last.
        """
        return torch.from_numpy(Views(self.views(images)).mean)

    def views(self, images: Tensor) -> Iterator[np.ndarray]:
        """The same of the images as they are, and then of each mirror image, turned back: their mean is the answer."""
        yield self.once(images).numpy()
        for axes in self._flips[1:]:
            yield np.flip(self.once(_flipped(images, axes)).numpy(), axes)

    def once(self, images: Tensor) -> Tensor:
        """The same of the images as they are, whatever the flips."""
        return self._probabilities(images)

    def _eager(self, network: UNet) -> Callable[[Tensor], Tensor]:
        device, layout = chosen_device(), memory_format(network.architecture.axes)
        ready = fused(network).to(device).to(memory_format=layout)  # pyright: ignore
        reduced, outputs = self.number_format == "bfloat16", self._outputs
        turn = Lock()  # one thread keeps all cores busy

        @torch.inference_mode()
        def probabilities(images: Tensor) -> Tensor:
            with turn, torch.autocast(device.type, torch.bfloat16, enabled=reduced):
                logits = ready(on_device(images))
            classes, distances = logits.float().tensor_split([outputs], dim=1)
            return torch.cat([class_logits(classes).softmax(dim=1), distances.sigmoid()], dim=1).cpu()

        return probabilities

    def _compile(self, network: UNet, number_format: NumberFormat, ranges: Ranges | None, at_once: int) -> bool:
        """Go on with a compiled network, if it computes the same; returns whether it does."""
        noise = torch.Generator().manual_seed(0)
        images = torch.randn(1, network.architecture.inputs, *(2 * side for side in self.multiple), generator=noise)
        expected, outputs = self.once(images), self._outputs
        try:
            # between bytes, float32 is quicker than bfloat16, which would have to be rounded to once more
            compiled = CompiledNetwork(fused(network), "bf16" if number_format == "bfloat16" else "f32",
                                       ranges if number_format == "int8" else None, at_once)
            found = torch.from_numpy(_activated(compiled(images.numpy()), outputs))
        except RuntimeError:  # it knows no such layer for this processor
            return False
        if not (found - expected).abs().mean() < AGREEMENT:
            return False

        def probabilities(images: Tensor) -> Tensor:
            return torch.from_numpy(_activated(compiled(images.numpy()), outputs))

        self._probabilities, self.number_format = probabilities, number_format
        return True


def _flipped(images: Tensor, axes: tuple[int, ...]) -> Tensor:
    return torch.from_numpy(np.flip(images.numpy(), axes).copy())


def _activated(logits: np.ndarray, outputs: int) -> np.ndarray:
    """Probabilities of the classes, whose logits are the first, and distances between 0 and 1."""
    if logits.shape[1] == outputs:
        return _softmax(logits)
    distances = _softmax(logits[:, outputs:])[:, 1:]  # a lone logit, as that of a class is
    return np.concatenate([_softmax(logits[:, :outputs]), distances], axis=1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of all classes, in the place of their logits where there are as many.

    A single logit is that of the one class against the background. New arrays of this size would take longer than
    what is computed.
    """
    if logits.shape[1] > 1:
        logits -= logits.max(1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(1, keepdims=True)
        return logits
    found = np.empty((len(logits), 2, *logits.shape[2:]), np.float32)
    one = np.negative(logits, out=found[:, 1:])
    with np.errstate(over="ignore"):  # infinity makes zero
        np.exp(one, out=one)
    one += 1
    np.reciprocal(one, out=one)
    np.subtract(1, one, out=found[:, :1])
    return found


def _or_auto(precision: Precision | Literal["int8"]) -> Precision:
    """What is computed with where bytes are not."""
    return "auto" if precision == "int8" else precision
