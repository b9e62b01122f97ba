"""The file of a model: weights, plan, provenance, history and a self-test, each held to what a model can be."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from morula.errors import ModelError, reason
from morula.models.builtin import names_in_words
from morula.models.made import check_record
from morula.models.plan import Plan
from morula.models.quantisation import Ranges, rounded_layers
from morula.models.sealed import (
    DAMAGES,
    Form,
    Sealed,
    parts_of,
    plain_data,
    read_header,
    read_sealed,
    require_forms,
    write_sealed,
)
from morula.names.endings import FILE_ENDINGS, ending
from morula.networks.architecture import Architecture
from morula.networks.unet import UNet
from morula.trust.memory import FEATURES, Memory
from morula.trust.quality import Quality
from morula.trust.usual import Usual

OURS = "morula "
FORMAT = f"{OURS}5"
TEXTS = ("plan", "record", "usual")
WEIGHTS, SELF_TEST, RANGES, MEMORY, QUALITY = PARTS = "weights", "self_test", "ranges", "memory", "quality"
LARGEST_SELF_TEST = 2**22
"""Pixels."""


@dataclass(frozen=True)
class Contents:
    """What a model file holds.

    Attributes:
        plan: how the network is built and used.
        network: the trained network.
        record: provenance, history, scores and whatever else is JSON.
        self_test: `input` and the `output` (probabilities) that the network gave when it was saved.
        ranges: what its convolutions have seen come in, by their names; empty where that is not known.
        usual: what its masks are usually like, where that is known.
        memory: what it remembers of the annotated frames; None where it remembers none.
        quality: what it has learned about its own masks; None where it has not.
    """

    plan: Plan
    network: UNet
    record: dict[str, Any]
    self_test: dict[str, Tensor]
    ranges: Ranges
    usual: Usual | None = None
    memory: Memory | None = None
    quality: Quality | None = None


def write_model(path: Path, contents: Contents) -> None:
    """Write a model, whole or not at all."""
    memory, quality = contents.memory, contents.quality
    parts: dict[str, Mapping[str, Tensor]] = {
        WEIGHTS: contents.network.state_dict(),
        SELF_TEST: contents.self_test,
        RANGES: {name: torch.tensor(span) for name, span in contents.ranges.items()},
        MEMORY: {name: torch.from_numpy(part.copy()) for name, part in vars(memory).items()} if memory else {},
        QUALITY: {name: torch.tensor(array) for name, array in quality.arrays().items()} if quality else {},
    }
    texts = {"plan": contents.plan.model_dump_json(), "record": json.dumps(contents.record, allow_nan=False)}
    if contents.usual:
        texts["usual"] = contents.usual.model_dump_json()
    tensors = {f"{part}.{name}": tensor for part, found in parts.items() for name, tensor in found.items()}
    write_sealed(path, FORMAT, Sealed(texts, tensors))


def read_model(path: Path) -> Contents:
    """Read a model, whole: each of its texts and tensors must be one that a model has, and fit its plan.

    Raises:
        ModelError: there is no such file, or it is damaged, or no model of Morula.
    """
    path = Path(path)
    try:
        _require_model(path)
        _require_format(path, read_header(path).get("format", "not stated"))
        return _understood(read_sealed(path, TEXTS))
    except DAMAGES as error:
        raise ModelError(f"{path}: the model file is damaged ({reason(error)}). "
                         "Copy it again from where it came, or train again.") from error


def is_model(path: Path) -> bool:
    """Whether a file is a model of Morula, of any version: its header says so, and no more of it is read."""
    try:
        return path.is_file() and read_header(path).get("format", "").startswith(OURS)
    except DAMAGES:
        return False


def _understood(sealed: Sealed) -> Contents:
    texts = {name: plain_data(text) for name, text in sealed.texts.items()}
    plan = Plan.model_validate_json(sealed.texts["plan"])
    plan.require_fit()
    usual = Usual.model_validate_json(sealed.texts["usual"]) if "usual" in texts else None
    check_record(texts["record"])
    parts = parts_of(sealed.tensors, PARTS)
    network = _build(plan.architecture, parts[WEIGHTS])
    sides = self_test_sides(plan)
    require_forms(parts[SELF_TEST], {"input": Form((1, len(plan.channels), *sides), torch.float32),
                                     "output": Form((1, _maps(plan), *sides), torch.float32)})
    return Contents(plan, network, texts["record"], parts[SELF_TEST], _ranges(network, parts[RANGES]), usual,
                    _memory(plan, parts[MEMORY]), _quality(plan, parts[QUALITY]))


def _memory(plan: Plan, tensors: Mapping[str, Tensor]) -> Memory | None:
    if not tensors:
        return None
    require_forms(tensors, {"appearances": Form((None, FEATURES * len(plan.channels)), torch.float32),
                            "digests": Form((None, 16), torch.uint8)})
    return Memory(tensors["appearances"].numpy(), tensors["digests"].numpy())


def _quality(plan: Plan, tensors: Mapping[str, Tensor]) -> Quality | None:
    if not tensors:
        return None
    shapes = Quality.shapes(len(plan.classes), len(plan.channels))
    require_forms(tensors, {name: Form(shape, torch.float64) for name, shape in shapes.items()})
    return Quality.from_arrays({name: tensor.numpy() for name, tensor in tensors.items()})


def self_test_sides(plan: Plan) -> tuple[int, ...]:
    """The sides of the image of a self-test.

    Raises:
        ValueError: it would take too long.
    """
    sides = tuple(side * -(-32 // side) for side in plan.architecture.multiple)
    if math.prod(sides) > LARGEST_SELF_TEST:
        raise ValueError(f"the sides of its images would be multiples of {' × '.join(map(str, sides))}")
    return sides


def _maps(plan: Plan) -> int:
    """What comes out for each pixel: the probability of each class with background, and perhaps the distance."""
    return plan.architecture.classes + plan.architecture.distance


def _ranges(network: UNet, spans: Mapping[str, Tensor]) -> Ranges:
    known = dict.fromkeys(rounded_layers(network), Form((2,), torch.float32))
    require_forms(spans, {name: form for name, form in known.items() if name in spans})
    ranges = {name: (span[0].item(), span[1].item()) for name, span in spans.items()}
    if not all(low <= high for low, high in ranges.values()):
        raise ValueError("a range ends before it begins")
    return ranges


def _require_model(path: Path) -> None:
    """Refuse what cannot be a model: what is not there, a folder, or a file of another kind."""
    wanted = f"Give the file that `morula train --out` wrote.{names_in_words()}"
    if path.is_dir():
        raise ModelError(f"{path} is a folder, and a model is a file. {wanted}")
    if not path.is_file():
        raise ModelError(f"{path}: there is no such model file. {wanted}")
    with path.open("rb") as file:
        beginning = file.read(9)
    if len(beginning) == 9 and beginning[8:] != b"{":  # the length of a text, and that text
        kind = "an image" if ending(path) in FILE_ENDINGS else "a file of another kind"
        raise ModelError(f"{path} is no model of Morula, but {kind}. {wanted}")


def _require_format(path: Path, found: str) -> None:
    if found == FORMAT:
        return
    if found.startswith(OURS):
        raise ModelError(f"{path}: the model is of another version of Morula (its format is {found!r}, this version "
                         f"reads {FORMAT!r}). Use the version that made it, or train again.")
    raise ModelError(f"{path}: this is no model of Morula (its format is {found!r}, expected {FORMAT!r}).")


def _build(architecture: Architecture, weights: Mapping[str, Tensor]) -> UNet:
    """The network with the given weights; a plan that asks for more than the file holds allocates nothing."""
    with torch.device("meta"):
        network = UNet(architecture)
    require_forms(weights, {name: Form(tensor.shape, tensor.dtype) for name, tensor in network.state_dict().items()})
    network.load_state_dict(weights, strict=True, assign=True)
    return network.requires_grad_(False).eval()
