"""A network compiled by OpenVINO for this processor: the same layers in half the time or less."""

from __future__ import annotations

import importlib.util
import os
import sys
from functools import cache
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch

from morula.machine.threads import granted
from morula.models.compiled_layers import openvino_model
from morula.models.quantisation import GENTLE_KERNEL_STEPS, KERNEL_STEPS, TINY, Ranges, steps
from morula.networks.unet import UNet

if TYPE_CHECKING:
    import openvino

Format = Literal["f32", "bf16"]
CONVOLUTIONS = {"Convolution": 0, "ConvolutionBackpropData": 1}
"""Layers that can multiply whole numbers, and the axis of their kernels that counts what goes out."""
FULL = {"INFERENCE_PRECISION_HINT": "f32"}
"""What is computed with fractions has all their digits."""
SIZES = 10
"""Sizes of images for which OpenVINO keeps its programs, one for each layer. Left to itself it keeps 5,000 programs,
which for images of many sizes are gigabytes; and the more come and go, the more holes they leave in memory."""
KERNELS = 64
"""Kernels that oneDNN, by which OpenVINO multiplies, keeps beside those, whosever they were. Left to itself it keeps
1,024, of a quarter of a megabyte each. Those of a network that computes with bytes fit no other one."""
ASKED = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
"""The variable that says how many (https://uxlfoundation.github.io/oneDNN/dev_guide_primitive_cache.html)."""


def can_compile() -> bool:
    """Whether OpenVINO is installed."""
    return importlib.util.find_spec("openvino") is not None


@cache
def kernel_steps() -> int:
    """Steps that a kernel may have on either side of zero so that sums of products of bytes are right here.

    Where products are added up in 16 bits, large ones are cut off without a word. What is found out is what the library
    does on this processor, not what the processor could do: sums of the largest products that there are.
    """
    openvino = _openvino()
    from openvino import opset13 as layers

    channels, most = 16, 255.0
    comes = layers.parameter([1, channels, 4, 4], np.float32)
    kernels = layers.constant(np.full((channels, channels, 3, 3), KERNEL_STEPS, np.float32))
    convolution = layers.convolution(_rounded(comes, 0, most, levels=256),
                                     _rounded(kernels, -KERNEL_STEPS, KERNEL_STEPS, levels=255),
                                     [1, 1], [0, 0], [0, 0], [1, 1])
    compiled = openvino.Core().compile_model(openvino.Model([convolution], [comes]), "CPU", FULL)
    [found] = compiled([np.full((1, channels, 4, 4), most, np.float32)]).values()
    return KERNEL_STEPS if np.allclose(found, channels * 9 * most * KERNEL_STEPS, rtol=1e-3) else GENTLE_KERNEL_STEPS


class CompiledNetwork:
    """Logits `(batch, outputs, *space)` of images `(batch, inputs, *space)`, both float32, of any size it takes.

    Several threads may use it; each waits for its turn. It has threads of its own; those of torch, which wait for their
    next work by turning in circles, would take the processor from them, so that numpy is the better company.
    """

    def __init__(self, network: UNet, number_format: Format, ranges: Ranges | None = None, at_once: int = 1):
        """
        Args:
            network: a network that learns no more, as `fused` makes it.
            number_format: what is computed with where it is not whole numbers.
            ranges: those of the convolutions that shall compute with whole numbers.
            at_once: batches that are worked on at the same time, each by its share of the processor.
        """
        openvino = _openvino()
        model = openvino_model(openvino, network)
        if ranges:
            _round_to_bytes(model, ranges)
        threads = torch.get_num_threads()
        layers = sum("Convolution" in each.get_type_name() for each in model.get_ops())
        options = {"INFERENCE_PRECISION_HINT": number_format, "NUM_STREAMS": at_once, "INFERENCE_NUM_THREADS": threads,
                   # Threads are held to the first cores; other processes with a part of them would be held to the same.
                   "ENABLE_CPU_PINNING": threads >= granted(), "CPU_RUNTIME_CACHE_CAPACITY": str(SIZES * layers)}
        self.compiled = openvino.Core().compile_model(model, "CPU", options)
        self._free: SimpleQueue[openvino.InferRequest] = SimpleQueue()
        for _ in range(at_once):
            self._free.put(self.compiled.create_infer_request())

    def __call__(self, images: np.ndarray) -> np.ndarray:
        request = self._free.get()
        try:
            return request.infer([np.ascontiguousarray(images)], share_inputs=True, share_outputs=False)[0]
        finally:
            self._free.put(request)


def _openvino() -> Any:
    """The library, which keeps few kernels, without the part that would report its use to its makers."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    library: Any = openvino
    _keep_few_kernels(library)
    return library


@cache
def _keep_few_kernels(library: Any) -> None:
    """Let oneDNN know how many it shall keep, for which it asks when it first computes.

    PyTorch has a oneDNN of its own, and needs hundreds in each step of a training: it must not be told the same.
    """
    if ASKED in os.environ:
        return
    layers = library.opset13
    comes = layers.parameter([1, 1, 4, 4], np.float32)
    kernels = layers.constant(np.ones((1, 1, 3, 3), np.float32))
    convolution = layers.convolution(comes, kernels, [1, 1], [0, 0], [0, 0], [1, 1])
    os.environ[ASKED] = str(KERNELS)
    try:
        library.Core().compile_model(library.Model([convolution], [comes]), "CPU", FULL)
    finally:
        del os.environ[ASKED]


def _round_to_bytes(model: openvino.Model, ranges: Ranges) -> None:
    """Round what comes into the convolutions with known ranges, and their kernels."""
    rounded: dict[tuple[str, int], Any] = {}
    for layer in model.get_ops():
        span = ranges.get(layer.get_friendly_name())
        if layer.get_type_name() not in CONVOLUTIONS or span is None:
            continue
        comes, kernels = layer.input_value(0), layer.input_value(1)
        key = comes.get_node().get_friendly_name(), comes.get_index()
        if key not in rounded:
            rounded[key] = _rounded(comes, *steps(*span), levels=256)
        layer.input(0).replace_source_output(rounded[key].output(0))
        numbers = kernels.get_node().data
        others = tuple(axis for axis in range(numbers.ndim) if axis != CONVOLUTIONS[layer.get_type_name()])
        largest = np.abs(numbers).max(others, keepdims=True).astype(np.float32).clip(TINY)
        largest *= KERNEL_STEPS / kernel_steps()
        layer.input(1).replace_source_output(_rounded(kernels, -largest, largest, levels=255).output(0))
    model.validate_nodes_and_infer_types()


def _rounded(numbers: Any, low: np.ndarray | float, high: np.ndarray | float, levels: int) -> Any:
    """Numbers rounded to so many steps from `low` to `high`."""
    from openvino import opset13 as layers

    ends = [layers.constant(np.asarray(end, np.float32)) for end in (low, high)]
    return layers.fake_quantize(numbers, *ends, *ends, levels)
