"""One `.safetensors` file: weights, plan, provenance, history and a self-test. Nothing is ever unpickled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from morula.errors import ModelError, reason
from morula.files import whole_file
from morula.models.builtin import names_in_words
from morula.models.plan import Plan
from morula.models.quantisation import Ranges
from morula.names.endings import IMAGE_ENDINGS, ending
from morula.networks.unet import UNet
from morula.trust.memory import Memory
from morula.trust.quality import Quality
from morula.trust.usual import Usual

FORMAT = "morula 4"
WEIGHTS, SELF_TEST, RANGES, MEMORY, QUALITY = "weights.", "self_test.", "ranges.", "memory.", "quality."


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
    tensors = {WEIGHTS + name: tensor.detach().cpu().contiguous()
               for name, tensor in contents.network.state_dict().items()}
    tensors |= {SELF_TEST + name: tensor.contiguous() for name, tensor in contents.self_test.items()}
    tensors |= {RANGES + name: torch.tensor(span) for name, span in contents.ranges.items()}
    if contents.memory:
        tensors |= {MEMORY + name: torch.from_numpy(part.copy()) for name, part in vars(contents.memory).items()}
    if contents.quality:
        tensors |= {QUALITY + name: torch.tensor(array) for name, array in contents.quality.arrays().items()}
    texts = {"plan": contents.plan.model_dump_json(), "record": json.dumps(contents.record, allow_nan=False)}
    if contents.usual:
        texts["usual"] = contents.usual.model_dump_json()
    header = {"format": FORMAT, **texts, "digest": _digest(texts, tensors)}
    with whole_file(path) as temporary:
        save_file(tensors, temporary, metadata=header)


def read_model(path: Path) -> Contents:
    """Read a model; the tensors must be exactly those of the network that its plan describes.

    Raises:
        ModelError: there is no such file, or it is damaged, or no model of Morula.
    """
    path = Path(path)
    try:
        _require_model(path)
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            _require_format(path, header.get("format", "not stated"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        texts = {name: header[name] for name in ("plan", "record", "usual") if name in header}
        if header["digest"] != _digest(texts, tensors):
            raise ValueError("its contents changed after it was written")
        plan = Plan.model_validate_json(header["plan"])
        usual = Usual.model_validate_json(texts["usual"]) if "usual" in texts else None
        record = json.loads(header["record"])
        network = _build(plan, {name.removeprefix(WEIGHTS): tensor for name, tensor in tensors.items()
                                if name.startswith(WEIGHTS)})
        ranges = {name.removeprefix(RANGES): (span[0].item(), span[1].item())
                  for name, span in tensors.items() if name.startswith(RANGES)}
        remembered = {name.removeprefix(MEMORY): tensor.numpy() for name, tensor in tensors.items()
                      if name.startswith(MEMORY)}
        memory = Memory(**remembered) if remembered else None
        learned = {name.removeprefix(QUALITY): tensor.numpy() for name, tensor in tensors.items()
                   if name.startswith(QUALITY)}
        quality = Quality.from_arrays(learned) if learned else None
        self_test = {part: tensors[SELF_TEST + part] for part in ("input", "output")}
    except (SafetensorError, ValidationError, KeyError, ValueError, TypeError, RuntimeError, OSError) as error:
        raise ModelError(f"{path}: the model file is damaged ({reason(error)}). "
                         "Copy it again from where it came, or train again.") from error
    return Contents(plan, network, record, self_test, ranges, usual, memory, quality)


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
        kind = "an image" if ending(path) in IMAGE_ENDINGS else "a file of another kind"
        raise ModelError(f"{path} is no model of Morula, but {kind}. {wanted}")


def _require_format(path: Path, found: str) -> None:
    if found == FORMAT:
        return
    if found.startswith("morula "):
        raise ModelError(f"{path}: the model is of another version of Morula (its format is {found!r}, this version "
                         f"reads {FORMAT!r}). Use the version that made it, or train again.")
    raise ModelError(f"{path}: this is no model of Morula (its format is {found!r}, expected {FORMAT!r}).")


def _digest(texts: dict[str, str], tensors: dict[str, Tensor]) -> str:
    """The same for the same contents only, so that not one changed byte goes unnoticed."""
    digest = hashlib.sha256(json.dumps(texts).encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _build(plan: Plan, weights: dict[str, Tensor]) -> UNet:
    """The network with the given weights; a plan that asks for more than the file holds allocates nothing."""
    with torch.device("meta"):
        network = UNet(plan.architecture)
    network.load_state_dict(weights, strict=True, assign=True)
    return network.requires_grad_(False).eval()
