"""The start: weights learned from drawings, with which a training begins that goes on from no model.

A training takes of it whatever fits its network, for any number of channels, classes and stages. The head, which knows
what the drawings called foreground, is left out: what is wanted is said by the masks.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from morula.errors import ModelError, reason
from morula.images.colours import COLOURS
from morula.models.builtin import ENDING, FOLDER
from morula.models.plan import Plan
from morula.models.sealed import DAMAGES, Form, Sealed, plain_data, read_sealed, require_forms, write_sealed
from morula.networks.architecture import Architecture
from morula.networks.layers import ConvUnit
from morula.networks.tensor_shapes import growing, shapes_of
from morula.networks.unet import UNet

STARTS = FOLDER / "start"
"""Where the files of all starts lie, as `make pretrained` writes them."""
FORMAT = "morula start 1"
HEADS = ("head.", "side_heads.", "detail.")
LONGEST = 2.0
"""How long kernels before a normalisation may be, as a multiple of random ones. Their length changes nothing of what is
seen, but Muon's steps have one length, and would hardly turn those of a long training, eight times as long."""
FREE = ("inputs", "outputs", "distance", "detail", "depth", "strides", "dropout", "deep_supervision")
"""In which a network may differ from the one that a start is of."""


@dataclass(frozen=True)
class Start:
    """What one network has learned from drawings.

    Attributes:
        architecture: of the network, which saw pictures in colours, or volumes in grey.
        weights: its tensors but for the heads, in half precision, which is all that a beginning needs.
        record: what made it, and what it was worth.
        name: what it is called, with twelve letters and digits that no other file has.
    """

    architecture: Architecture
    weights: Mapping[str, Tensor]
    record: Mapping[str, Any]
    name: str = ""

    @classmethod
    def of(cls, architecture: Architecture, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> Start:
        """What there is to keep of a trained network."""
        kept = {name: tensor.detach().cpu().half().contiguous()
                for name, tensor in _shortened(architecture, tensors).items()
                if _is_kept(name)}
        return cls(architecture, kept, record)

    def save(self, path: Path) -> None:
        """Write it as a `.safetensors` file, whole or not at all."""
        texts = {"architecture": self.architecture.model_dump_json(), "record": json.dumps(self.record)}
        write_sealed(path, FORMAT, Sealed(texts, dict(self.weights)))

    @classmethod
    def load(cls, path: Path) -> Start:
        """Read what `save` wrote, which is all of a network but its heads.

        Raises:
            ModelError: it is damaged.
        """
        try:
            sealed = read_sealed(path, ("architecture", "record"), older=True)
            plain_data(sealed.texts["architecture"])
            architecture = Architecture.model_validate_json(sealed.texts["architecture"])
            record = plain_data(sealed.texts["record"])
            require_forms(sealed.tensors, {name: Form(shape, torch.float16)
                                           for name, shape in shapes_of(architecture).items() if _is_kept(name)})
        except DAMAGES as error:
            raise ModelError(f"{path}: what trainings begin with is damaged ({reason(error)}). Install Morula again, "
                             "or begin with --from-nothing.") from error
        name = f"{path.stem} {hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        return cls(architecture, sealed.tensors, record, name)

    def fits(self, architecture: Architecture) -> bool:
        """Whether a network is built alike, but for what each training has of its own."""
        return _built(self.architecture) == _built(architecture)

    def fitted(self, plan: Plan) -> dict[str, Tensor]:
        """Its tensors in the shapes of the network of a plan; what has none there is left out."""
        shapes, reading = shapes_of(plan.architecture), growing(self.architecture, "inputs")
        found = {}
        for name, stored in self.weights.items():
            tensor, shape = stored.float(), shapes.get(name)
            if shape is None:
                continue
            if name in reading:
                tensor = _by_channel(tensor, reading[name], plan.channels)
            if name.startswith("up.") and tensor.shape[:2] == shape[:2]:
                tensor = _shorter(tensor, shape)
            if tensor.shape == shape:
                found[name] = tensor
        return found


def start_of(plan: Plan) -> Start | None:
    """The start that fits the network of a plan; None where none does."""
    known = map(Start.load, sorted(STARTS.glob(f"*{ENDING}")))
    return next((one for one in known if one.fits(plan.architecture)), None)


def _is_kept(name: str) -> bool:
    """All but the heads, and how many batches a normalisation has seen."""
    return not name.startswith(HEADS) and not name.endswith(".num_batches_tracked")


def _built(architecture: Architecture) -> dict[str, Any]:
    return architecture.model_dump(exclude=set(FREE))


def _shortened(architecture: Architecture, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same network with kernels before a normalisation that are not too long, and statistics that fit them."""
    with torch.device("meta"):
        units = [name for name, module in UNet(architecture).named_modules() if isinstance(module, ConvUnit)]
    found = dict(tensors)
    for unit in units:
        kernel = tensors[f"{unit}.0.weight"]
        usual = math.sqrt(len(kernel) / 3)  # of a kernel drawn as PyTorch draws them
        share = min(1.0, LONGEST * usual / float(kernel.norm()))
        found[f"{unit}.0.weight"] = kernel * share
        found[f"{unit}.1.running_mean"] = tensors[f"{unit}.1.running_mean"] * share
        found[f"{unit}.1.running_var"] = tensors[f"{unit}.1.running_var"] * share**2
    return found


def _by_channel(tensor: Tensor, axis: int, channels: tuple[str, ...]) -> Tensor:
    """Kernels for other channels: grey is all of those before at once, and others share what grey is given."""
    if channels == COLOURS and tensor.shape[axis] == len(COLOURS):
        return tensor
    grey = tensor.sum(axis, keepdim=True)
    return torch.cat([grey / len(channels)] * len(channels), axis)


def _shorter(tensor: Tensor, shape: torch.Size) -> Tensor:
    """A kernel that enlarges, for axes that are not enlarged there."""
    for axis, (side, wanted) in enumerate(zip(tensor.shape, shape, strict=True)):
        if wanted == 1 < side:
            tensor = tensor.mean(axis, keepdim=True)
    return tensor
