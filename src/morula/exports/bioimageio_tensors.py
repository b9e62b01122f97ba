"""What goes into a model and what comes out, and how pixels are normalised first, as bioimage.io describes it."""

from __future__ import annotations

import re
from typing import Any

from morula.errors import RequestError
from morula.exports.onnx_graph import INPUT, OUTPUT
from morula.exports.usage import Usage

Described = dict[str, Any]
EPSILON = 1e-6
"""What is added to the distance of the percentiles, so that nothing is divided by 0."""


def described_input(usage: Usage, example: Described) -> Described:
    """Images: their axes with the sizes that they may have, and what happens to pixels first; `example` is a file."""
    sizes = usage.space or [{"min": least, "step": step} for least, step in zip(usage.least, usage.step, strict=True)]
    return {
        "id": INPUT, "description": "An image as it was stored.",
        "axes": [*_batch_and_channels(usage.channels),
                 *({**axis, "size": size} for axis, size in zip(_space(usage), sizes, strict=True))],
        "data": {"type": "float32"}, "test_tensor": example, "preprocessing": normalising_steps(usage),
    }


def described_output(usage: Usage, example: Described) -> Described:
    """Maps of the size of the image; `example` is a file.

    No halo is declared, though pieces have one: bioimageio.core would mirror whole images by so much, which changes
    what lies at their ends and their mean and deviation, and with them up to some percent of the pixels of a mask.
    """
    return {
        "id": OUTPUT, "description": f"Maps from 0 to 1; {usage.decision}.",
        "axes": [*_batch_and_channels(usage.maps),
                 *({**axis, "size": {"tensor_id": INPUT, "axis_id": axis["id"]}} for axis in _space(usage))],
        "data": {"type": "float32", "range": [0.0, 1.0]}, "test_tensor": example,
    }


def normalising_steps(usage: Usage) -> list[Described]:
    """What comes before the network: percentiles to 0 and 1, and what is beyond them clipped.

    The network of a package does the rest. A second step that measures the image would not mean the same everywhere:
    some programs measure it as the first step left it, others (bioimageio.core) as it was stored. Clipping at
    percentiles is the same after they were scaled, and mean 0 and deviation 1 undo the scaling.

    Raises:
        RequestError: the percentiles are none that bioimage.io allows.
    """
    low, high = usage.intensity.low, usage.intensity.high
    if not (low < high and high > 1):
        raise RequestError(f"The model clips pixels at the percentiles {low:g} and {high:g}. A package allows only an "
                           "upper one above 1 and above the lower. Export it --to onnx.")
    over = [*(["channel"] if usage.together else []), *usage.axes]
    ends = {"axes": over, "min_percentile": low, "max_percentile": high, "eps": EPSILON}
    return [
        {"id": "ensure_dtype", "kwargs": {"dtype": "float32"}},
        {"id": "scale_range", "kwargs": ends},
        {"id": "clip", "kwargs": {"min": 0.0, "max": 1.0}},
        {"id": "ensure_dtype", "kwargs": {"dtype": "float32"}},
    ]


def identifiers(names: tuple[str, ...]) -> list[str]:
    """Names as bioimage.io allows them: letters, digits and _, no digit first, each once.

    >>> identifiers(("DAPI", "channel 2", "2"))
    ['DAPI', 'channel_2', '_2']
    """
    plain = [re.sub(r"^(?=\d)", "_", re.sub(r"\W", "_", name, flags=re.ASCII)) or "_" for name in names]
    return plain if len({*plain}) == len(plain) else [f"{name}_{place}" for place, name in enumerate(plain)]


def _batch_and_channels(names: tuple[str, ...]) -> list[Described]:
    return [{"type": "batch", "id": "batch"}, {"type": "channel", "id": "channel", "channel_names": identifiers(names)}]


def _space(usage: Usage) -> list[Described]:
    """The spatial axes, with unit and size of a pixel where these are known."""
    sizes = usage.pixel_size
    known = [{"unit": "micrometer", "scale": size} for size in sizes] if sizes else [{}] * len(usage.axes)
    return [{"type": "space", "id": axis, **pixel} for axis, pixel in zip(usage.axes, known, strict=True)]
